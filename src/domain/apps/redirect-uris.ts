import { appLimits } from '../../../config/apps.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { ClientKind } from './types.ts';

const longest = 2_000;

/** The characters of a URI (RFC 3986 §2) but for `#` and `*`: parsers forgive others, each in its own way. */
const characters = /^[\w\-.~:/?[\]@!$&'()+,;=%]+$/;

const loopbacks = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a host is this machine (RFC 8252 §7.3), as the engine has it. */
export const isLoopback = (hostname: string): boolean => loopbacks.has(hostname);

/**
 * Throws `invalid_request` where a client of the kind cannot receive authorization codes there: on a
 * page over https, on this machine, or, of native ones, in the program that has the scheme (RFC 8252 §7).
 */
export function requireRedirectUris(kind: ClientKind, uris: readonly string[]): void {
  if (kind === 'server' || kind === 'device') {
    if (uris.length > 0) throw refused(`A ${kind} has no redirect URIs.`);
    return;
  }
  if (uris.length === 0) throw refused('At least one redirect URI is needed.');
  if (uris.length > appLimits.redirectUris)
    throw refused(`A client has at most ${appLimits.redirectUris} redirect URIs.`);
  if (new Set(uris).size < uris.length) throw refused('A redirect URI is named twice.');
  for (const uri of uris) requireRedirectUri(kind, uri);
}

function requireRedirectUri(kind: 'website' | 'native', uri: string): void {
  const shown = uri.length > 100 ? `${uri.slice(0, 100)}…` : uri;
  if (uri.length > longest)
    throw refused(`The redirect URI ${shown} is longer than ${longest} characters.`);
  if (uri.includes('#'))
    throw refused(`The redirect URI ${shown} has a fragment, which does not come back.`);
  if (uri.includes('*'))
    throw refused(`The redirect URI ${shown} has a *, but each is compared letter by letter.`);
  const url = characters.test(uri) ? URL.parse(uri) : null;
  if (!url) throw refused(`${JSON.stringify(shown)} is no redirect URI.`);
  if (/^[^/?]*\/\/[^/?]*@/.test(uri))
    throw refused(`The redirect URI ${shown} has a user or a password in it.`);
  if (url.protocol === 'https:' || url.protocol === 'http:') requireWebUri(kind, uri, url, shown);
  else if (kind === 'website')
    throw refused(`The redirect URI ${shown} is no address of a website; it begins with https://.`);
  else if (!isPrivateUse(uri))
    throw refused(
      `The redirect URI ${shown} must change: a scheme of your own has a domain of yours in it, turned round, such as com.example.app:/callback.`,
    );
}

function requireWebUri(kind: 'website' | 'native', uri: string, url: URL, shown: string): void {
  // What a browser reads into it must be what stands there.
  if (!/^https?:\/\/[^/?]/i.test(uri) || url.hostname.includes('*'))
    throw refused(`${shown} is no redirect URI.`);
  const local = isLoopback(url.hostname);
  if (url.protocol === 'http:' && !local)
    throw refused(
      `The redirect URI ${shown} must begin with https://; http is for localhost alone.`,
    );
  if (url.protocol === 'https:' && local && kind === 'native')
    throw refused(`The redirect URI ${shown} must begin with http://, as it is on this machine.`);
}

/** No top-level domains, though they have the shape of one: what begins so only looks like a scheme of theirs. */
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

/** RFC 8252 §7.1: a scheme that is a domain of whoever made the program, turned round. */
function isPrivateUse(uri: string): boolean {
  const [, topLevel] = /^([a-z]{2,})(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+:\/./i.exec(uri) ?? [];
  return topLevel !== undefined && !commonSchemes.has(topLevel.toLowerCase());
}

const refused = (why: string) => new OAuthError('invalid_request', why);
