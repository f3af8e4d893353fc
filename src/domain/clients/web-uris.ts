/** Rules that all URIs in client metadata share: redirect URIs and addresses of pages. */
import { OAuthError } from '../../oauth/errors.ts';

const maxLength = 2_000;

/** Characters of a URI (RFC 3986 §2) except `#` and `*`. Parsers handle others differently from one another. */
const characters = /^[\w\-.~:/?[\]@!$&'()+,;=%]+$/;

/** The first 100 characters of a URI, for error messages. */
export const shortened = (uri: string): string =>
  uri.length > 100 ? `${uri.slice(0, 100)}…` : uri;

/**
 * Parses a URI, or returns the reason why a client cannot have it, as a sentence that begins with `subject`, such
 * as "The redirect URI". The URI must be written in normalized form (RFC 3986 §6), because it is compared as a
 * string.
 */
export function readClientUri(subject: string, uri: string): { url: URL } | { problem: string } {
  const shown = shortened(uri);
  // Check this first and do not quote the URI, because the message is logged.
  if (/^[^/?#]*\/\/[^/?#]*@/.test(uri))
    return { problem: `${subject} must not contain a user name or password.` };
  if (uri.length > maxLength)
    return { problem: `${subject} ${shown} is longer than ${maxLength} characters.` };
  if (uri.includes('#')) return { problem: `${subject} ${shown} must not contain a fragment (#).` };
  if (uri.includes('*'))
    return {
      problem: `${subject} ${shown} must not contain *. Redirect URIs and other addresses are compared exactly.`,
    };
  const url = characters.test(uri) ? URL.parse(uri) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || (isWeb && (!/^https?:\/\/[^/?]/i.test(uri) || url.hostname.includes('*'))))
    return { problem: `${subject} ${JSON.stringify(shown)} is not a valid URI.` };
  if (url.href !== uri && url.href !== withPath(uri))
    return { problem: `${subject} ${shown} must be written as ${shortened(url.href)}.` };
  return { url };
}

/** Adds the path `/` to an address without a path. */
const withPath = (uri: string): string => uri.replace(/^(https?:\/\/[^/?]+)(?=\?|$)/, '$1/');

/** Metadata fields with the address of a page, a picture or a key set (RFC 7591 §2). */
const webFields = [
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'jwks_uri',
  'sector_identifier_uri',
  'initiate_login_uri',
] as const;

/**
 * Throws `invalid_client_metadata` for an address that does not use https: people open it, pages display it, or
 * keys are read from it. Values in `before` are accepted unchanged.
 */
export function requireWebUris(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): void {
  for (const field of webFields) {
    const uri = metadata[field];
    if (uri === undefined || uri === before[field]) continue;
    const problem = problemOfWebUri(field, String(uri));
    if (problem) throw new OAuthError('invalid_client_metadata', problem, { parameter: field });
  }
}

function problemOfWebUri(field: string, uri: string): string | undefined {
  const read = readClientUri(`The ${field}`, uri);
  if ('problem' in read) return read.problem;
  return read.url.protocol === 'https:'
    ? undefined
    : `The ${field} ${shortened(uri)} must begin with https://.`;
}
