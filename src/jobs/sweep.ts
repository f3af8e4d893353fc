import { type RawBuilder, sql } from 'kysely';
import { usageDays } from '../../config/apps.ts';
import { lifetimes } from '../../config/lifetimes.ts';
import { retainAfterEnd } from '../../config/tokens.ts';
import type { Database } from '../../db/database.ts';

/** Rows that one statement deletes: few, so that none holds locks for long, nor the embedded database. */
const batchSize = 2_000;

/** Milliseconds after which a run begins no further statement. The next run, a minute after this one began, goes on. */
const longestRun = 40_000;

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
  ['session', sql`expires_at < now()`],
  ['session', sql`last_seen_at < ${ago(lifetimes.idleSession)}`],
  ['invitation', sql`expires_at < now()`],
  ['app_invitation', sql`expires_at < now()`],
  ['client_usage', sql`day < (now() at time zone 'UTC')::date - ${sql.lit(usageDays.kept)}`],
  ['device_decision', sql`expires_at < now()`],
  ['consent_decision', sql`expires_at < now()`],
  ['device_poll', sql`expires_at < now()`],
  // In milliseconds since 1970, as the type of the column, or its index is of no use.
  ['rate_limit', sql`expire < (extract(epoch from now()) * 1000)::bigint`],
  // Whoever owns a token sees for a while what became of it.
  ['token_shelf_0', sql`expires_at < ${ago(retainAfterEnd)}`],
  [
    'token_shelf_0',
    sql`name <> '' and revoked_at is not null and revoked_at < ${ago(retainAfterEnd)}`,
  ],
  ['oauth_grant', sql`live_until < ${ago(86_400)}`],
  ['mail', sql`created_at < ${ago(keptMails)}`],
];

/**
 * Deletes what is over, until nothing is left or the time is up: a batch of each table in turn, so that none waits
 * behind a long one. Gives the number of rows by table.
 */
export async function sweep(
  database: Database,
  {
    changeRetentionDays,
    patience = longestRun,
    signal,
  }: {
    changeRetentionDays: number;
    /** Milliseconds. */
    patience?: number;
    /** Ends the run after the statement that is on its way. */
    signal?: AbortSignal;
  },
): Promise<Record<string, number>> {
  const until = performance.now() + patience;
  const deleted: Record<string, number> = {};
  let left = [...over, ['change', sql`at < ${ago(changeRetentionDays * 86_400)}`] as const];
  while (left.length > 0) {
    const more: typeof left = [];
    for (const entry of left) {
      if (signal?.aborted || performance.now() > until) return deleted;
      const [table, condition] = entry;
      const rows = await deleteBatch(database, table, condition);
      if (rows > 0) deleted[table] = (deleted[table] ?? 0) + rows;
      if (rows === batchSize) more.push(entry);
    }
    left = more;
  }
  return deleted;
}

/** Rows that another transaction has locked are left to the next run. */
async function deleteBatch(
  { kysely }: Database,
  table: string,
  condition: RawBuilder<unknown>,
): Promise<number> {
  const some = sql`select ctid from ${sql.table(table)} where ${condition} limit ${sql.lit(batchSize)} for update skip locked`;
  const { numAffectedRows = 0n } = await sql`
    delete from ${sql.table(table)} where ctid = any (array(${some})) and ${condition}`.execute(
    kysely,
  );
  return Number(numAffectedRows);
}
