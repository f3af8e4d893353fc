/** The role of the accounts that can have tokens for Writ's own API. */
export const administratorRole = 'administrator';

/** The maximum per role of the installation; the roles of apps have their limits in `apps.ts`. */
export const roleLimits = { permissions: 500, names: 5_000, description: 500 } as const;
