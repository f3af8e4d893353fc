import { defaultIdTokenAlg } from '../domain/keys/signing-keys.ts';
import type { SignSignal } from '../domain/signals/types.ts';
import type { SignJwt } from './sign-jwt.ts';

/**
 * Signs security event tokens (RFC 8417): typed, so that none can be taken for another kind of token (§2.3), and without `exp` and
 * `sub` (SSF 1.0 §4.1).
 */
export const createSignSignal =
  ({ issuer, signJwt }: { issuer: string; signJwt: SignJwt }): SignSignal =>
  async ({ jti, claims, createdAt, client }) => {
    const signed = await signJwt(
      { alg: defaultIdTokenAlg, typ: 'secevent+jwt' },
      { iss: issuer, jti, iat: Math.floor(createdAt.getTime() / 1000), aud: client, ...claims },
    );
    if (!signed) throw new Error(`there is no signing key for ${defaultIdTokenAlg}`);
    return signed.value;
  };
