import { type Kysely, sql } from 'kysely';

/** Clients that register themselves at the registration endpoint (RFC 7591): their registrations, and the tokens for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table initial_access_token (
    id uuid primary key default gen_random_uuid(),
    digest bytea not null unique,
    name text not null,
    hint text not null,
    resources text[] not null default '{}',
    uses integer not null default 0,
    max_uses integer not null,
    created_by uuid,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index initial_access_token_expires on initial_access_token (expires_at)',
  // A client that is removed takes its registration with it.
  `create table client_registration (
    client_id uuid primary key references client on delete cascade,
    digest bytea not null unique,
    previous_digest bytea,
    initial_access_token_id uuid,
    created_at timestamptz not null default now()
  )`,
];
