import { type Kysely, sql } from 'kysely';

/** The schema of the first release: the installation, who can get tokens, and the tokens. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table installation (
    singleton boolean primary key default true check (singleton),
    issuer text not null,
    created_at timestamptz not null default now()
  )`,
  `create table sealed_key (
    id text primary key,
    purpose text not null,
    sealed bytea not null,
    created_at timestamptz not null default now()
  )`,
  `create table signing_key (
    kid text primary key,
    alg text not null,
    state text not null default 'signing' check (state in ('announced', 'signing', 'retired')),
    public_jwk jsonb not null,
    sealed_private_jwk bytea not null,
    created_at timestamptz not null default now()
  )`,
  `create table role (
    name text primary key,
    description text not null default '',
    permissions text[] not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create table resource (
    identifier text primary key,
    name text not null,
    scopes jsonb not null,
    token_format text not null check (token_format in ('opaque', 'jwt')),
    signing_alg text not null check (signing_alg in ('ES256', 'RS256', 'EdDSA')),
    access_token_ttl integer check (access_token_ttl > 0),
    is_default boolean not null default false,
    created_at timestamptz not null default now()
  )`,
  'create unique index resource_default on resource (is_default) where is_default',
  `create table app (
    id uuid primary key default gen_random_uuid(),
    name text not null unique,
    epoch integer not null default 0,
    disabled_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  `create table account (
    id uuid primary key default gen_random_uuid(),
    email text,
    name text not null default '',
    roles text[] not null default '{}',
    epoch integer not null default 0,
    disabled_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  'create unique index account_email on account (lower(email))',
  `create table client (
    id uuid primary key default gen_random_uuid(),
    client_id text not null unique,
    app_id uuid references app,
    metadata jsonb not null,
    roles text[] not null default '{}',
    resources text[] not null default '{}',
    resource_server_for text[] not null default '{}',
    sample boolean not null default false,
    epoch integer not null default 0,
    disabled_at timestamptz,
    deleted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create table client_secret (
    id uuid primary key default gen_random_uuid(),
    client_id uuid not null references client,
    kind text not null check (kind in ('keyed', 'argon2', 'bcrypt')),
    key_id text references sealed_key,
    digest text not null,
    hint text,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    check ((kind = 'keyed') = (key_id is not null))
  )`,
  'create index client_secret_client on client_secret (client_id)',
  `create table oauth_grant (
    id uuid primary key,
    account_id uuid not null references account,
    client_id uuid not null references client,
    payload jsonb not null,
    epoch integer not null default 0,
    revoked_at timestamptz,
    live_until timestamptz not null,
    created_at timestamptz not null default now()
  )`,
  'create index oauth_grant_account on oauth_grant (account_id)',
  'create index oauth_grant_live_until on oauth_grant (live_until)',
  // No foreign keys: checking them on every insert would cost more than they give, and the token of a deleted owner is
  // inactive by the join. No DEFAULT partition: it would forbid detaching concurrently.
  `create table token (
    shelf integer not null,
    key bytea not null,
    kind text not null,
    jwt boolean not null default false,
    client_id uuid not null,
    account_id uuid,
    grant_id uuid,
    client_epoch integer not null,
    app_epoch integer not null,
    account_epoch integer not null,
    grant_epoch integer not null,
    scope text,
    audience text[],
    payload jsonb,
    name text,
    issued_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    consumed_at timestamptz,
    last_used_at timestamptz,
    primary key (shelf, key)
  ) partition by list (shelf)`,
  'create index token_client on token (client_id)',
  'create table token_shelf_0 partition of token for values in (0)',
  'create index token_shelf_0_account on token_shelf_0 (account_id)',
  'create index token_shelf_0_expires on token_shelf_0 (expires_at)',
  `create table shelf (
    shelf integer primary key,
    attached_at timestamptz not null default now(),
    detached_at timestamptz
  )`,
  'insert into shelf (shelf) values (0)',
  `create table redemption (
    id bytea primary key,
    fingerprint bytea,
    answer bytea,
    redeemed_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null
  )`,
  'create index redemption_expires on redemption (expires_at)',
  `create table artifact (
    kind text not null,
    id bytea not null,
    sealed bytea not null,
    grant_id uuid,
    uid bytea,
    user_code bytea,
    expires_at timestamptz not null,
    primary key (kind, id)
  )`,
  'create index artifact_expires on artifact (expires_at)',
  'create index artifact_grant on artifact (grant_id) where grant_id is not null',
  'create unique index artifact_uid on artifact (kind, uid) where uid is not null',
  'create unique index artifact_user_code on artifact (kind, user_code) where user_code is not null',
  `create table change (
    number bigint primary key,
    at timestamptz not null default now(),
    kind text not null,
    token_id text,
    client_id text,
    grant_id uuid,
    account_id uuid,
    app_id uuid,
    epoch integer
  )`,
  'create index change_at on change (at)',
  'create table change_counter (singleton boolean primary key default true check (singleton), last bigint not null)',
  'insert into change_counter (last) values (0)',
  'create table lease (name text primary key, holder text not null, expires_at timestamptz not null)',
];
