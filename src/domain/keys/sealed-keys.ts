import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';

/** What a sealed random key is used for. */
export type KeyPurpose =
  | 'client-secret-digest'
  | 'cookies'
  | 'pairwise-subjects'
  | 'recovery-codes';

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

/**
 * The only key of a purpose that never gets another one; created if there is none yet. Throws SealError as
 * `openSealedKeys`.
 */
export async function ensureSealedKey(
  connection: Connection,
  keyring: Keyring,
  purpose: KeyPurpose,
): Promise<Buffer> {
  const find = async () => (await openSealedKeys(connection, keyring, purpose)).at(-1)?.key;
  const found = await find();
  if (found) return found;
  await connection.transaction().execute(async (transaction) => {
    // Several processes can start at once.
    await sql`select pg_advisory_xact_lock(hashtext('writ sealed keys'))`.execute(transaction);
    const { rows } = await sql`select from sealed_key where purpose = ${purpose}`.execute(
      transaction,
    );
    if (rows.length === 0) await createSealedKey(transaction, keyring, purpose);
  });
  const created = await find();
  if (!created) throw new Error(`there is no key for ${purpose}`);
  return created;
}
