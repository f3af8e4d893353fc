/**
 * The scopes of Writ's own API, each with the sentence that a person reads before granting it. Those
 * that write clients, roles and resources are for administrators: whoever makes clients decides what
 * they may do at every API behind this server.
 */
export const apiScopes = {
  'clients:read': 'See the clients and their settings',
  'clients:write': 'Make, change, disable and delete clients, their secrets and API keys',
  'apps:read': 'See apps with their clients, members, roles and what happened in them',
  'apps:write': 'Make, change and delete apps, their clients, members and roles',
  'roles:read': 'See the roles and the permissions they give',
  'roles:write': 'Make and change roles',
  'resources:read': 'See the resources that tokens are for',
  'resources:write': 'Make and change resources',
  'accounts:read': 'See the accounts of people, their names, e-mail addresses and roles',
  'accounts:write': 'Make, change and disable accounts of people',
  'tokens:read': 'See what tokens there are, what they may do and whether they are active',
  'tokens:write': 'Make, change and revoke tokens',
  'keys:read': 'See which keys sign tokens, and since when',
  'keys:write': 'Rotate, revoke and reseal keys',
  'audit:read': 'See who did what, when and from where',
  'diagnostics:read': 'See whether the server and what it depends on are in order',
  'changes:read': 'Follow the feed of what ended tokens or altered what they may do',
} as const;

export type ApiScope = keyof typeof apiScopes;

/**
 * Those that the token of any person can carry, who is then let at what is theirs alone: their own apps.
 * For all others they must be an administrator.
 */
const personalScopes: readonly ApiScope[] = ['apps:read', 'apps:write'];

export const isPersonalScope = (name: string): boolean =>
  (personalScopes as readonly string[]).includes(name);

/** Those that an API key of a client can carry: what it opens is the token API, for tokens of that client alone. */
export const apiKeyScopes: readonly ApiScope[] = ['tokens:read', 'tokens:write'];

/**
 * Those of Writ's own API that a personal access token can carry: they read. Each that writes creates
 * credentials, which outlive the token, or more rights: of `roles:write` and `resources:write`, the
 * permissions of every token that there is, and the scopes that new ones can have. A new scope is not among
 * these until it is listed here.
 */
export const personalTokenScopes: readonly ApiScope[] = [
  'clients:read',
  'apps:read',
  'roles:read',
  'resources:read',
  'accounts:read',
  'tokens:read',
  'keys:read',
  'audit:read',
  'diagnostics:read',
  'changes:read',
];

/** The scopes of OpenID Connect that a login can carry; they belong to no resource. */
export const openIdScopes = ['openid', 'profile', 'email', 'offline_access'] as const;
