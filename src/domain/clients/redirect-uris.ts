/**
 * Rules for redirect URIs and post-logout redirect URIs, and how the one of a request is compared with the registered ones.
 */
import { appLimits } from '../../../config/apps.ts';
import { isLoopback } from '../../../config/loopback.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type ClientKind, hasRedirectUris } from '../apps/types.ts';
import { readClientUri, shortened } from './web-uris.ts';

/**
 * Validates the redirect URIs of a client of an app. Throws `invalid_request` if a client of that kind cannot
 * receive authorization codes at one of them. Websites and native clients need at least one; servers and devices
 * have none.
 */
export function assertRedirectUris(kind: ClientKind, uris: readonly string[]): void {
  if (!hasRedirectUris(kind)) {
    if (uris.length > 0) throw refused(`A ${kind} client has no redirect URIs. Remove them.`);
    return;
  }
  if (uris.length === 0) throw refused('Enter at least one redirect URI.');
  if (uris.length > appLimits.redirectUris)
    throw refused(`A client can have at most ${appLimits.redirectUris} redirect URIs.`);
  requireEach(kind === 'native' ? 'native' : 'website', uris, []);
}

/**
 * Like `assertRedirectUris`, for a client that belongs to no app. Its `application_type` defaults to `web` (OpenID
 * Connect DCR §2). URIs in `before` are accepted unchanged.
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

/** Redirect URIs of a client that today's rules would refuse; they were registered before. */
export const disallowedRedirectUris = (metadata: Record<string, unknown>): string[] =>
  redirectUrisOf(metadata).filter((uri) => problemOf(kindOf(metadata), uri) !== undefined);

const kindOf = (metadata: Record<string, unknown>): 'website' | 'native' =>
  metadata['application_type'] === 'native' ? 'native' : 'website';

/** The redirect URIs of a client. */
export const redirectUrisOf = (metadata: Record<string, unknown>): string[] =>
  (metadata['redirect_uris'] as string[] | undefined) ?? [];

/** A list of URIs to which browsers are redirected: its name in metadata, and what an item is called. */
interface UriList {
  parameter: 'redirect_uris' | 'post_logout_redirect_uris';
  noun: string;
}

const ofCodes: UriList = { parameter: 'redirect_uris', noun: 'redirect URI' };

const ofLogouts: UriList = {
  parameter: 'post_logout_redirect_uris',
  noun: 'post-logout redirect URI',
};

function requireEach(
  kind: 'website' | 'native',
  uris: readonly string[],
  before: readonly string[],
  list: UriList = ofCodes,
): void {
  const { parameter, noun } = list;
  if (new Set(uris).size < uris.length) throw refused(`A ${noun} is listed twice.`, parameter);
  uris.forEach((uri, index) => {
    const problem = before.includes(uri) ? undefined : problemOf(kind, uri, noun);
    if (problem) throw refused(problem, `${parameter}[${index}]`);
  });
}

/** The URIs to which people can return after signing out (OpenID Connect RP-Initiated Logout 1.0 §3.1). */
export const postLogoutRedirectUrisOf = (metadata: Record<string, unknown>): string[] =>
  (metadata['post_logout_redirect_uris'] as string[] | undefined) ?? [];

/**
 * Validates post-logout redirect URIs by the rules for redirect URIs. Throws `invalid_request`. URIs in `before` are
 * accepted unchanged.
 */
export function requirePostLogoutRedirectUris(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): void {
  requireEach(
    kindOf(metadata),
    postLogoutRedirectUrisOf(metadata),
    kindOf(metadata) === kindOf(before) ? postLogoutRedirectUrisOf(before) : [],
    ofLogouts,
  );
}

/**
 * The reason why a client of this kind cannot receive authorization codes at the URI, as a sentence. A website
 * receives them over https. A native client also receives them on a loopback address over http, or with a
 * private-use scheme (RFC 9700 §2.6, RFC 8252 §7).
 */
function problemOf(
  kind: 'website' | 'native',
  uri: string,
  noun = ofCodes.noun,
): string | undefined {
  const read = readClientUri(`The ${noun}`, uri);
  if ('problem' in read) return read.problem;
  const { protocol, hostname } = read.url;
  const shown = shortened(uri);
  const local = isLoopback(hostname);
  if (protocol === 'https:')
    return kind === 'native' && local
      ? `The ${noun} ${shown} must begin with http://, because it is a loopback address.`
      : undefined;
  if (protocol === 'http:' && kind === 'native')
    return local
      ? undefined
      : `The ${noun} ${shown} must begin with https://. Only localhost can use http://.`;
  if (protocol === 'http:' && local)
    return `The ${noun} ${shown} must begin with https://. To use localhost, for example while you develop a website, create a client of the kind “Phone or desktop app” (native).`;
  if (protocol === 'http:' || kind === 'website')
    return `The ${noun} ${shown} is not a website address. It must begin with https://.`;
  return isPrivateUse(uri)
    ? undefined
    : `The ${noun} ${shown} has an unsuitable scheme. Use your domain name in reverse order, such as com.example.app:/callback.`;
}

/** Common schemes without a dot-separated domain; a URI that begins with one only resembles a reversed domain. */
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
 * Whether a redirect URI is registered for a client. Like the engine, it uses simple string comparison (RFC 9700
 * §4.1.3), except for the port of a native client's loopback address (RFC 8252 §7.3).
 */
export const isRegisteredRedirectUri = (
  metadata: Record<string, unknown>,
  redirectUri: string,
): boolean => isAmong(metadata, redirectUrisOf(metadata), redirectUri);

/** Does the same as `isRegisteredRedirectUri` for a post-logout redirect URI. */
export const isRegisteredPostLogoutRedirectUri = (
  metadata: Record<string, unknown>,
  uri: string,
): boolean => isAmong(metadata, postLogoutRedirectUrisOf(metadata), uri);

function isAmong(
  metadata: Record<string, unknown>,
  registered: readonly string[],
  uri: string,
): boolean {
  if (registered.includes(uri)) return true;
  if (metadata['application_type'] !== 'native') return false;
  const portless = withoutPort(uri);
  return portless !== undefined && registered.some((each) => withoutPort(each) === portless);
}

/** A loopback URI without its port; undefined for any other URI. */
function withoutPort(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url?.protocol !== 'http:' || !isLoopback(url.hostname)) return undefined;
  const [, before, after] =
    /^(http:\/\/(?:[^/?#]*@)?(?:\[[^/?#\]]*\]|[^/?#:@]*))(?::\d*)?([/?#].*)?$/is.exec(uri) ?? [];
  return before && before + (after ?? '');
}
