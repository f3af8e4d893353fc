/** PROTECTED RESOURCE METADATA (RFC 9728): where clients read which server issues the tokens of an API. */
import { dpopAlgs } from './dpop.ts';

/** What the metadata of an API says. */
export interface ProtectedResource {
  /** The identifier of the API: the URL that its clients know it by, and the audience of its tokens. */
  resource: string;
  /** The issuer URL of the authorization server. */
  issuer: string;
  /** The scopes that clients can request. They are public. `offline_access` is none of them. */
  scopes?: readonly string[] | undefined;
  /** The name of the API for people. */
  name?: string | undefined;
  /** The URL of its documentation. */
  documentation?: string | undefined;
}

/** The document, by the names of RFC 9728 §2. */
export interface ResourceMetadata {
  resource: string;
  authorization_servers: string[];
  scopes_supported?: readonly string[];
  bearer_methods_supported: string[];
  dpop_signing_alg_values_supported: readonly string[];
  resource_name?: string;
  resource_documentation?: string;
}

/** The path of the metadata of a resource without a path; that of any other is in front of its path (RFC 9728 §3.1). */
export const resourceMetadataPath = '/.well-known/oauth-protected-resource';

/**
 * The URL of the metadata of a resource (RFC 9728 §3.1). Undefined if its identifier is not an http or https URL, and so
 * says nothing about where it is.
 */
export function resourceMetadataUrl(resource: string): string | undefined {
  const url = URL.parse(resource);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const path = url.pathname === '/' ? '' : url.pathname;
  return `${url.origin}${resourceMetadataPath}${path}${url.search}`;
}

/**
 * The metadata of an API (RFC 9728 §2). Serve it as JSON at the URL that `resourceMetadataUrl` returns, to everyone: the
 * authorization server checks nothing of it.
 */
export const protectedResourceMetadata = ({
  resource,
  issuer,
  scopes,
  name,
  documentation,
}: ProtectedResource): ResourceMetadata => ({
  resource,
  authorization_servers: [issuer],
  ...(scopes && { scopes_supported: scopes }),
  bearer_methods_supported: ['header'],
  dpop_signing_alg_values_supported: dpopAlgs,
  ...(name !== undefined && { resource_name: name }),
  ...(documentation !== undefined && { resource_documentation: documentation }),
});
