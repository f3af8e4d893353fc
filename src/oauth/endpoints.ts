/** Where each protocol endpoint answers. Published in discovery, so a change here breaks clients that cached it. */
export const endpoints = {
  authorization: '/connect/authorize',
  pushed_authorization_request: '/connect/par',
  token: '/connect/token',
  introspection: '/connect/introspect',
  revocation: '/connect/revocation',
  userinfo: '/connect/userinfo',
  jwks: '/.well-known/openid-configuration/jwks',
} as const;
