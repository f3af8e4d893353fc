import { passwordLoginClientIds } from '../../../config/clients.ts';
import type { Connection } from '../../../db/schema.ts';
import { revokeGrant } from './grants.ts';

/**
 * Revokes the logins of programs that a person began with their password (`accounts/sign-in.ts`), all but one where one
 * is named: they end where sessions do. Call it last, as `recordChange`, in a transaction that holds the account.
 */
export async function endPasswordLogins(
  transaction: Connection,
  accountId: string,
  exceptGrantId?: string,
): Promise<void> {
  // All are locked before the first is revoked: who holds the counter of changes waits for no grant.
  const grants = await transaction
    .selectFrom('oauth_grant')
    .select('id')
    .where('account_id', '=', accountId)
    .where('client_id', 'in', (query) =>
      query
        .selectFrom('client')
        .select('client.id')
        .where('client_id', 'in', passwordLoginClientIds),
    )
    .where('revoked_at', 'is', null)
    .where('live_until', '>', (eb) => eb.fn<Date>('now'))
    .$if(exceptGrantId !== undefined, (query) => query.where('id', '<>', String(exceptGrantId)))
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const { id } of grants) await revokeGrant(transaction, id, 'owner');
}
