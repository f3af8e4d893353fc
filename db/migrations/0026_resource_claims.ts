import { type Kysely, sql } from 'kysely';

/** The claims of a resource's tokens that come from attributes of the person: the attribute of each claim. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table resource add column claims jsonb not null default '{}'`.execute(db);
}
