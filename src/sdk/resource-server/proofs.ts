/** PROOFS OF POSSESSION: a token that is bound to a key (RFC 9449) or to a certificate (RFC 8705) needs one. */
import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { type DpopProof, InvalidProof, proofMemory, verifyProof } from '../../oauth/dpop.ts';
import type { CertificateRequest, GuardedRequest } from './types.ts';

/** The token of the DPoP scheme (RFC 9449 §7.1); undefined with another one. */
export const tokenWithProof = (authorization: string | undefined): string | undefined =>
  /^dpop +(\S+)$/i.exec(authorization ?? '')?.[1];

/**
 * Whether a request may use a token with this `cnf` (RFC 7800): one that is bound to a key only with a proof of it, one
 * that is not bound only without a proof; one that is bound to a certificate only with that certificate (RFC 8705 §3).
 */
export function isProven(
  cnf: unknown,
  proof: DpopProof | undefined,
  certificate: () => string | undefined,
): boolean {
  const { jkt, 'x5t#S256': bound, ...others } = (cnf ?? {}) as Record<string, unknown>;
  return (
    Object.keys(others).length === 0 &&
    jkt === proof?.jkt &&
    (bound === undefined || bound === certificate())
  );
}

/** The certificate of a TLS connection; undefined without one. */
export const certificateOfSocket = ({ socket }: CertificateRequest): Buffer | undefined =>
  (socket as Partial<TLSSocket> | undefined)?.getPeerX509Certificate?.()?.raw;

/** The thumbprint of a certificate in `x5t#S256` (RFC 8705 §3.1). */
export function thumbprintOf(certificate: Buffer | string): string | undefined {
  try {
    const { raw } = new X509Certificate(certificate);
    return createHash('sha256').update(raw).digest('base64url');
  } catch {
    return undefined;
  }
}

/** Verifies the DPoP proofs of requests to the API at the URL `base`. */
export function createProofs(base: string) {
  /** When each proof that was used can be forgotten, in milliseconds since 1970; the oldest first. */
  const used = new Map<string, number>();

  return {
    /** Verifies the proof of a request for an access token. Throws InvalidProof. */
    read({ headers, method = '', ...request }: GuardedRequest, accessToken: string): DpopProof {
      // Express removes the path of a mounted router from `url`.
      const { originalUrl, url = '/' } = request as { originalUrl?: string; url?: string };
      return verifyProof(headers['dpop']?.toString() ?? '', {
        method,
        url: base.replace(/\/$/, '') + (originalUrl ?? url),
        accessToken,
      });
    },

    /** Throws InvalidProof if this guard has seen the proof before. */
    requireFirstUse({ jkt, jti }: DpopProof): void {
      const now = Date.now();
      for (const [proof, until] of used) {
        if (until > now) break;
        used.delete(proof);
      }
      const id = `${jkt} ${jti}`;
      if (used.has(id)) throw new InvalidProof('The DPoP proof was already used.');
      used.set(id, now + proofMemory * 1000);
    },
  };
}
