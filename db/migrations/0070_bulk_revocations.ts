import { type Kysely, sql } from 'kysely';

/** Revocations of all tokens that match a filter, which a server works through in portions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table bulk_revocation (
    id uuid primary key,
    filter jsonb not null,
    actor jsonb not null,
    state text not null default 'running' check (state in ('running', 'done', 'stopped')),
    position jsonb,
    revoked bigint not null default 0,
    refused bigint not null default 0,
    began_at timestamptz not null default now(),
    worked_at timestamptz not null default now(),
    ended_at timestamptz
  )`.execute(db);
  await sql`create index bulk_revocation_running on bulk_revocation (began_at) where state = 'running'`.execute(
    db,
  );
  await sql`create index bulk_revocation_ended on bulk_revocation (ended_at)`.execute(db);
}
