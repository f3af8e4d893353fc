import { passwordLoginClientIds } from '../../../config/clients.ts';
import type { Connection } from '../../../db/schema.ts';
import { revokeGrant } from './grants.ts';

/** The maximum number of active password logins of an account, so that revoking all of them remains cheap. */
const maxPasswordLogins = 50;

/**
 * Revokes the grants of programs that logged in with a person's password (`accounts/sign-in.ts`), except one. They
 * are revoked whenever the person's sessions are. Requires a transaction that has locked the accounts, and must come
 * last in it (see `revokeGrant`).
 */
export async function revokePasswordLogins(
  transaction: Connection,
  accountIds: string | readonly string[],
  exceptGrantId?: string,
): Promise<void> {
  const grants = await activePasswordLogins(transaction, [accountIds].flat())
    .$if(exceptGrantId !== undefined, (query) => query.where('id', '<>', String(exceptGrantId)))
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const { id } of grants) await revokeGrant(transaction, id, 'owner');
}

/** Revokes the oldest password logins beyond the maximum. Call it as `revokePasswordLogins`. */
export async function trimPasswordLogins(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  const oldest = await activePasswordLogins(transaction, [accountId])
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .offset(maxPasswordLogins)
    .forUpdate()
    .execute();
  for (const { id } of oldest) await revokeGrant(transaction, id, 'owner');
}

/**
 * Callers lock all rows before they revoke the first: a transaction that holds the change counter must not wait for a
 * grant.
 */
const activePasswordLogins = (transaction: Connection, accountIds: readonly string[]) =>
  transaction
    .selectFrom('oauth_grant')
    .select('id')
    .where('account_id', 'in', accountIds)
    .where('client_id', 'in', (query) =>
      query
        .selectFrom('client')
        .select('client.id')
        .where('client_id', 'in', passwordLoginClientIds),
    )
    .where('revoked_at', 'is', null)
    .where('live_until', '>', (eb) => eb.fn<Date>('now'));
