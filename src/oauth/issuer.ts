/**
 * THE URLS OF THE SERVER. The issuer identifier (RFC 8414 §2) is ISSUER, character by character; it can have a path and
 * a trailing slash. Inside the server, paths never include the issuer's path; `urlOf` builds the URLs that leave it.
 */

/** The issuer without a trailing slash: the prefix of the server's URLs. */
const withoutFinalSlash = (issuer: string): string =>
  issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;

/** The URL of a path of the server. The path starts with a slash or is empty. */
export const urlOf = (issuer: string, path: string): string => withoutFinalSlash(issuer) + path;

/** The path of the issuer without a trailing slash; empty if it has none. */
export const basePathOf = (issuer: string): string => withoutFinalSlash(new URL(issuer).pathname);

/** The URL of the OAuth metadata: at the root of the host, with the issuer's path appended (RFC 8414 §3.1). */
export const oauthMetadataUrl = (issuer: string): string =>
  `${new URL(issuer).origin}/.well-known/oauth-authorization-server${basePathOf(issuer)}`;
