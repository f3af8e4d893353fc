import { sha256 } from '../../../crypto/digest.ts';

/**
 * PKCE (RFC 7636) in place of Speckle's challenge, which clients send unchanged both times. The verifier is derived from the
 * challenge, whatever its length and characters, and its S256 is put into the authorization request. So the usual
 * comparison applies, and only the same challenge matches.
 */
export const codeVerifier = (challenge: string): string =>
  sha256(`speckle challenge ${challenge}`).toString('base64url');

/** The code challenge of the method S256 (RFC 7636 §4.2). */
export const codeChallenge = (challenge: string): string =>
  sha256(codeVerifier(challenge)).toString('base64url');
