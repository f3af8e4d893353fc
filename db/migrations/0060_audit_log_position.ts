import { type Kysely, sql } from 'kysely';

/** For the audit as lines (AUDIT_LOG): the transaction of each event, and how far the lines were written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
  // A partition that was detached in order to be dropped can be attached again if the process crashed in between.
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class c where relkind = 'r' and relname ~ '^audit_event_\\d{4}_\\d{2}$'
      and relnamespace = (select relnamespace from pg_class where oid = 'audit_event'::regclass)
      and not exists (select from pg_inherits where inhrelid = c.oid)`.execute(db);
  for (const { name } of rows)
    await sql`alter table ${sql.table(name)} add column xid xid8`.execute(db);
}

const statements = [
  // Two steps: existing events have none, so no table is rewritten.
  'alter table audit_event add column xid xid8',
  'alter table audit_event alter column xid set default pg_current_xact_id()',
  // Partial, so it is empty for now; its creation only reads the events.
  'create index audit_event_xid on audit_event (xid, id) where xid is not null',
  // One row, once a server has had AUDIT_LOG. `earlier`: events up to this id are not written, whatever their transaction.
  `create table audit_log_position (
    only_one boolean primary key default true check (only_one),
    xid xid8 not null,
    id bigint not null,
    earlier bigint not null default 0
  )`,
];
