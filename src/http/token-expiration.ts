/** Tells whoever is shown a token when it ends, an HTTP-date (RFC 9110 §5.6.7), so that nobody is surprised by it. */
export const tokenExpirationHeader = 'Writ-Token-Expiration';

/**
 * What the header says of a token that somebody owns; nothing where it never ends. Of those that come and go with
 * logins nobody asks: their client was told their lifetime when it got them (RFC 6749 §5.1). Seconds since 1970.
 */
export const tokenExpiration = (expiresAt: number | null): string | undefined =>
  expiresAt === null ? undefined : new Date(expiresAt * 1000).toUTCString();
