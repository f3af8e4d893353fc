import { type Kysely, sql } from 'kysely';

/** Deleted accounts: the row remains, because the id is the `sub` of tokens and must never be reused. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table account add column deleted_at timestamptz`.execute(db);
}
