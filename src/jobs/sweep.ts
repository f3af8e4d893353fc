import { sql } from 'kysely';
import { usageDays } from '../../config/apps.ts';
import { lifetimes } from '../../config/lifetimes.ts';
import type { Database } from '../../db/database.ts';

/** Rows of one table that a run deletes at most, so that no run holds locks for long. */
const atOnce = 10_000;

/** What each table no longer needs. Tokens of weekly shelves are not here: they leave with their shelf. */
const over = {
  artifact: sql`expires_at < now()`,
  redemption: sql`expires_at < now()`,
  session: sql`(expires_at < now() or last_seen_at < now() - ${sql.lit(lifetimes.idleSession)} * interval '1 second')`,
  invitation: sql`expires_at < now()`,
  app_invitation: sql`expires_at < now()`,
  client_usage: sql`day < (now() at time zone 'UTC')::date - ${sql.lit(usageDays.kept)}`,
  device_decision: sql`expires_at < now()`,
  consent_decision: sql`expires_at < now()`,
  device_poll: sql`expires_at < now()`,
  // In milliseconds since 1970.
  rate_limit: sql`expire < extract(epoch from now()) * 1000`,
  // A day longer than the last token, so that introspection tells expiry and not absence.
  token_shelf_0: sql`expires_at < now() - interval '1 day'`,
  oauth_grant: sql`live_until < now() - interval '1 day'`,
};

/** Deletes what is over. Gives the number of rows by table. */
export async function sweep(
  database: Database,
  { changeRetentionDays }: { changeRetentionDays: number },
): Promise<Record<string, number>> {
  const conditions = {
    ...over,
    change: sql`at < now() - ${sql.lit(changeRetentionDays)} * interval '1 day'`,
  };
  const deleted: Record<string, number> = {};
  for (const [table, condition] of Object.entries(conditions)) {
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} where ctid = any (array(select ctid from ${sql.table(table)} where ${condition} limit ${sql.lit(atOnce)})) and ${condition}
    `.execute(database.kysely);
    if (numAffectedRows > 0n) deleted[table] = Number(numAffectedRows);
  }
  return deleted;
}
