import { sql } from 'kysely';
import type { Connection, DisabledBy } from '../../../db/schema.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { asDeleted } from './store.ts';

/** Who disabled an app that was disabled with its author's account: an operator's decision about the app stays apart. */
const withAuthor: DisabledBy = 'member';

/**
 * Deletes every app that a person registered for others to use (`third-party-apps.ts`), with its tokens, in a
 * transaction that holds the account: no one is responsible for them then. Call it late, as `recordChange`.
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
  await record(transaction, 'client.deleted', deleted, 'its author was deleted');
}

/**
 * Disables every app that a person registered for others to use, and ends its tokens and codes, in a transaction that
 * holds the account. Those that are disabled already stay as they are. Call it late, as `recordChange`.
 */
export async function disableThirdPartyApps(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const disabled = await transaction
    .updateTable('client')
    .set((eb) => ({
      disabled_at: sql<Date>`now()`,
      disabled_by: withAuthor,
      epoch: eb('epoch', '+', 1),
      updated_at: sql<Date>`now()`,
    }))
    .where('author_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .where('disabled_at', 'is', null)
    .returning(['client_id', 'epoch'])
    .execute();
  await record(transaction, 'client.disabled', disabled, 'its author was disabled');
}

/** Enables the apps that `disableThirdPartyApps` disabled; their tokens stay ended. Call it late, as `recordChange`. */
export async function enableThirdPartyApps(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const enabled = await transaction
    .updateTable('client')
    .set({ disabled_at: null, disabled_by: null, updated_at: sql<Date>`now()` })
    .where('author_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .where('disabled_by', '=', withAuthor)
    .returning(['client_id', 'epoch'])
    .execute();
  await record(transaction, 'client.enabled', enabled, 'its author was enabled');
}

async function record(
  transaction: Connection,
  kind: 'client.deleted' | 'client.disabled' | 'client.enabled',
  clients: readonly { client_id: string; epoch: number }[],
  because: string,
): Promise<void> {
  for (const { client_id: clientId, epoch } of clients) {
    await recordEvent(transaction, {
      action: kind,
      target: { kind: 'client', id: clientId },
      details: { because },
    });
    await recordChange(transaction, { kind, clientId, epoch });
  }
}
