import { type Kysely, sql } from 'kysely';

/** For finding people by the beginnings of words of their names, and of their email addresses. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index account_search on account
    using gin (to_tsvector('simple', name || ' ' || coalesce(email, ''))) where deleted_at is null`.execute(
    db,
  );
}
