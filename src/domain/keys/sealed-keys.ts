import { randomBytes, randomUUID } from 'node:crypto';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';

/** What a sealed random key is used for. */
export type KeyPurpose = 'client-secret-digest' | 'cookies';

/** The context that the key with this id is sealed for. */
export const sealedKeyPlace = (id: string, purpose: string): Place => ({
  table: 'sealed_key',
  row: id,
  purpose,
});

/**
 * Creates a random 256-bit key and stores it sealed. Being sealed rows rather than derived from SECRET_KEYS, these keys
 * survive the rotation of SECRET_KEYS, and so do the digests and cookies made with them.
 */
export async function createSealedKey(
  connection: Connection,
  keyring: Keyring,
  purpose: KeyPurpose,
): Promise<void> {
  const id = randomUUID();
  await connection
    .insertInto('sealed_key')
    .values({ id, purpose, sealed: keyring.seal(sealedKeyPlace(id, purpose), randomBytes(32)) })
    .execute();
}

/** The keys of a purpose, newest first. Throws SealError if SECRET_KEYS lacks the key of one. */
export async function openSealedKeys(
  connection: Connection,
  keyring: Keyring,
  purpose: KeyPurpose,
): Promise<{ id: string; key: Buffer }[]> {
  const rows = await connection
    .selectFrom('sealed_key')
    .select(['id', 'sealed'])
    .where('purpose', '=', purpose)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(({ id, sealed }) => ({
    id,
    key: keyring.open(sealedKeyPlace(id, purpose), sealed),
  }));
}
