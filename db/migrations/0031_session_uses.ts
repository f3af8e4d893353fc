import { type Kysely, sql } from 'kysely';

/** The first use of a session by another browser on another network than those in which it began. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table session
    add column elsewhere_at timestamptz,
    add column elsewhere_ip text,
    add column elsewhere_user_agent text`.execute(db);
}
