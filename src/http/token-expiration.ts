/** Tells whoever is shown a token when it ends, an HTTP-date (RFC 9110 §5.6.7), so that nobody is surprised by it. */
export const tokenExpirationHeader = 'Writ-Token-Expiration';

/** Those that their client was told the lifetime of when it got them (RFC 6749 §5.1), or replaces unasked. */
const toldBefore: readonly string[] = ['access_token', 'refresh_token'];

/** What the header says; nothing for a token that never ends, and for those that come and go with logins. Seconds since 1970. */
export function tokenExpiration({
  kind,
  expiresAt,
}: {
  kind: string;
  expiresAt: number | null;
}): string | undefined {
  if (expiresAt === null || toldBefore.includes(kind)) return undefined;
  return new Date(expiresAt * 1000).toUTCString();
}
