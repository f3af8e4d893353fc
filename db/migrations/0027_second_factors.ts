import { type Kysely, sql } from 'kysely';

/**
 * Second factors of people: what each session has proven, the authenticator app of an account, its recovery codes, and
 * browsers that are not asked for a second factor.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table session
    add column amr text[] not null default '{pwd}',
    add column factor_at timestamptz`,
  // The secret is sealed. The step of the last accepted code keeps it, and those before it, from being used again.
  `create table authenticator (
    account_id uuid primary key references account,
    secret bytea not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    last_step integer not null
  )`,
  `create table recovery_code (
    account_id uuid not null references account,
    digest bytea not null,
    created_at timestamptz not null default now(),
    used_at timestamptz,
    primary key (account_id, digest)
  )`,
  `create table remembered_browser (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account,
    digest bytea not null unique,
    password_version text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ip text,
    user_agent text
  )`,
  'create index remembered_browser_account on remembered_browser (account_id)',
  'create index remembered_browser_expiry on remembered_browser (expires_at)',
];
