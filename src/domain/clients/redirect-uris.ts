/** What a redirect URI may be, and how the one of a request is compared with those of its client. */
import { appLimits } from '../../../config/apps.ts';
import { isLoopback } from '../../../config/settings.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { ClientKind } from '../apps/types.ts';

const maxLength = 2_000;

/** The characters of a URI (RFC 3986 §2) but for `#` and `*`: parsers forgive others, each in its own way. */
const characters = /^[\w\-.~:/?[\]@!$&'()+,;=%]+$/;

/**
 * Throws `invalid_request` if a client of the kind cannot receive authorization codes at one of the URIs: at
 * a page over https, on this machine, or, for a native client, at a private-use scheme (RFC 8252 §7).
 */
export function assertRedirectUris(kind: ClientKind, uris: readonly string[]): void {
  if (kind === 'server' || kind === 'device') {
    if (uris.length > 0) throw refused(`A ${kind} has no redirect URIs.`);
    return;
  }
  if (uris.length === 0) throw refused('At least one redirect URI is needed.');
  if (uris.length > appLimits.redirectUris)
    throw refused(`A client has at most ${appLimits.redirectUris} redirect URIs.`);
  if (new Set(uris).size < uris.length) throw refused('A redirect URI is named twice.');
  uris.forEach((uri, index) => {
    const problem = problemOf(kind, uri);
    if (problem) throw refused(problem, `redirect_uris[${index}]`);
  });
}

/** Why a client of the kind cannot have the URI, in a sentence. */
function problemOf(kind: 'website' | 'native', uri: string): string | undefined {
  const shown = uri.length > 100 ? `${uri.slice(0, 100)}…` : uri;
  if (uri.length > maxLength)
    return `The redirect URI ${shown} is longer than ${maxLength} characters.`;
  if (uri.includes('#'))
    return `The redirect URI ${shown} has a fragment, which does not come back.`;
  if (uri.includes('*'))
    return `The redirect URI ${shown} has a *, but each is compared letter by letter.`;
  const url = characters.test(uri) ? URL.parse(uri) : null;
  if (!url) return `${JSON.stringify(shown)} is no redirect URI.`;
  if (/^[^/?]*\/\/[^/?]*@/.test(uri))
    return `The redirect URI ${shown} has a user or a password in it.`;
  if (url.protocol === 'https:' || url.protocol === 'http:')
    return webProblemOf(kind, uri, url, shown);
  if (kind === 'website')
    return `The redirect URI ${shown} is no address of a website; it begins with https://.`;
  if (!isPrivateUse(uri))
    return `The redirect URI ${shown} must change: a scheme of your own has a domain of yours in it, turned round, such as com.example.app:/callback.`;
  return undefined;
}

function webProblemOf(
  kind: 'website' | 'native',
  uri: string,
  url: URL,
  shown: string,
): string | undefined {
  // What a browser reads into it must be what stands there.
  if (!/^https?:\/\/[^/?]/i.test(uri) || url.hostname.includes('*'))
    return `${shown} is no redirect URI.`;
  const local = isLoopback(url.hostname);
  if (url.protocol === 'http:' && !local)
    return `The redirect URI ${shown} must begin with https://; http is for localhost alone.`;
  if (url.protocol === 'https:' && local && kind === 'native')
    return `The redirect URI ${shown} must begin with http://, as it is on this machine.`;
  return undefined;
}

/** Schemes in the shape of a top-level domain: a URI that begins with one only looks like a reversed domain. */
const commonSchemes = new Set([
  'about',
  'blob',
  'file',
  'ftp',
  'http',
  'https',
  'intent',
  'javascript',
  'mailto',
  'vbscript',
]);

/** RFC 8252 §7.1: a private-use scheme is a domain name under the author's control, in reverse order. */
function isPrivateUse(uri: string): boolean {
  const [, topLevel] = /^([a-z]{2,})(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+:\/./i.exec(uri) ?? [];
  return topLevel !== undefined && !commonSchemes.has(topLevel.toLowerCase());
}

const refused = (problem: string, parameter = 'redirect_uris') =>
  new OAuthError('invalid_request', problem, { parameter });

/**
 * Whether a redirect URI is registered for a client. The engine compares in the same way: simple string
 * comparison (RFC 9700 §4.1.3), except for the port of a native client's loopback address (RFC 8252 §7.3).
 */
export function isRegisteredRedirectUri(
  metadata: Record<string, unknown>,
  redirectUri: string,
): boolean {
  const registered = (metadata['redirect_uris'] as string[] | undefined) ?? [];
  if (registered.includes(redirectUri)) return true;
  if (metadata['application_type'] !== 'native') return false;
  const atAnyPort = withoutPort(redirectUri);
  return atAnyPort !== undefined && registered.some((uri) => withoutPort(uri) === atAnyPort);
}

/** A loopback address without its port; undefined for any other. */
function withoutPort(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url?.protocol !== 'http:' || !isLoopback(url.hostname)) return undefined;
  const [, before, after] =
    /^(http:\/\/(?:[^/?#]*@)?(?:\[[^/?#\]]*\]|[^/?#:@]*))(?::\d*)?([/?#].*)?$/is.exec(uri) ?? [];
  return before && before + (after ?? '');
}
