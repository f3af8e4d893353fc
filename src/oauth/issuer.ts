/**
 * THE ADDRESS OF THE SERVER. The Issuer Identifier (RFC 8414 §2) is what ISSUER says, character by character, and may
 * have a path and a slash at its end. Within the server a path is always what it is for an issuer without one; what
 * leaves the server as a whole URL comes from `urlOf`.
 */

/** The issuer without a slash at its end: what URLs of the server begin with. */
const withoutFinalSlash = (issuer: string): string =>
  issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;

/** The URL of a path of the server; the path begins with a slash, or is empty. */
export const urlOf = (issuer: string, path: string): string => withoutFinalSlash(issuer) + path;

/** The path of the issuer without a slash at its end; empty where it has none. */
export const basePathOf = (issuer: string): string => withoutFinalSlash(new URL(issuer).pathname);

/** Where the OAuth metadata of an issuer is: at the root of its host, its path behind the suffix (RFC 8414 §3.1). */
export const oauthMetadataUrl = (issuer: string): string =>
  `${new URL(issuer).origin}/.well-known/oauth-authorization-server${basePathOf(issuer)}`;
