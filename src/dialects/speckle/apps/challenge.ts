import { sha256 } from '../../../crypto/digest.ts';

/**
 * PKCE (RFC 7636) in place of Speckle's challenge, which is sent as it is both times. The verifier is made of the
 * challenge, whatever its length and characters are, and its S256 stands in the authorization request: what redeems the
 * code is compared as everywhere, and a challenge that equals is the only one that fits.
 */
export const codeVerifier = (challenge: string): string =>
  sha256(`speckle challenge ${challenge}`).toString('base64url');

/** RFC 7636 §4.2, of the method S256. */
export const codeChallenge = (challenge: string): string =>
  sha256(codeVerifier(challenge)).toString('base64url');
