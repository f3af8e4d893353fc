import { type RawBuilder, sql } from 'kysely';
import { usageDays } from '../../config/apps.ts';
import { documentBounds } from '../../config/client-documents.ts';
import { lifetimes } from '../../config/lifetimes.ts';
import { retainAfterEnd } from '../../config/tokens.ts';
import type { Database } from '../../db/database.ts';

/** Rows that one statement deletes: few, so it holds locks, and the embedded database, only briefly. */
const batchSize = 2_000;

/** Milliseconds after which a run starts no further statement. The next run, a minute after this one started, continues. */
const maxRun = 40_000;

/** Seconds. The row of a sent email keeps it from being sent again, so it outlives every reason to send one. */
const mailRetention = 40 * 86_400;

const ago = (seconds: number) => sql`now() - ${sql.lit(seconds)} * interval '1 second'`;

/**
 * The expired rows of each table. The conditions for tokens match their indexes, so a run reads only what it deletes.
 * Tokens of weekly partitions are not here: they are dropped with their partition.
 */
const expired: [table: string, condition: RawBuilder<unknown>][] = [
  ['artifact', sql`expires_at < now()`],
  ['redemption', sql`expires_at < now()`],
  ['session', sql`expires_at < now()`],
  ['session', sql`last_seen_at < ${ago(lifetimes.idleSession)}`],
  ['remembered_browser', sql`expires_at < now()`],
  ['invitation', sql`expires_at < now()`],
  ['app_invitation', sql`expires_at < now()`],
  ['mailed_link', sql`expires_at < now()`],
  ['sign_in_code', sql`expires_at < now()`],
  ['forgotten_password', sql`created_at < ${ago(lifetimes.mailedPasswordReset)}`],
  ['registration', sql`expires_at < now()`],
  ['initial_access_token', sql`expires_at < now()`],
  [
    'client_document',
    sql`fresh_until < ${ago(documentBounds.unused)} and not exists (select from client c
      where c.client_id = client_document.client_id and c.deleted_at is null)`,
  ],
  [
    'signal_stream',
    sql`exists (select from client c where c.id = signal_stream.client_id and c.deleted_at is not null)`,
  ],
  ['client_usage', sql`day < (now() at time zone 'UTC')::date - ${sql.lit(usageDays.kept)}`],
  [
    'figure',
    sql`at < now() - interval '31 days' or (at < now() - interval '2 days' and client_id <> '')`,
  ],
  ['bulk_revocation', sql`ended_at < now() - interval '90 days'`],
  ['client_refusal', sql`at < now() - interval '30 days'`],
  ['device_decision', sql`expires_at < now()`],
  ['consent_decision', sql`expires_at < now()`],
  ['device_poll', sql`expires_at < now()`],
  // In milliseconds since 1970, in the type of the column, or the index is not used.
  ['rate_limit', sql`expire < (extract(epoch from now()) * 1000)::bigint`],
  // Owners see expired and revoked tokens for a while.
  ['token_shelf_0', sql`expires_at < ${ago(retainAfterEnd)}`],
  [
    'token_shelf_0',
    sql`name <> '' and revoked_at is not null and revoked_at < ${ago(retainAfterEnd)}`,
  ],
  ['oauth_grant', sql`live_until < ${ago(86_400)}`],
  ['mail', sql`created_at < ${ago(mailRetention)}`],
];

/**
 * Deletes expired rows until none is left or the time is up: a batch of each table in turn, so none waits behind a long
 * one. Returns the number of deleted rows by table.
 */
export async function sweep(
  database: Database,
  {
    changeRetentionDays,
    maxDuration = maxRun,
    signal,
  }: {
    changeRetentionDays: number;
    /** Milliseconds. */
    maxDuration?: number;
    /** Ends the run after the current statement. */
    signal?: AbortSignal;
  },
): Promise<Record<string, number>> {
  const until = performance.now() + maxDuration;
  const deleted: Record<string, number> = {};
  let left = [...expired, ['change', sql`at < ${ago(changeRetentionDays * 86_400)}`] as const];
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

/** Rows that another transaction has locked are left for the next run. */
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
