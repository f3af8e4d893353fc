import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';

/** The algorithms that tokens can be signed with; the first is the default. */
export const signingAlgs = ['ES256', 'RS256', 'EdDSA'] as const;

/** A JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1). */
export type SigningAlg = (typeof signingAlgs)[number];

/** The algorithm of ID tokens if the client registered none (OpenID Connect Registration §2, Core §15.1). */
export const defaultIdTokenAlg: SigningAlg = 'RS256';

/** The context that the private key with this key ID is sealed for. */
export const signingKeyPlace = (kid: string): Place => ({
  table: 'signing_key',
  row: kid,
  purpose: 'private key',
});

/**
 * Generates a private JWK (RFC 7517) whose `kid` is its thumbprint (RFC 7638). Discards a `kid` with a leading dash,
 * which the command line would read as an option. Slow for RSA: call it outside of transactions.
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

/**
 * Stores a key, its private half sealed. Returns false, and stores nothing, if the algorithm has a key in that state
 * already, because another process was faster.
 */
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

/** All private keys, the current signing keys first. Throws SealError if SECRET_KEYS lacks the key of one. */
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

/** Strips the private members of a JWK (RFC 7518 §6.2.2, §6.3.2; RFC 8037 §2). */
export function publicHalf({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest }: JWK): JWK {
  return rest;
}
