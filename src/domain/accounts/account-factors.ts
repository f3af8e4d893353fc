/** ALL SECOND FACTORS OF AN ACCOUNT, whatever their kind, for administrators, policies and resets. */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';

/** A second factor as administrators see it. */
export interface FactorDescription {
  /** The ID of a passkey; the others have none, since an account has at most one. */
  id: string | null;
  kind: 'authenticator' | 'passkey' | 'recovery_codes';
  /** The name that the person gave it. */
  name: string | null;
  /** How many recovery codes are left. */
  left: number | null;
  created_at: Date;
  last_used_at: Date | null;
}

/**
 * SQL condition: an account has a second factor. Recovery codes alone are none. `account` is an expression for its ID.
 */
export const secondFactorSql = (account: string): string =>
  `(exists (select from authenticator f where f.account_id = ${account})
    or exists (select from passkey k where k.account_id = ${account}))`;

/** The same, for queries that are built. */
export const hasSecondFactor = (account: string): RawBuilder<boolean> =>
  sql<boolean>`${sql.raw(secondFactorSql(account))}`;

/** Whether an account has a second factor. */
export async function accountHasFactor(
  connection: Connection,
  accountId: string,
): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select ${hasSecondFactor('a.id')} as has from account a where a.id = ${accountId}::uuid`.execute(
    connection,
  );
  return rows[0]?.has ?? false;
}

/** Throws `conflict` if an account has a second factor. The transaction holds the lock of the account. */
export async function requireNoFactor(transaction: Connection, accountId: string): Promise<void> {
  if (await accountHasFactor(transaction, accountId))
    throw new OAuthError('conflict', 'The account has a second factor by now.');
}

/** Cancels a planned reset of factors (`factor-resets.ts`), and records the event. False if none is planned. */
export async function cancelFactorReset(
  transaction: Connection,
  accountId: string,
): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('factor_reset')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  await recordEvent(transaction, {
    action: 'account.factors_reset_cancelled',
    target: { kind: 'account', id: accountId },
  });
  return true;
}

/** Removes every factor of an account, its recovery codes and remembered browsers. Returns the kinds of the factors. */
export async function removeAllFactors(
  transaction: Connection,
  accountId: string,
): Promise<FactorDescription['kind'][]> {
  const removed = await list(transaction, accountId);
  const tables = ['authenticator', 'passkey', 'recovery_code', 'remembered_browser'] as const;
  for (const table of tables)
    await transaction.deleteFrom(table).where('account_id', '=', accountId).execute();
  return removed.map(({ kind }) => kind);
}

async function list(connection: Connection, accountId: string): Promise<FactorDescription[]> {
  const { rows } = await sql<FactorDescription>`
    select null as id, 'authenticator' as kind, null as name, null::integer as left, created_at, last_used_at
      from authenticator where account_id = ${accountId}::uuid
    union all select id::text, 'passkey', name, null::integer, created_at, last_used_at
      from passkey where account_id = ${accountId}::uuid
    union all select null, 'recovery_codes', null, (count(*) filter (where used_at is null))::integer, min(created_at), max(used_at)
      from recovery_code where account_id = ${accountId}::uuid having count(*) > 0
    order by created_at`.execute(connection);
  return rows;
}

/** The second factors of accounts, for administrators. */
export const createAccountFactors = ({ kysely }: Pick<Database, 'kysely'>) => ({
  /** The factors of an account, the oldest first. */
  list: (accountId: string): Promise<FactorDescription[]> =>
    orUnavailable(() => list(kysely, accountId)),
});

export type AccountFactors = ReturnType<typeof createAccountFactors>;
