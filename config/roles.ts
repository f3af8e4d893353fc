/** The role of accounts that may have tokens for Writ's own API; no other account can hand those out. */
export const administratorRole = 'administrator';

/** So much can be in one role of the installation; the roles of apps have limits of their own in `apps.ts`. */
export const roleLimits = { permissions: 500, names: 5_000, description: 500 } as const;
