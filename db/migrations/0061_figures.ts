import { type Kysely, sql } from 'kysely';

/** What each process has counted, in steps of ten minutes. `client_id` is empty except for refusals by client. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table figure (
    name text not null,
    at timestamptz not null,
    client_id text not null default '',
    count bigint not null,
    primary key (name, at, client_id)
  )`.execute(db);
  await sql`create index figure_at on figure (at)`.execute(db);
}
