import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';

/**
 * Revokes the access and refresh tokens of a client by raising its epoch, in the transaction that revokes the
 * credential, so that a concurrent request that authenticated with it is revoked too. API keys and API tokens stay
 * valid: they were not issued for the secret, and belong to other people.
 */
export async function revokeIssuedTokens(
  transaction: Connection,
  client: string,
  because: string,
): Promise<void> {
  const { client_id: clientId, epoch } = await transaction
    .updateTable('client')
    .set((eb) => ({ epoch: eb('epoch', '+', 1), updated_at: sql<Date>`now()` }))
    .where('id', '=', client)
    .returning(['client_id', 'epoch'])
    .executeTakeFirstOrThrow();
  // Named tokens are all in this partition. Lock in key order, as everywhere, to avoid deadlocks.
  await sql`with locked as materialized (
      select key from token_shelf_0 where client_id = ${client} and name is not null
        and client_epoch = ${epoch - 1} and kind in ('api_key', 'api_token')
      order by key for update
    )
    update token_shelf_0 t set client_epoch = ${epoch} from locked where t.key = locked.key`.execute(
    transaction,
  );
  await recordEvent(transaction, {
    action: 'client.tokens_revoked',
    target: { kind: 'client', id: clientId },
    details: { because, kept: ['api_key', 'api_token'] },
  });
  await recordChange(transaction, { kind: 'client.tokens_revoked', clientId, epoch });
}
