import { sha256 } from '../../crypto/digest.ts';
import type { EphemeralStore } from './store.ts';

/**
 * Records the use of a single-use JWT: a client assertion (RFC 7523 §3) or a DPoP proof (RFC 9449 §11.1). Returns
 * true exactly once per pair of issuer and `jti`, also for concurrent calls. `expiresAt` is the `exp` claim in seconds
 * since the epoch; callers reject expired JWTs first. Throws `temporarily_unavailable` while the store is unreachable.
 */
export type IsFirstUse = (issuer: string, jti: string, expiresAt: number) => Promise<boolean>;

/** Replay detection that marks used JWTs in the short-lived store. */
export const createReplayMarks =
  ({ ephemeral }: { ephemeral: EphemeralStore }): IsFirstUse =>
  (issuer, jti, expiresAt) =>
    ephemeral.insertOnce(
      'ReplayDetection',
      sha256(JSON.stringify([issuer, jti])),
      Math.max(1, expiresAt - Date.now() / 1000),
    );
