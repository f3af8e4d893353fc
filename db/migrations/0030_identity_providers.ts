import { type Kysely, sql } from 'kysely';

/**
 * Other identity providers (OpenID Connect, and the OAuth of GitHub): their settings, and which of their identities belongs to
 * which account. Of an upstream login only its identity is kept, never a token. A session knows the identity that it came
 * from, and the `sid` of the other side, so that a sign-out there ends it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table identity_provider (
    id text primary key,
    name text not null,
    kind text not null check (kind in ('oidc', 'github')),
    issuer text not null,
    client_id text not null,
    sealed_secret bytea,
    scopes text[] not null,
    domains text[] not null default '{}',
    create_accounts text not null default 'no' check (create_accounts in ('no', 'verified')),
    allowed_domains text[] not null default '{}',
    role_rules jsonb not null default '[]',
    updates_profile boolean not null default false,
    trusts_email boolean not null default false,
    trusts_second_factor boolean not null default false,
    second_factor_values text[] not null default '{mfa}',
    sign_out boolean not null default false,
    private_network boolean not null default false,
    enabled boolean not null default true,
    position integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  // `roles` are those that rules of the provider gave: only these are removed by a later sign-in.
  `create table linked_identity (
    id uuid primary key default gen_random_uuid(),
    provider_id text not null references identity_provider on delete cascade,
    issuer text not null,
    subject text not null,
    account_id uuid not null references account,
    email text,
    username text,
    roles text[] not null default '{}',
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    unique (provider_id, issuer, subject)
  )`,
  'create index linked_identity_account on linked_identity (account_id)',
  'alter table session add column identity_id uuid references linked_identity on delete set null',
  'alter table session add column upstream_sid text',
  'create index session_identity on session (identity_id) where identity_id is not null',
];
