import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';

/**
 * Ends the access and refresh tokens of a client, by its epoch, in the transaction that ends a credential of
 * it: so no request that authenticated with the credential slips past. API keys and API tokens stay: they were
 * not got by a secret, and their owners are people who have nothing to do with it.
 */
export async function endIssuedTokens(
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
  // They have names, so all of them are on this partition. Tokens are locked in the order of their keys everywhere.
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
