import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { holdAccount } from '../accounts/sessions.ts';

/** Holds the account. Throws `access_denied` where it was disabled or deleted in the meantime. */
export async function requireActivePerson(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  await holdAccount(transaction, accountId);
  const active = await transaction
    .selectFrom('account')
    .select('id')
    .where('id', '=', accountId)
    .where('disabled_at', 'is', null)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!active) throw new OAuthError('access_denied', 'The account is disabled.');
}
