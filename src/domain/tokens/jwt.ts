import {
  type CryptoKey,
  importJWK,
  type JWTHeaderParameters,
  jwtVerify,
  type KeyObject,
} from 'jose';
import type { KeySet } from '../keys/key-set.ts';
import { publicHalf } from '../keys/signing-keys.ts';
import { parsePublicId, type TokenId } from './value.ts';

/** Where the token of a JWT is stored, if the JWT is one of ours and not expired; else nothing. */
export type JwtVerifier = (value: string) => Promise<TokenId | undefined>;

type ImportedKey = CryptoKey | KeyObject | Uint8Array;

/** Verifies JWT access tokens (RFC 9068 §4) by the keys of this installation. Their state is asked of the store. */
export function createJwtVerifier({
  issuer,
  keySet,
}: {
  issuer: string;
  keySet: Pick<KeySet, 'current' | 'lookForUnknown'>;
}): JwtVerifier {
  const imported = new Map<string, Promise<ImportedKey>>();

  const find = ({ kid, alg }: JWTHeaderParameters) =>
    keySet.current().find((key) => key.kid === kid && key.alg === alg);

  const keyFor = async (header: JWTHeaderParameters): Promise<ImportedKey> => {
    if (!find(header)) await keySet.lookForUnknown();
    const jwk = find(header);
    if (!jwk) throw new Error('no such key');
    const kid = String(jwk.kid);
    let key = imported.get(kid);
    if (!key) {
      key = importJWK(publicHalf(jwk), jwk.alg);
      imported.set(kid, key);
    }
    return key;
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
