import { type Kysely, sql } from 'kysely';

/** For finding the people with exactly a name, before all others whose names have its words. No name is too long for the index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index account_name on account (lower(left(name, 200))) where deleted_at is null`.execute(
    db,
  );
}
