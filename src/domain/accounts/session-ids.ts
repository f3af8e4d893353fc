import { sha256 } from '../../crypto/digest.ts';

/**
 * The `sid` of a browser session in the ID tokens of a client (OpenID Connect Front-Channel Logout 1.0 §3). Derived from
 * the ID of the session, so it is the same for every login of the client in that session, and clients cannot compare
 * theirs. `clientId` is the public ID.
 */
export const sidOf = (sessionId: string, clientId: string): string =>
  sha256(JSON.stringify(['sid', sessionId, clientId]))
    .toString('base64url')
    .slice(0, 22);
