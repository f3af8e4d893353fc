import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { recordEvent } from '../audit/events.ts';
import { asDeleted } from './store.ts';

/**
 * Deletes every key pair of a person (`key-pairs.ts`), in a transaction that holds the account and raises its epoch:
 * their tokens end with that. A person whose access is recovered cannot know which pairs are their own.
 */
export async function deleteKeyPairs(transaction: Connection, accountId: string): Promise<void> {
  const deleted = await transaction
    .updateTable('client')
    .set((eb) => ({ ...asDeleted, epoch: eb('epoch', '+', 1), updated_at: sql<Date>`now()` }))
    .where('owner_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .returning(['id', 'client_id'])
    .execute();
  if (deleted.length === 0) return;
  const ids = deleted.map(({ id }) => id);
  await transaction.deleteFrom('client_secret').where('client_id', 'in', ids).execute();
  for (const { client_id: id } of deleted)
    await recordEvent(transaction, { action: 'client.deleted', target: { kind: 'client', id } });
}
