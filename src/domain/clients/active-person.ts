import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { lockAccount } from '../accounts/sessions.ts';

/** Locks the account. Throws `access_denied` if it has been disabled or deleted. */
export async function requireActivePerson(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  await lockAccount(transaction, accountId);
  const active = await transaction
    .selectFrom('account')
    .select('id')
    .where('id', '=', accountId)
    .where('disabled_at', 'is', null)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!active) throw new OAuthError('access_denied', 'The account is disabled.');
}
