/**
 * The scopes of Writ's own API, each with the sentence that a person reads before granting it. Those
 * that write clients, roles and resources are for administrators: whoever makes clients decides what
 * they may do at every API behind this server.
 */
export const apiScopes = {
  'clients:read': 'See the clients and their settings',
  'clients:write': 'Make, change, disable and delete clients and their secrets',
  'roles:read': 'See the roles and the permissions they give',
  'roles:write': 'Make and change roles',
  'resources:read': 'See the resources that tokens are for',
  'resources:write': 'Make and change resources',
  'accounts:read': 'See the accounts of people, their names, e-mail addresses and roles',
  'accounts:write': 'Make, change and disable accounts of people',
  'tokens:read': 'See what tokens there are, what they may do and whether they are active',
  'tokens:write': 'Revoke tokens',
  'keys:read': 'See which keys sign tokens, and since when',
  'keys:write': 'Rotate, revoke and reseal keys',
  'audit:read': 'See who did what, when and from where',
  'diagnostics:read': 'See whether the server and what it depends on are in order',
  'changes:read': 'Follow the feed of what ended tokens or altered what they may do',
} as const;

export type ApiScope = keyof typeof apiScopes;

/** The scopes of OpenID Connect that a login can carry; they belong to no resource. */
export const openIdScopes = ['openid', 'offline_access'] as const;
