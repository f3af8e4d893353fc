/** PROOFS OF POSSESSION of token requests (RFC 9449 §5, RFC 8705 §3) that the engine does not handle. */
import type { X509Certificate } from 'node:crypto';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { IsFirstUse } from '../../domain/short-lived/replay-marks.ts';
import { type DpopNonces, InvalidProof, proofMemory, verifyProof } from '../../oauth/dpop.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import { forEngine } from '../engine/errors.ts';
import type { EngineClient } from '../engine/models.ts';

/** What a token request proves. */
export interface TokenProof {
  /** The thumbprint of the key of its DPoP proof; undefined without one. */
  jkt: string | undefined;
  /** The client's certificate; undefined without one. Throws `invalid_request` if it cannot be read. */
  certificate(): X509Certificate | undefined;
}

/** Reads what a request proves. Throws `invalid_dpop_proof`. */
export type ReadProof = (ctx: KoaContextWithOIDC) => Promise<TokenProof>;

/** The certificate of a request to the engine. Throws the engine's `invalid_request` if it cannot be read. */
export type EngineCertificate = (ctx: KoaContextWithOIDC) => X509Certificate | undefined;

/** Reads the proofs of requests, adding certificates to proofs of keys. */
export const createReadProof = (
  certificateOf: EngineCertificate,
  dpop: Parameters<typeof createProvenKey>[0],
): ReadProof => {
  const provenKey = createProvenKey(dpop);
  return async (ctx) => ({ jkt: await provenKey(ctx), certificate: () => certificateOf(ctx) });
};

/** Throws `invalid_request` unless a request has the proofs that its client's tokens are bound to. */
export function requireProof(client: EngineClient, { jkt, certificate }: TokenProof): void {
  if (client.dpopBoundAccessTokens && jkt === undefined)
    throw new errors.InvalidRequest('the client needs a DPoP proof for its tokens');
  if (client.tlsClientCertificateBoundAccessTokens && certificate() === undefined)
    throw new errors.InvalidRequest('the client needs a client certificate for its tokens');
}

/**
 * Binds a new token to the key of the request and to its certificate; to that only if the client's tokens are bound to
 * certificates, or one that the new token comes from is. Throws `invalid_request` if it would be bound to both.
 */
export function bindToken(
  token: BindableToken,
  client: EngineClient,
  { jkt, certificate }: TokenProof,
  comesFrom: readonly { readonly certificate: string | undefined }[] = [],
): void {
  if (jkt !== undefined) token.setThumbprint('jkt', jkt);
  const isBound =
    client.tlsClientCertificateBoundAccessTokens ||
    comesFrom.some((each) => each.certificate !== undefined);
  const given = isBound ? certificate() : undefined;
  if (given) token.setThumbprint('x5t', given);
}

interface BindableToken {
  setThumbprint(proof: 'jkt', thumbprint: string): void;
  setThumbprint(proof: 'x5t', certificate: X509Certificate): void;
}

/** The thumbprint of the key of the request's DPoP proof; undefined without one. Throws `invalid_dpop_proof`. */
type ProvenKey = (ctx: KoaContextWithOIDC) => Promise<string | undefined>;

/** Verifies the DPoP proofs of token requests, each of which is used once. `nonces` is undefined if they need none. */
function createProvenKey({
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
