import { type Kysely, sql } from 'kysely';

/** How each background job went the last time that it ran, in whichever process. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table job_run (
    name text primary key,
    began_at timestamptz not null,
    seconds double precision not null,
    failures integer not null default 0,
    result jsonb,
    error text,
    failed_at timestamptz
  )`.execute(db);
}
