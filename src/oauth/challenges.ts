/**
 * THE CHALLENGES of `WWW-Authenticate` (RFC 9110 §11.6.1). Every one has a `realm`, because a challenge of the scheme Bearer
 * needs a parameter (RFC 6750 §3).
 */

/** Why a request is refused. */
interface Problem {
  code: string;
  message: string;
}

/** What is protected. */
interface Protection {
  realm: string;
  /** The scope that the request needs (RFC 6750 §3). */
  scope?: string | undefined;
  /** The URL of the metadata of the API (RFC 9728 §5.1). */
  resourceMetadata?: string | undefined;
  /** The classes of sign-in that the request needs, the preferred one first (RFC 9470 §3). */
  acrValues?: string | undefined;
  /** How many seconds ago the sign-in may be, for the request (RFC 9470 §3). */
  maxAge?: number | undefined;
}

/** Replaces what RFC 6749 §5.2 and RFC 6750 §3 do not allow in a quoted `error_description`. */
export const quotable = (sentence: string): string =>
  sentence.replace(/[^\x20\x21\x23-\x5B\x5D-\x7E]/g, '?');

const challenge = (scheme: string, parameters: Record<string, string | undefined>): string =>
  `${scheme} ${Object.entries(parameters)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}="${quotable(value ?? '')}"`)
    .join(', ')}`;

const needsOf = ({ scope, resourceMetadata, acrValues, maxAge }: Omit<Protection, 'realm'>) => ({
  scope,
  acr_values: acrValues,
  max_age: maxAge?.toString(),
  resource_metadata: resourceMetadata,
});

/**
 * The challenge for a missing or refused bearer token (RFC 6750 §3). `authorization` is the header of the request: the error
 * is included only if it has the scheme (§3.1).
 */
export const bearerChallenge = (
  authorization: string | undefined,
  { code, message }: Problem,
  { realm, ...protection }: Protection,
): string =>
  challenge('Bearer', {
    realm,
    ...(/^bearer(?![^\s,])/i.test(authorization ?? '') && {
      error: code,
      error_description: message,
    }),
    ...needsOf(protection),
  });

/** The challenge for a token that was sent with the DPoP scheme (RFC 9449 §7.1). */
export const dpopChallenge = (
  { code, message }: Problem,
  { realm, algs, ...protection }: Protection & { algs: readonly string[] },
): string =>
  challenge('DPoP', {
    realm,
    error: code,
    error_description: message,
    ...needsOf(protection),
    algs: algs.join(' '),
  });

/** The challenge for a client that failed to authenticate with the Authorization header (RFC 6749 §5.2). */
export const clientChallenge = (message: string, { realm }: Protection): string =>
  challenge('Basic', { realm, error: 'invalid_client', error_description: message });
