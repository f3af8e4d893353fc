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
  'tokens:read': 'See what a token is and whether it is active',
  'tokens:write': 'Revoke tokens',
  'changes:read': 'Follow the feed of what ended tokens or altered what they may do',
} as const;

export type ApiScope = keyof typeof apiScopes;

/** The scopes of OpenID Connect that a login can carry; they belong to no resource. */
export const openIdScopes = ['openid', 'offline_access'] as const;
