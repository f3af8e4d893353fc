/**
 * A URL as a source of a Content-Security-Policy. A host that no source can name, such as an IPv6 address, is allowed by its
 * scheme.
 */
export function cspSource(url: string): string {
  const { protocol, hostname, origin } = new URL(url);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  return isWeb && /^[\w.-]+$/.test(hostname) ? origin : protocol;
}
