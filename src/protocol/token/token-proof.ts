/** PROOFS OF POSSESSION of token requests (RFC 9449 §5) that the engine does not handle. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { IsFirstUse } from '../../domain/short-lived/replay-marks.ts';
import { type DpopNonces, InvalidProof, proofMemory, verifyProof } from '../../oauth/dpop.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import { forEngine } from '../engine/errors.ts';

/** The thumbprint of the key of the request's DPoP proof; undefined without one. Throws `invalid_dpop_proof`. */
export type ProvenKey = (ctx: KoaContextWithOIDC) => Promise<string | undefined>;

/** Verifies the DPoP proofs of token requests, each of which is used once. `nonces` is undefined if they need none. */
export function createProvenKey({
  issuer,
  isFirstUse,
  nonces,
}: {
  issuer: string;
  isFirstUse: IsFirstUse;
  nonces: DpopNonces | undefined;
}): ProvenKey {
  return async (ctx) => {
    const given = ctx.get('DPoP');
    if (!given) return undefined;
    const proof = (() => {
      try {
        return verifyProof(given, {
          method: ctx.method,
          url: urlOf(issuer, endpoints.token),
          accessToken: undefined,
          needsNonce: nonces !== undefined,
        });
      } catch (error) {
        if (!(error instanceof InvalidProof)) throw error;
        throw new errors.InvalidDpopProof(error.message);
      }
    })();
    if (nonces) {
      const current = nonces.current();
      if (proof.nonce !== current) ctx.set('DPoP-Nonce', current);
      if (!nonces.accepts(proof.nonce))
        throw new errors.UseDpopNonce('The DPoP proof needs the nonce of the header DPoP-Nonce.');
    }
    const expiresAt = Date.now() / 1000 + proofMemory;
    if (!(await forEngine(() => isFirstUse(proof.jkt, proof.jti, expiresAt))))
      throw new errors.InvalidDpopProof('The DPoP proof was already used. Sign a new one.');
    return proof.jkt;
  };
}
