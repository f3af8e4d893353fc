import { type Kysely, sql } from 'kysely';

/** For the events of an action, the newest first. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index audit_event_action on audit_event (action, id)`.execute(db);
}
