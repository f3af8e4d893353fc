import { type Kysely, sql } from 'kysely';

/** Clients that people registered and that an administrator changed later: their authors can no longer change them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table client add column taken_over_at timestamptz`.execute(db);
}
