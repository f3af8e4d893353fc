import { type Kysely, sql } from 'kysely';

/** Which grants a session gave a client before its last login: they end with the session as well. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table client_login add column earlier_grants uuid[] not null default '{}'`.execute(
    db,
  );
}
