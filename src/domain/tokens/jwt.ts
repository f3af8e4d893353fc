import { importJWK, type JWK, type JWTHeaderParameters, jwtVerify } from 'jose';
import { publicHalf } from '../keys/signing-keys.ts';
import { parsePublicId, type TokenId } from './value.ts';

/** Where the token of a JWT is stored, if the JWT is one of ours and not expired; else nothing. */
export type JwtVerifier = (value: string) => Promise<TokenId | undefined>;

/** Verifies JWT access tokens (RFC 9068 §4) by the keys of this installation. Their state is asked of the store. */
export async function createJwtVerifier({
  issuer,
  keys,
}: {
  issuer: string;
  keys: JWK[];
}): Promise<JwtVerifier> {
  const imported = await Promise.all(
    keys.map(async (jwk) => ({
      kid: jwk.kid,
      alg: jwk.alg,
      key: await importJWK(publicHalf(jwk), jwk.alg),
    })),
  );
  const keyFor = ({ kid, alg }: JWTHeaderParameters) => {
    const found = imported.find((candidate) => candidate.kid === kid && candidate.alg === alg);
    if (!found) throw new Error('no such key');
    return found.key;
  };
  return async (value) => {
    try {
      const { payload } = await jwtVerify(value, keyFor, { issuer, typ: 'at+jwt' });
      return parsePublicId(payload.jti ?? '');
    } catch {
      return undefined;
    }
  };
}
