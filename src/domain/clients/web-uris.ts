/** What a URI of a client may be, whatever it is for: the rules that redirect URIs and the addresses of pages share. */
import { OAuthError } from '../../oauth/errors.ts';

const maxLength = 2_000;

/** The characters of a URI (RFC 3986 §2) but for `#` and `*`: parsers forgive others, each in its own way. */
const characters = /^[\w\-.~:/?[\]@!$&'()+,;=%]+$/;

export const shortened = (uri: string): string =>
  uri.length > 100 ? `${uri.slice(0, 100)}…` : uri;

/**
 * A URI as it is read, or why a client cannot have it, in a sentence that begins with `called`, such as
 * "The redirect URI". It must be written as browsers read it (RFC 3986 §6), since it is compared letter by
 * letter.
 */
export function readClientUri(called: string, uri: string): { url: URL } | { problem: string } {
  const shown = shortened(uri);
  // First, and without the URI: the sentence of a refusal is logged.
  if (/^[^/?#]*\/\/[^/?#]*@/.test(uri))
    return { problem: `${called} has a user or a password in it.` };
  if (uri.length > maxLength)
    return { problem: `${called} ${shown} is longer than ${maxLength} characters.` };
  if (uri.includes('#'))
    return { problem: `${called} ${shown} has a fragment, which is not allowed.` };
  if (uri.includes('*'))
    return { problem: `${called} ${shown} has a *, but each is compared letter by letter.` };
  const url = characters.test(uri) ? URL.parse(uri) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || (isWeb && (!/^https?:\/\/[^/?]/i.test(uri) || url.hostname.includes('*'))))
    return { problem: `${called} ${JSON.stringify(shown)} is no URI.` };
  if (url.href !== uri && url.href !== withPath(uri))
    return { problem: `${called} ${shown} must be written as ${shortened(url.href)}.` };
  return { url };
}

/** The path of an address may be left out, where it is a slash. */
const withPath = (uri: string): string => uri.replace(/^(https?:\/\/[^/?]+)(?=\?|$)/, '$1/');

/** The metadata of a client that is the address of a page, a picture or a key set (RFC 7591 §2). */
const webFields = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'jwks_uri'] as const;

/**
 * Throws `invalid_client_metadata` where an address of a client is not one on the web, over https: people
 * click on it, pages show it, or keys are read from it. What it was `before` it may stay.
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
