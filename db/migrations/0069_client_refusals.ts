import { type Kysely, sql } from 'kysely';

/** Why requests of each client were last refused, by error code. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table client_refusal (
    client_id text not null references client (client_id) on delete cascade,
    error text not null,
    reason text not null,
    address text,
    at timestamptz not null,
    primary key (client_id, error)
  )`.execute(db);
  await sql`create index client_refusal_at on client_refusal (at)`.execute(db);
}
