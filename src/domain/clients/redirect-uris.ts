import { isLoopback } from '../apps/redirect-uris.ts';

/**
 * Whether a client receives answers at a redirect URI at this moment, as the engine compares them: letter by
 * letter, but for the port on which a native program listens on this machine (RFC 8252 §7.3).
 */
export function redirectsTo(metadata: Record<string, unknown>, redirectUri: string): boolean {
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
