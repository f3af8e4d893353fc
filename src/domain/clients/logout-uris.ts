/** Rules for the addresses at which a client is notified that a person has signed out. */
import { isLoopback } from '../../../config/loopback.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { redirectUrisOf, requirePostLogoutRedirectUris } from './redirect-uris.ts';
import { readClientUri, shortened } from './web-uris.ts';

/**
 * Validates what a client registers for logout. `backchannel_logout_uri` (OpenID Connect Back-Channel Logout 1.0 §2.2) and
 * `frontchannel_logout_uri` (Front-Channel Logout 1.0 §2) must use https; a native client can use http on a loopback address. A
 * browser loads the second one, which must have the origin of a redirect URI. Throws `invalid_client_metadata`, and
 * `invalid_request` for post-logout redirect URIs. Values in `before` are accepted unchanged.
 */
export function requireLogoutUris(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): void {
  requirePostLogoutRedirectUris(metadata, before);
  for (const parameter of ['backchannel_logout_uri', 'frontchannel_logout_uri'] as const) {
    const uri = metadata[parameter] as string | undefined;
    if (uri === undefined || uri === before[parameter]) continue;
    const problem = problemOf(parameter, uri, metadata);
    if (problem) throw new OAuthError('invalid_client_metadata', problem, { parameter });
  }
}

function problemOf(
  parameter: 'backchannel_logout_uri' | 'frontchannel_logout_uri',
  uri: string,
  metadata: Record<string, unknown>,
): string | undefined {
  const read = readClientUri(`The ${parameter}`, uri);
  if ('problem' in read) return read.problem;
  const { protocol, hostname } = read.url;
  const isLocal = protocol === 'http:' && isLoopback(hostname);
  if (protocol !== 'https:' && !(isLocal && metadata['application_type'] === 'native'))
    return `The ${parameter} ${shortened(uri)} must begin with https://.`;
  const origins = redirectUrisOf(metadata).map(originOf);
  return parameter === 'frontchannel_logout_uri' && !origins.includes(originOf(uri))
    ? `The frontchannel_logout_uri ${shortened(uri)} must have the scheme, host and port of a redirect URI.`
    : undefined;
}

/** The origin of a URI. Those of loopback addresses have no port, since native clients choose it freely (RFC 8252 §7.3). */
function originOf(uri: string): string | undefined {
  const url = URL.parse(uri);
  return url?.protocol === 'http:' && isLoopback(url.hostname)
    ? `http://${url.hostname}`
    : url?.origin;
}
