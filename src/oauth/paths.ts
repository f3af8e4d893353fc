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
  /** Where people are sent with the code of a device (RFC 8628 §3.3). Our page answers there, never the engine. */
  code_verification: '/device',
} as const;

/** What guards of APIs ask besides introspection: `src/protocol/guard.ts`. */
export const guardPaths = {
  usage: '/connect/guard/usage',
  anonymous: '/connect/guard/anonymous',
} as const;

/** The methods that each protocol endpoint takes, as the `Allow` header lists them (RFC 9110 §10.2.1). */
export const allowedMethods: Readonly<Record<string, string>> = {
  [endpoints.authorization]: 'GET, HEAD, POST',
  [endpoints.pushed_authorization_request]: 'POST, OPTIONS',
  [endpoints.device_authorization]: 'POST, OPTIONS',
  [endpoints.token]: 'POST, OPTIONS',
  [endpoints.introspection]: 'POST',
  [guardPaths.usage]: 'POST',
  [guardPaths.anonymous]: 'POST',
  [endpoints.revocation]: 'POST, OPTIONS',
  [endpoints.userinfo]: 'GET, HEAD, POST, OPTIONS',
  [endpoints.jwks]: 'GET, HEAD, OPTIONS',
  // OpenID Connect Discovery §4, and the same document by its OAuth name (RFC 8414 §3).
  '/.well-known/openid-configuration': 'GET, HEAD, OPTIONS',
  '/.well-known/oauth-authorization-server': 'GET, HEAD, OPTIONS',
};

/**
 * Whether only programs ask at a path, so that it answers JSON (RFC 6749 §5.2) whatever the request accepts. People
 * come to the authorization endpoint alone.
 */
export const isForPrograms = (path: string): boolean =>
  /^\/(connect|\.well-known|api)(\/|$)/i.test(path) &&
  path !== endpoints.authorization &&
  !path.startsWith(`${endpoints.authorization}/`);

/** The OpenAPI document of `/api/v1`, for everyone. */
export const openApiPath = '/api/v1/openapi.json';

/** The page on which a person answers an authorization request; `uid` names the request. */
export const consentPath = (uid: string): string => `/consent/${uid}`;

/** Where a sign-in leads back to with the sealed authorization request that it was for. */
export const continuePath = `${endpoints.authorization}/continue`;

/** The page on which a person signs in to go on with an authorization request, and the address that the app expects. */
export const signInForRequestPath = (sealed: string, loginHint: string | undefined): string =>
  `/sign-in?${new URLSearchParams({
    return_to: `${continuePath}?request=${sealed}`,
    ...(loginHint && { login_hint: loginHint }),
  })}`;

/** Where the browser takes an answered authorization request back to the engine. */
export const resumePath = (uid: string): string => `${endpoints.authorization}/${uid}`;
