/** What a redirect URI may be, and how the one of a request is compared with those of its client. */
import { appLimits } from '../../../config/apps.ts';
import { isLoopback } from '../../../config/settings.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type ClientKind, hasRedirectUris } from '../apps/types.ts';
import { readClientUri, shortened } from './web-uris.ts';

/**
 * Throws `invalid_request` if a client of an app, of that kind, cannot receive authorization codes at one of
 * the URIs. A website and a native client need one at least; a server and a device have none.
 */
export function assertRedirectUris(kind: ClientKind, uris: readonly string[]): void {
  if (!hasRedirectUris(kind)) {
    if (uris.length > 0) throw refused(`A ${kind} has no redirect URIs.`);
    return;
  }
  if (uris.length === 0) throw refused('Enter at least one redirect URI.');
  if (uris.length > appLimits.redirectUris)
    throw refused(`A client has at most ${appLimits.redirectUris} redirect URIs.`);
  requireEach(kind === 'native' ? 'native' : 'website', uris, []);
}

/**
 * The same of a client of no app, whose `application_type` is `web` where it says nothing (OpenID Connect
 * DCR §2). Those that it had `before` it may keep.
 */
export function requireRedirectUris(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): void {
  requireEach(
    kindOf(metadata),
    redirectUrisOf(metadata),
    kindOf(metadata) === kindOf(before) ? redirectUrisOf(before) : [],
  );
}

/** Those of a client that the rule of today refuses: they were registered before it. */
export const refusedRedirectUris = (metadata: Record<string, unknown>): string[] =>
  redirectUrisOf(metadata).filter((uri) => problemOf(kindOf(metadata), uri) !== undefined);

const kindOf = (metadata: Record<string, unknown>): 'website' | 'native' =>
  metadata['application_type'] === 'native' ? 'native' : 'website';

const redirectUrisOf = (metadata: Record<string, unknown>): string[] =>
  (metadata['redirect_uris'] as string[] | undefined) ?? [];

function requireEach(
  kind: 'website' | 'native',
  uris: readonly string[],
  before: readonly string[],
): void {
  if (new Set(uris).size < uris.length) throw refused('A redirect URI is named twice.');
  uris.forEach((uri, index) => {
    const problem = before.includes(uri) ? undefined : problemOf(kind, uri);
    if (problem) throw refused(problem, `redirect_uris[${index}]`);
  });
}

/**
 * Why a client of the kind cannot receive authorization codes there, in a sentence. A website receives them
 * over https; a native client there, on this machine over http, or at a private-use scheme (RFC 9700 §2.6,
 * RFC 8252 §7).
 */
function problemOf(kind: 'website' | 'native', uri: string): string | undefined {
  const read = readClientUri('The redirect URI', uri);
  if ('problem' in read) return read.problem;
  const { protocol, hostname } = read.url;
  const shown = shortened(uri);
  const local = isLoopback(hostname);
  if (protocol === 'https:')
    return kind === 'native' && local
      ? `The redirect URI ${shown} must begin with http://, as it is on this machine.`
      : undefined;
  if (protocol === 'http:' && kind === 'native')
    return local
      ? undefined
      : `The redirect URI ${shown} must begin with https://; http is for localhost only.`;
  if (protocol === 'http:' && local)
    return `The redirect URI ${shown} must begin with https://. A program on your own machine, a website that you are writing included, is a native client, which may have it.`;
  if (protocol === 'http:' || kind === 'website')
    return `The redirect URI ${shown} is no address of a website; it begins with https://.`;
  return isPrivateUse(uri)
    ? undefined
    : `The redirect URI ${shown} must change: a scheme of your own has a domain of yours in it, turned round, such as com.example.app:/callback.`;
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
  const registered = redirectUrisOf(metadata);
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
