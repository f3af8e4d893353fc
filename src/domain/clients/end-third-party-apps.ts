import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { asDeleted } from './store.ts';

/**
 * Deletes every app that a person registered for others to use (`third-party-apps.ts`), with its tokens, in a
 * transaction that holds the account: nobody answers for them any more. Call it late, as `recordChange`.
 */
export async function deleteThirdPartyApps(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const deleted = await transaction
    .updateTable('client')
    .set((eb) => ({
      ...asDeleted,
      description: null,
      listed: false,
      epoch: eb('epoch', '+', 1),
      updated_at: sql<Date>`now()`,
    }))
    .where('author_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .returning(['id', 'client_id', 'epoch'])
    .execute();
  if (deleted.length === 0) return;
  const ids = deleted.map(({ id }) => id);
  await transaction.deleteFrom('client_secret').where('client_id', 'in', ids).execute();
  for (const { client_id: clientId, epoch } of deleted) {
    await recordEvent(transaction, {
      action: 'client.deleted',
      target: { kind: 'client', id: clientId },
      details: { because: 'its author was deleted' },
    });
    await recordChange(transaction, { kind: 'client.deleted', clientId, epoch });
  }
}
