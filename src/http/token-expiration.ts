/** The response header with the expiry of a named token, an HTTP-date (RFC 9110 §5.6.7). */
export const tokenExpirationHeader = 'Writ-Token-Expiration';

/**
 * The header's value for a named token; undefined if it never expires. Tokens of a grant do not get the header: their
 * client learned the lifetime with the token (RFC 6749 §5.1). `expiresAt` in seconds since 1970.
 */
export const tokenExpiration = (expiresAt: number | null): string | undefined =>
  expiresAt === null ? undefined : new Date(expiresAt * 1000).toUTCString();
