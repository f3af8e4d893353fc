import { type Kysely, sql } from 'kysely';

/**
 * What people have allowed each client, so that they are not asked again: one row for each resource, '' for the scopes
 * of OpenID Connect. `declined` are the optional scopes that they unticked. `browser` is a digest that is the same for
 * all grants of one browser, which a new login there replaces.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table consent (
      account_id uuid not null references account on delete cascade,
      client_id uuid not null references client on delete cascade,
      resource text not null,
      scopes text[] not null,
      declined text[] not null default '{}',
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (account_id, client_id, resource)
    )`,
    'create index consent_client on consent (client_id)',
    'alter table oauth_grant add column browser bytea',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
