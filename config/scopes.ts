/**
 * The scopes of Writ's own API, each with the sentence that a person reads before granting it. Those that write clients,
 * roles and resources are for administrators: they decide what clients can do at every API behind this server.
 */
export const apiScopes = {
  'clients:read': 'See the clients and their settings',
  'clients:write': 'Create, change, disable and delete clients, their secrets and API keys',
  'apps:read': 'See apps with their clients, members, roles and activity',
  'apps:write': 'Create, change and delete apps, their clients, members and roles',
  'roles:read': 'See the roles and the permissions they give',
  'roles:write': 'Create and change roles',
  'resources:read': 'See the resources that tokens are for',
  'resources:write': 'Create and change resources',
  'accounts:read': 'See the accounts of people, their names, email addresses and roles',
  'accounts:support':
    'Sign people out, disable and enable their accounts, and reset their second factors',
  'accounts:write': 'Create, change and disable accounts of people',
  'tokens:read': 'See tokens, their scopes and whether they are active',
  'tokens:revoke': 'Revoke tokens of people and end their logins',
  'tokens:write': 'Create, change and revoke tokens',
  'keys:read': 'See which keys sign tokens, and since when',
  'keys:write': 'Rotate, revoke and reseal keys',
  'audit:read': 'See who did what, when and from where',
  'diagnostics:read': 'See the health of the server and its dependencies',
  'changes:read': 'Follow the feed of revocations and changes of tokens',
  'revocations:read': 'Follow revocations of the tokens of its own APIs',
  'signals:manage': 'Receive security events about the tokens of its own APIs',
} as const;

export type ApiScope = keyof typeof apiScopes;

/** Scopes that are part of others. */
const implied: Readonly<Partial<Record<string, ApiScope>>> = {
  'accounts:write': 'accounts:support',
  'tokens:write': 'tokens:revoke',
};

/** The scopes, with those that are part of them. */
export const withImplied = (scopes: Iterable<string>): Set<string> =>
  new Set([...scopes].flatMap((name) => [name, implied[name] ?? name]));

/**
 * Scopes that the token of any person can have; they give access only to the person's own apps. All others are for
 * administrators.
 */
const personalScopes: readonly ApiScope[] = ['apps:read', 'apps:write'];

export const isPersonalScope = (name: string): boolean =>
  (personalScopes as readonly string[]).includes(name);

/** Scopes that an API key of a client can have: they give access to the token API, only for tokens of that client. */
export const apiKeyScopes: readonly ApiScope[] = ['tokens:read', 'tokens:write'];

/**
 * Scopes of Writ's own API that a personal access token can have: only those that read. Those that write create
 * credentials, which outlive the token, or extend rights: `roles:write` and `resources:write` change the permissions of
 * every token, and the scopes that new ones can have. A new scope is not allowed until it is listed here.
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

/** The scopes of OpenID Connect that a login can have; they belong to no resource. */
export const openIdScopes = [
  'openid',
  'profile',
  'email',
  'phone',
  'address',
  'roles',
  'groups',
  'offline_access',
] as const;

/** Those that mean something only beside `openid`, because a resource can have scopes with these names. */
export const scopesBesideOpenId: readonly string[] = ['phone', 'address', 'roles', 'groups'];

export const isOpenIdScope = (name: string): boolean =>
  (openIdScopes as readonly string[]).includes(name);
