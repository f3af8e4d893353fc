import { type Kysely, sql } from 'kysely';

/**
 * For the named tokens of a client by kind, the newest first: one client can have a million of one kind and none of another.
 * It replaces that of API keys, and the one without the kind, which the planner would take for a kind that it believes to be common. Until they
 * are replaced, processes of the previous version sort the tokens of a client.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'create index token_shelf_0_client_kind on token_shelf_0 (client_id, kind, issued_at desc, key desc) where name is not null',
  'drop index token_shelf_0_client_made, token_shelf_0_api_keys',
];
