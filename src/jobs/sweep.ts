import { type RawBuilder, sql } from 'kysely';
import { usageDays } from '../../config/apps.ts';
import { lifetimes } from '../../config/lifetimes.ts';
import { retainAfterEnd } from '../../config/tokens.ts';
import type { Database } from '../../db/database.ts';

/** Rows of one table that a run deletes at most, so that no run holds locks for long. */
const batchSize = 10_000;

/** Longer than anything is told once: the row of a mail that was sent keeps it from being sent again. */
const keptMails = 40 * 86_400;

const ago = (seconds: number) => sql`now() - ${sql.lit(seconds)} * interval '1 second'`;

/**
 * What each table no longer needs; of tokens, in the words of their indexes, so that a run reads what it
 * deletes and no more. Those of weekly partitions are not here: they leave with their partition.
 */
const over: [table: string, condition: RawBuilder<unknown>][] = [
  ['artifact', sql`expires_at < now()`],
  ['redemption', sql`expires_at < now()`],
  ['session', sql`(expires_at < now() or last_seen_at < ${ago(lifetimes.idleSession)})`],
  ['invitation', sql`expires_at < now()`],
  ['app_invitation', sql`expires_at < now()`],
  ['client_usage', sql`day < (now() at time zone 'UTC')::date - ${sql.lit(usageDays.kept)}`],
  ['device_decision', sql`expires_at < now()`],
  ['consent_decision', sql`expires_at < now()`],
  ['device_poll', sql`expires_at < now()`],
  // In milliseconds since 1970.
  ['rate_limit', sql`expire < extract(epoch from now()) * 1000`],
  // Whoever owns a token sees for a while what became of it.
  ['token_shelf_0', sql`expires_at < ${ago(retainAfterEnd)}`],
  [
    'token_shelf_0',
    sql`name <> '' and revoked_at is not null and revoked_at < ${ago(retainAfterEnd)}`,
  ],
  ['oauth_grant', sql`live_until < ${ago(86_400)}`],
  ['mail', sql`created_at < ${ago(keptMails)}`],
];

/** Deletes what is over. Gives the number of rows by table. */
export async function sweep(
  database: Database,
  { changeRetentionDays }: { changeRetentionDays: number },
): Promise<Record<string, number>> {
  const change = sql`at < ${ago(changeRetentionDays * 86_400)}`;
  const deleted: Record<string, number> = {};
  for (const [table, condition] of [...over, ['change', change] as const]) {
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} where ctid = any (array(select ctid from ${sql.table(table)} where ${condition} limit ${sql.lit(batchSize)})) and ${condition}
    `.execute(database.kysely);
    if (numAffectedRows > 0n) deleted[table] = (deleted[table] ?? 0) + Number(numAffectedRows);
  }
  return deleted;
}
