import { sha256 } from '../../crypto/digest.ts';
import type { EphemeralStore } from './store.ts';

/**
 * Whether a JWT that may be used once (a client assertion, RFC 7523 §3; a DPoP proof, RFC 9449 §11.1) is
 * used for the first time: true once for each pair of issuer and `jti`, however many ask at once.
 * `expiresAt` in seconds since 1970; a JWT that has expired is refused before it is asked about.
 * Throws `temporarily_unavailable` while the store is away.
 */
export type IsFirstUse = (issuer: string, jti: string, expiresAt: number) => Promise<boolean>;

export const createReplayMarks =
  ({ ephemeral }: { ephemeral: EphemeralStore }): IsFirstUse =>
  (issuer, jti, expiresAt) =>
    ephemeral.insertOnce(
      'ReplayDetection',
      sha256(JSON.stringify([issuer, jti])),
      Math.max(1, expiresAt - Date.now() / 1000),
    );
