/**
 * Adds the parameters of a response to a redirect URI: after its own query, which is retained byte for byte (RFC 6749
 * §3.1.2), or in its fragment. Registered URIs have no fragment. Characters outside ASCII, which a header cannot
 * contain, are escaped.
 */
export function withParameters(
  redirectUri: string,
  answer: Readonly<Record<string, unknown>>,
  mode: 'query' | 'fragment' = 'query',
): string {
  const added = new URLSearchParams(
    Object.entries(answer).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const written = redirectUri.replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
  if (Object.keys(answer).length === 0) return written;
  return `${written}${separator(written, mode)}${added}`;
}

/**
 * Whether a browser opens a redirect URI itself; other schemes are handed to a program of the device. Browsers apply the
 * `form-action` of a page to all redirects that follow its form, and the site can redirect to any other one.
 */
export const isOfWebsite = (redirectUri: string): boolean => /^https?:/i.test(redirectUri);

function separator(uri: string, mode: 'query' | 'fragment'): string {
  if (mode === 'fragment') return '#';
  if (!uri.includes('?')) return '?';
  return /[?&]$/.test(uri) ? '' : '&';
}
