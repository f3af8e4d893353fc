import { type Kysely, sql } from 'kysely';

/** The indexes with which the sweep finds expired rows without reading others. */
const statements = [
  'create index session_last_seen on session (last_seen_at)',
  'create index invitation_expires on invitation (expires_at)',
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
