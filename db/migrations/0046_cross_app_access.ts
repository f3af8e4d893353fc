import { type Kysely, sql } from 'kysely';

/**
 * For whom clients get ID-JAGs (draft-ietf-oauth-identity-assertion-authz-grant): at which authorization server, for what, and for
 * people with which roles.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Without roles: for everyone. `sso_client_id` is the client that the other server is here, if it knows people by ids of its own.
  `create table cross_app_access (
    id text primary key,
    client_id uuid not null references client on delete cascade,
    audience text not null,
    client_id_there text not null,
    sso_client_id text,
    resources text[] not null default '{}',
    scopes text[] not null default '{}',
    roles text[],
    email boolean not null default false,
    lifetime integer not null,
    enabled boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (client_id, audience)
  )`,
];
