import { type Kysely, sql } from 'kysely';

/** Initial access tokens of apps, with the role of the clients that are registered with them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table initial_access_token
    add column app_id uuid references app on delete cascade,
    add column app_role text`,
  'create index initial_access_token_app on initial_access_token (app_id) where app_id is not null',
];
