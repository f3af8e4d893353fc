import { importJWK, type JWK, SignJWT } from 'jose';
import { defaultIdTokenAlg } from '../domain/keys/signing-keys.ts';
import type { SignSignal } from '../domain/signals/types.ts';

/**
 * Signs security event tokens (RFC 8417): typed, so that none can be taken for another kind of token (§2.3), and without `exp` and
 * `sub` (SSF 1.0 §4.1). `signingKeys` returns the private keys of now, the current ones first.
 */
export const createSignSignal =
  ({ issuer, signingKeys }: { issuer: string; signingKeys: () => JWK[] }): SignSignal =>
  async ({ jti, claims, createdAt, client }) => {
    const key = signingKeys().find(({ alg }) => alg === defaultIdTokenAlg);
    if (!key) throw new Error(`there is no signing key for ${defaultIdTokenAlg}`);
    return new SignJWT({
      iss: issuer,
      jti,
      iat: Math.floor(createdAt.getTime() / 1000),
      aud: client,
      ...claims,
    })
      .setProtectedHeader({
        alg: defaultIdTokenAlg,
        typ: 'secevent+jwt',
        ...(key.kid !== undefined && { kid: key.kid }),
      })
      .sign(await importJWK(key, defaultIdTokenAlg));
  };
