import { passwordLoginClientIds } from '../../../config/clients.ts';
import type { Connection } from '../../../db/schema.ts';
import { revokeGrant } from './grants.ts';

/** Logins by password that an account has at a time: one more ends the oldest, so that ending them all is little work. */
const mostPasswordLogins = 50;

/**
 * Revokes the logins of programs that a person began with their password (`accounts/sign-in.ts`), all but one where one
 * is named: they end where sessions do. Call it last, as `recordChange`, in a transaction that holds the account.
 */
export async function endPasswordLogins(
  transaction: Connection,
  accountId: string,
  exceptGrantId?: string,
): Promise<void> {
  const grants = await livePasswordLogins(transaction, accountId)
    .$if(exceptGrantId !== undefined, (query) => query.where('id', '<>', String(exceptGrantId)))
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const { id } of grants) await revokeGrant(transaction, id, 'owner');
}

/** Revokes the oldest logins by password beyond the most that an account has. Call it as `endPasswordLogins`. */
export async function trimPasswordLogins(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const oldest = await livePasswordLogins(transaction, accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .offset(mostPasswordLogins)
    .forUpdate()
    .execute();
  for (const { id } of oldest) await revokeGrant(transaction, id, 'owner');
}

/** All are locked before the first is revoked: who holds the counter of changes waits for no grant. */
const livePasswordLogins = (transaction: Connection, accountId: string) =>
  transaction
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
    .where('live_until', '>', (eb) => eb.fn<Date>('now'));
