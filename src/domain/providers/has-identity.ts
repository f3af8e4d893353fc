import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';

/** SQL for the account of the statement: it has an identity at a provider that people can sign in with. */
export const hasIdentity = sql<boolean>`exists (
  select from linked_identity i join identity_provider p on p.id = i.provider_id
  where i.account_id = account.id and p.enabled)`;

/** Whether a person can sign in with another identity provider. */
export async function signsInByProvider(
  connection: Connection,
  accountId: string,
): Promise<boolean> {
  const row = await connection
    .selectFrom('account')
    .select(hasIdentity.as('has'))
    .where('id', '=', accountId)
    .executeTakeFirst();
  return row?.has ?? false;
}
