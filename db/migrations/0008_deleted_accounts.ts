import { type Kysely, sql } from 'kysely';

/** Accounts whose person is gone: the row stays, so that the id, the `sub` of tokens, is never another's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table account add column deleted_at timestamptz`.execute(db);
}
