import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';

/** Months for which partitions are created in advance: long enough to notice that the job fails. */
const monthsAhead = 3;

/** Creates and drops the monthly partitions of audit events. */
export function createAuditPartitions({ database }: { database: Database }) {
  const { kysely } = database;

  return {
    /** Creates the partitions of this month and the following ones. Safe to run in several processes at once. */
    async createAhead(): Promise<void> {
      const { rows } = await sql<{ name: string; first: string; end: string }>`
        select to_char(month, '"audit_event_"YYYY_MM') as name, month::text as first, (month + interval '1 month')::text as end
        from generate_series(date_trunc('month', now() at time zone 'UTC'),
          date_trunc('month', now() at time zone 'UTC') + ${sql.lit(monthsAhead)} * interval '1 month', interval '1 month') as month
        where not exists (select from pg_inherits where inhparent = 'audit_event'::regclass
          and inhrelid = to_regclass(to_char(month, '"audit_event_"YYYY_MM')))`.execute(kysely);
      if (rows.length === 0) return;
      await kysely.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(hashtext('writ audit'))`.execute(transaction);
        for (const { name, first, end } of rows) {
          const { rows: attached } = await sql`
            select from pg_inherits where inhparent = 'audit_event'::regclass and inhrelid = to_regclass(${name})`.execute(
            transaction,
          );
          if (attached.length > 0) continue;
          // A partition that a crash or an operator left detached is attached again with its events.
          await sql`create table if not exists ${sql.table(name)} (like audit_event including defaults including constraints)`.execute(
            transaction,
          );
          await sql`alter table audit_event attach partition ${sql.table(name)}
            for values from (${sql.lit(`${first}+00`)}) to (${sql.lit(`${end}+00`)})`.execute(
            transaction,
          );
        }
      });
    },

    /**
     * Drops the partitions of months that ended more than `retentionDays` ago and returns their names. Each one is
     * detached first: unlike a plain drop, that waits for readers of the table without blocking anyone.
     */
    async retire(retentionDays: number): Promise<string[]> {
      const { rows } = await sql<{ name: string; attached: boolean; pending: boolean }>`
        select c.relname as name, i.inhrelid is not null as attached, coalesce(i.inhdetachpending, false) as pending
        from pg_class c left join pg_inherits i on i.inhrelid = c.oid
        where c.relkind = 'r' and c.relname ~ '^audit_event_\\d{4}_\\d{2}$'
          and c.relnamespace = (select relnamespace from pg_class where oid = 'audit_event'::regclass)
          and to_timestamp(substring(c.relname from '\\d{4}_\\d{2}$'), 'YYYY_MM') + interval '1 month'
            < now() - ${sql.lit(retentionDays)} * interval '1 day'
        order by 1`.execute(kysely);
      for (const { name, attached, pending } of rows) {
        const month = sql.table(name);
        if (pending)
          await sql`alter table audit_event detach partition ${month} finalize`.execute(kysely);
        else if (attached)
          await sql`alter table audit_event detach partition ${month} ${sql.raw(database.embedded ? '' : 'concurrently')}`.execute(
            kysely,
          );
        await sql`drop table ${month}`.execute(kysely);
      }
      return rows.map(({ name }) => name);
    },
  };
}

export type AuditPartitions = ReturnType<typeof createAuditPartitions>;
