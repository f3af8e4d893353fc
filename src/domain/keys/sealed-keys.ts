import { randomBytes, randomUUID } from 'node:crypto';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';

/** What a random key is for. */
export type KeyPurpose = 'client-secret-digest' | 'cookies';

/** Keys are sealed rows themselves, so rotating SECRET_KEYS ends nothing that hangs on them. */
export const sealedKeyPlace = (id: string, purpose: string): Place => ({
  table: 'sealed_key',
  row: id,
  purpose,
});

export async function makeSealedKey(
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

/** Newest first. Throws SealError where SECRET_KEYS lacks the key that sealed one. */
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
