import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { openSealedKeys } from '../keys/sealed-keys.ts';

/** Keys for digests of client secrets: the newest for new secrets, all of them for verification. */
export interface DigestKeys {
  newest: { id: string; key: KeyObject };
  all: readonly { id: string; key: KeyObject }[];
  find(id: string): KeyObject | undefined;
}

/** Opens the digest keys. Throws SealError if SECRET_KEYS lacks the key that sealed one of them. */
export async function openDigestKeys(
  connection: Connection,
  keyring: Keyring,
): Promise<DigestKeys> {
  const sealed = await openSealedKeys(connection, keyring, 'client-secret-digest');
  const all = sealed.map(({ id, key }) => ({ id, key: createSecretKey(key) }));
  const [newest] = all;
  if (!newest) throw new Error('the installation has no key for digests of client secrets');
  return { newest, all, find: (id) => all.find((key) => key.id === id)?.key };
}
