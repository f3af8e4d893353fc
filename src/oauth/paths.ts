/** The path of each protocol endpoint. They are published in discovery, so a change breaks clients that cached them. */
export const endpoints = {
  authorization: '/connect/authorize',
  pushed_authorization_request: '/connect/par',
  device_authorization: '/connect/deviceauthorization',
  token: '/connect/token',
  introspection: '/connect/introspect',
  revocation: '/connect/revocation',
  userinfo: '/connect/userinfo',
  end_session: '/connect/endsession',
  /** Where clients register themselves (RFC 7591), and below it their registrations (RFC 7592). */
  registration: '/connect/register',
  jwks: '/.well-known/openid-configuration/jwks',
  /** Where people enter the user code of a device (RFC 8628 §3.3). A page of Writ, never the engine's. */
  code_verification: '/device',
} as const;

/** The endpoints of API guards besides introspection; see `src/protocol/guard.ts`. */
export const guardPaths = {
  introspection: '/connect/guard/introspect',
  usage: '/connect/guard/usage',
  anonymous: '/connect/guard/anonymous',
} as const;

/** Where the metadata of Writ's own API is, below the origin of an issuer without a path (RFC 9728 §3.1). */
export const apiMetadataPath = '/.well-known/oauth-protected-resource/api/v1';

/** The metadata of the transmitter of Shared Signals (SSF 1.0 §7.2). */
export const signalConfigurationPath = '/.well-known/ssf-configuration';

/** The methods of each protocol endpoint, in the form of the `Allow` header (RFC 9110 §10.2.1). */
export const allowedMethods: Readonly<Record<string, string>> = {
  [endpoints.authorization]: 'GET, HEAD, POST',
  [endpoints.pushed_authorization_request]: 'POST, OPTIONS',
  [endpoints.device_authorization]: 'POST, OPTIONS',
  [endpoints.token]: 'POST, OPTIONS',
  [endpoints.introspection]: 'POST',
  [guardPaths.introspection]: 'POST',
  [guardPaths.usage]: 'POST',
  [guardPaths.anonymous]: 'POST',
  [endpoints.revocation]: 'POST, OPTIONS',
  [endpoints.userinfo]: 'GET, HEAD, POST, OPTIONS',
  [endpoints.end_session]: 'GET, HEAD, POST',
  [endpoints.registration]: 'POST, OPTIONS',
  [endpoints.jwks]: 'GET, HEAD, OPTIONS',
  // OpenID Connect Discovery §4, and the same document under its OAuth name (RFC 8414 §3).
  '/.well-known/openid-configuration': 'GET, HEAD, OPTIONS',
  '/.well-known/oauth-authorization-server': 'GET, HEAD, OPTIONS',
  [apiMetadataPath]: 'GET, HEAD, OPTIONS',
  [signalConfigurationPath]: 'GET, HEAD, OPTIONS',
};

/**
 * Whether a path is only for programs, and so responds with JSON (RFC 6749 §5.2) whatever the request accepts. Of the
 * protocol endpoints, people open only the authorization and the end-session endpoint.
 */
export const isForPrograms = (path: string): boolean =>
  /^\/(connect|\.well-known|api)(\/|$)/i.test(path) &&
  path !== endpoints.authorization &&
  path !== endpoints.end_session &&
  !path.startsWith(`${endpoints.authorization}/`);

/** The OpenAPI document of `/api/v1`; it is public. */
export const openApiPath = '/api/v1/openapi.json';

/** The page on which a person decides on the authorization request `uid`. */
export const consentPath = (uid: string): string => `/consent/${uid}`;

/** Where a sign-in returns with the sealed authorization request that it was for. */
export const continuePath = `${endpoints.authorization}/continue`;

/**
 * The sign-in page for an authorization request, or the page where a person creates an account first. `loginHint` (OpenID
 * Connect Core §3.1.2.1) fills in the email address.
 */
export const signInForRequestPath = (
  sealed: string,
  loginHint: string | undefined,
  page: '/sign-in' | '/register' = '/sign-in',
): string =>
  `${page}?${new URLSearchParams({
    return_to: `${continuePath}?request=${sealed}`,
    ...(loginHint && { login_hint: loginHint }),
  })}`;

/** Where the browser returns a decided authorization request to the engine. */
export const resumePath = (uid: string): string => `${endpoints.authorization}/${uid}`;
