/** The `Authorization` header (RFC 9110 §11.6.2), parsed in one place for all schemes. */

/** The scheme in lower case, and the token68 (RFC 9110 §11.2) after it. */
export interface AuthorizationHeader {
  scheme: string;
  /** Undefined if nothing follows the scheme, or parameters follow instead of a token68. */
  token68: string | undefined;
}

/** Parses the header; undefined if it is absent or empty. The scheme is case-insensitive; several spaces can follow it. */
export function parseAuthorization(header: string | undefined): AuthorizationHeader | undefined {
  if (!header) return undefined;
  const [, scheme = '', rest = ''] = /^([^\s,]*)(.*)$/s.exec(header) ?? [];
  return {
    scheme: scheme.toLowerCase(),
    token68: /^ +([A-Za-z0-9\-._~+/]+=*) *$/.exec(rest)?.[1],
  };
}

/** The token of a Bearer header (RFC 6750 §2.1); undefined if there is none or it is malformed. */
export function bearerIn(header: string | undefined): string | undefined {
  const { scheme, token68 } = parseAuthorization(header) ?? {};
  return scheme === 'bearer' ? token68 : undefined;
}

/** The access token of a Bearer or DPoP header (RFC 9449 §7.1); undefined if there is none or it is malformed. */
export function accessTokenIn(
  header: string | undefined,
): { value: string; scheme: 'bearer' | 'dpop' } | undefined {
  const { scheme, token68: value } = parseAuthorization(header) ?? {};
  return value !== undefined && (scheme === 'bearer' || scheme === 'dpop')
    ? { value, scheme }
    : undefined;
}

/** Replaces what RFC 6749 §5.2 and RFC 6750 §3 do not allow in a quoted `error_description`. */
export const quotable = (sentence: string): string =>
  sentence.replace(/[^\x20\x21\x23-\x5B\x5D-\x7E]/g, '?');

/** The `WWW-Authenticate` challenge for a token that was sent with the DPoP scheme (RFC 9449 §7.1). */
export const dpopChallenge = (
  { code, message }: { code: string; message: string },
  { algs, scope }: { algs: readonly string[]; scope?: string | undefined },
): string =>
  `DPoP error="${code}", error_description="${quotable(message)}", ${scope ? `scope="${scope}", ` : ''}algs="${algs.join(' ')}"`;

/**
 * The `WWW-Authenticate` challenge for a missing or refused bearer token (RFC 6750 §3). The error is included only if
 * the caller used the scheme (§3.1), the required `scope` only if it is what the token lacks.
 */
export function bearerChallenge(
  header: string | undefined,
  { code, message }: { code: string; message: string },
  { realm, scope }: { realm?: string; scope?: string | undefined } = {},
): string {
  const tried = parseAuthorization(header)?.scheme === 'bearer';
  const parameters = [
    ...(realm === undefined ? [] : [`realm="${realm}"`]),
    ...(tried ? [`error="${code}"`, `error_description="${quotable(message)}"`] : []),
    ...(tried && scope ? [`scope="${scope}"`] : []),
  ];
  return ['Bearer', parameters.join(', ')].filter(Boolean).join(' ');
}
