import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';

/** SQL: whether the row of `account` has a passkey that signs it in without a password. */
export const hasVerifiedPasskey = sql<boolean>`exists (select from passkey
  where passkey.account_id = account.id and passkey.user_verified)`;

/** Whether an account has a passkey that signs it in without a password. */
export async function signsInByPasskey(
  connection: Connection,
  accountId: string,
): Promise<boolean> {
  const found = await connection
    .selectFrom('account')
    .select('id')
    .where('id', '=', accountId)
    .where(hasVerifiedPasskey)
    .executeTakeFirst();
  return found !== undefined;
}
