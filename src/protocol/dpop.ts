/**
 * DPOP (RFC 9449) at the engine's endpoints. The engine verifies proofs; here is what it leaves open: how old a proof can
 * be, and when it needs a nonce.
 */
import { decodeJwt } from 'jose';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import { isTimely, nonceKey } from '../oauth/dpop.ts';

/** The part of the engine's configuration that is about DPoP. */
export function dpopFeature(
  { DPOP_NONCE }: Pick<Settings, 'DPOP_NONCE'>,
  key: Buffer | undefined,
): { enabled: true; nonceSecret?: Buffer; requireNonce: (ctx: KoaContextWithOIDC) => boolean } {
  const isOn = DPOP_NONCE === 'on' && key !== undefined;
  return {
    enabled: true,
    ...(isOn && { nonceSecret: nonceKey(key, 'engine') }),
    requireNonce(ctx) {
      if (!isOn) requireTimelyProof(ctx.get('DPoP'));
      return isOn;
    },
  };
}

/**
 * The engine accepts proofs from five minutes ago to five minutes ahead, but remembers a used one for five minutes: one
 * from the future could be used again. A proof that cannot be read is left to the engine.
 */
function requireTimelyProof(proof: string): void {
  let issuedAt: unknown;
  try {
    issuedAt = decodeJwt(proof).iat;
  } catch {
    return;
  }
  if (typeof issuedAt === 'number' && !isTimely(issuedAt))
    throw new errors.InvalidDpopProof('DPoP proof iat is not recent enough');
}
