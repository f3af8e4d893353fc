import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';

/** The algorithms that tokens can be signed with; the first is the default. */
export const signingAlgs = ['ES256', 'RS256', 'EdDSA'] as const;

export type SigningAlg = (typeof signingAlgs)[number];

/** What signs the ID tokens of a client that says nothing (OpenID Connect Registration §2, Core §15.1). */
export const defaultIdTokenAlg: SigningAlg = 'RS256';

export const signingKeyPlace = (kid: string): Place => ({
  table: 'signing_key',
  row: kid,
  purpose: 'private key',
});

/**
 * Makes a private key (RFC 7517), named by its thumbprint (RFC 7638): one that begins with a dash would be an
 * option to the command line, so another is made then. Slow for RSA, so outside of transactions.
 */
export async function generateSigningKey(alg: SigningAlg): Promise<JWK> {
  const { privateKey, publicKey } = await generateKeyPair(alg, {
    extractable: true,
    modulusLength: 2048,
  });
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  if (kid.startsWith('-')) return generateSigningKey(alg);
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/** False where the algorithm has a key in that state already: another process was first. */
export async function storeSigningKey(
  connection: Connection,
  keyring: Keyring,
  key: JWK,
  state: 'announced' | 'signing',
): Promise<boolean> {
  const kid = String(key.kid);
  const { numInsertedOrUpdatedRows = 0n } = await connection
    .insertInto('signing_key')
    .values({
      kid,
      alg: String(key.alg),
      state,
      public_jwk: JSON.stringify(publicHalf(key)),
      sealed_private_jwk: keyring.seal(signingKeyPlace(kid), JSON.stringify(key)),
      signing_since: state === 'signing' ? sql<Date>`now()` : null,
      retired_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

/** The private keys, those that sign first. Throws SealError where SECRET_KEYS lacks the key that sealed one. */
export async function openSigningKeys(connection: Connection, keyring: Keyring): Promise<JWK[]> {
  const rows = await connection
    .selectFrom('signing_key')
    .select(['kid', 'state', 'sealed_private_jwk'])
    .orderBy('created_at', 'desc')
    .execute();
  return rows
    .sort((a, b) => Number(b.state === 'signing') - Number(a.state === 'signing'))
    .map(({ kid, sealed_private_jwk: sealed }) =>
      JSON.parse(keyring.open(signingKeyPlace(kid), sealed).toString('utf8')),
    );
}

export function publicHalf({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest }: JWK): JWK {
  return rest;
}
