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
