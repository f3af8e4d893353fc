import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';

/** The algorithms that tokens can be signed with; the first is the default. */
export const signingAlgs = ['ES256', 'RS256', 'EdDSA'] as const;

const placeOf = (kid: string): Place => ({
  table: 'signing_key',
  row: kid,
  purpose: 'private key',
});

/** Makes a key for each algorithm. Slow for RSA, so outside of transactions. */
export async function generateSigningKeys(): Promise<JWK[]> {
  return Promise.all(
    signingAlgs.map(async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg, {
        extractable: true,
        modulusLength: 2048,
      });
      const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
      return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
    }),
  );
}

export async function storeSigningKeys(
  connection: Connection,
  keyring: Keyring,
  keys: JWK[],
): Promise<void> {
  for (const key of keys) {
    const kid = String(key.kid);
    await connection
      .insertInto('signing_key')
      .values({
        kid,
        alg: String(key.alg),
        public_jwk: JSON.stringify(publicHalf(key)),
        signing_since: sql<Date>`now()`,
        retired_at: null,
        sealed_private_jwk: keyring.seal(placeOf(kid), JSON.stringify(key)),
      })
      .execute();
  }
}

/** The private keys (RFC 7517), those that sign first. Throws SealError where SECRET_KEYS lacks the key that sealed one. */
export async function openSigningKeys(connection: Connection, keyring: Keyring): Promise<JWK[]> {
  const rows = await connection
    .selectFrom('signing_key')
    .select(['kid', 'state', 'sealed_private_jwk'])
    .orderBy('created_at', 'desc')
    .execute();
  return rows
    .sort((a, b) => Number(b.state === 'signing') - Number(a.state === 'signing'))
    .map(({ kid, sealed_private_jwk: sealed }) =>
      JSON.parse(keyring.open(placeOf(kid), sealed).toString('utf8')),
    );
}

export function publicHalf({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest }: JWK): JWK {
  return rest;
}
