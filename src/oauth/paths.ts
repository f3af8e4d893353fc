/** Where each protocol endpoint answers. Published in discovery, so a change here breaks clients that cached it. */
export const endpoints = {
  authorization: '/connect/authorize',
  pushed_authorization_request: '/connect/par',
  device_authorization: '/connect/deviceauthorization',
  token: '/connect/token',
  introspection: '/connect/introspect',
  revocation: '/connect/revocation',
  userinfo: '/connect/userinfo',
  jwks: '/.well-known/openid-configuration/jwks',
  /** Where people are sent with the code of a device (RFC 8628 §3.3). Ours answers there, never the engine. */
  code_verification: '/device',
} as const;
