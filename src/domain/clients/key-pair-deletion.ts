import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { recordEvent } from '../audit/events.ts';
import { deletedColumns } from './store.ts';

/**
 * Deletes all key pairs of a person (`key-pairs.ts`): after recovering access, the person cannot know which ones an
 * attacker created. The transaction must hold the account's lock and raise its epoch, which revokes their tokens.
 */
export async function deleteKeyPairs(transaction: Connection, accountId: string): Promise<void> {
  const deleted = await transaction
    .updateTable('client')
    .set((eb) => ({ ...deletedColumns, epoch: eb('epoch', '+', 1), updated_at: sql<Date>`now()` }))
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
