import { sql } from 'kysely';
import type { Connection, DisabledBy } from '../../../db/schema.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { deletedColumns } from './store.ts';

/**
 * Marks apps that were disabled together with their author's account, to distinguish them from those that an
 * operator disabled.
 */
const withAuthor: DisabledBy = 'member';

/**
 * Deletes the third-party apps of a person (`third-party-apps.ts`) and revokes their tokens. The transaction must
 * hold the account's lock. Call it late, like `recordChange`.
 */
export async function deleteThirdPartyApps(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const deleted = await transaction
    .updateTable('client')
    .set((eb) => ({
      ...deletedColumns,
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
 * Disables the third-party apps of a person and revokes their tokens and codes. Apps that are already disabled keep
 * their state. The transaction must hold the account's lock. Call it late, like `recordChange`.
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

/**
 * Enables the apps that `disableThirdPartyApps` disabled; their tokens stay revoked. Call it late, like
 * `recordChange`.
 */
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
