/** The `Authorization` header (RFC 9110 §11.6.2), read in one place for every scheme. */

/** A scheme, in small letters, and what follows it where that is a token68 (RFC 9110 §11.2). */
export interface AuthorizationHeader {
  scheme: string;
  /** Absent where the header holds nothing after the scheme, or parameters in place of a token68. */
  token68: string | undefined;
}

/** Reads the header; undefined where it is absent or empty. Schemes have no case, and any number of spaces may follow. */
export function parseAuthorization(header: string | undefined): AuthorizationHeader | undefined {
  if (!header) return undefined;
  const [, scheme = '', rest = ''] = /^([^\s,]*)(.*)$/s.exec(header) ?? [];
  return {
    scheme: scheme.toLowerCase(),
    token68: /^ +([A-Za-z0-9\-._~+/]+=*) *$/.exec(rest)?.[1],
  };
}

/** The token of a Bearer header (RFC 6750 §2.1); undefined where there is none, or none in its grammar. */
export function bearerIn(header: string | undefined): string | undefined {
  const { scheme, token68 } = parseAuthorization(header) ?? {};
  return scheme === 'bearer' ? token68 : undefined;
}

/** A sentence as RFC 6749 §5.2 and RFC 6750 §3 let it stand in quotes: printable ASCII without quotes and backslashes. */
export const quotable = (sentence: string): string =>
  sentence.replace(/[^\x20\x21\x23-\x5B\x5D-\x7E]/g, '?');

/**
 * What `WWW-Authenticate` says where a bearer token is missing or refused (RFC 6750 §3): the error only to a caller
 * who tried the scheme (§3.1), and the scope that is needed where that is what is lacking.
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
