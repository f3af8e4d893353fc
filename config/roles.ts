import type { ApiScope } from './scopes.ts';

/** The role of the accounts that have every scope of Writ's own API. */
export const administratorRole = 'administrator';

/** The maximum per role of the installation; the roles of apps have their limits in `apps.ts`. */
export const roleLimits = { permissions: 500, names: 5_000, description: 500 } as const;

/** Names of roles that are safe in claims, headers and URLs. */
export const roleName = {
  pattern: /^[A-Za-z][A-Za-z0-9._-]{0,99}$/,
  problem:
    'must have 1 to 100 letters, digits, dots, dashes and underscores, and start with a letter',
} as const;

/** The roles that a new installation begins with, besides that of administrators. They can be changed and deleted. */
export const firstRoles: readonly { name: string; description: string; apiScopes: ApiScope[] }[] = [
  {
    name: 'support',
    description:
      'Helps people: sees accounts and tokens, signs people out, disables accounts, resets second factors, revokes tokens',
    apiScopes: ['accounts:read', 'accounts:support', 'tokens:read', 'tokens:revoke'],
  },
  {
    name: 'auditor',
    description: 'Sees everything in Writ, and changes nothing',
    apiScopes: [
      ...(['clients:read', 'apps:read', 'roles:read', 'resources:read', 'accounts:read'] as const),
      ...(['tokens:read', 'keys:read', 'audit:read', 'diagnostics:read', 'changes:read'] as const),
    ],
  },
  {
    name: 'developer-relations',
    description: 'Manages the apps of all people, and resources',
    apiScopes: [
      ...(['apps:read', 'apps:write', 'resources:read', 'resources:write'] as const),
      ...(['clients:read', 'roles:read'] as const),
    ],
  },
];
