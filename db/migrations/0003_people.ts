import { type Kysely, sql } from 'kysely';

/** People who sign in, their sessions and invitations, and the devices that they let in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table account add column password_hash text, add column password_changed_at timestamptz, add column last_sign_in_at timestamptz',
  // Of the link that an invited person gets. An account has one at most: a new one ends the one before.
  `create table invitation (
    account_id uuid primary key references account,
    digest bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  // Found by the digest of its cookie. The id is what its owner's pages name it by.
  `create table session (
    id uuid primary key default gen_random_uuid(),
    digest bytea not null unique,
    account_id uuid not null references account,
    signed_in_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ip text,
    user_agent text
  )`,
  'create index session_account on session (account_id)',
  'create index session_expires on session (expires_at)',
  // What a login is shown as among its owner's devices; null where no device asked.
  `alter table oauth_grant add column device jsonb, add column last_used_at timestamptz, add column revoked_because text`,
  // Whoever answers a device first has answered it, whatever Redis says of the code later.
  `create table device_decision (
    id bytea primary key,
    decision text not null check (decision in ('approved', 'denied')),
    account_id uuid not null references account,
    grant_id uuid references oauth_grant on delete cascade,
    details jsonb not null,
    decided_at timestamptz not null default now(),
    expires_at timestamptz not null,
    check ((decision = 'approved') = (grant_id is not null))
  )`,
  'create index device_decision_expires on device_decision (expires_at)',
  // How often a device asks, where there is no Redis.
  `create table device_poll (
    id bytea primary key,
    polled_at timestamptz not null default now(),
    interval_seconds integer not null,
    expires_at timestamptz not null
  )`,
  'create index device_poll_expires on device_poll (expires_at)',
  // As rate-limiter-flexible wants it, where there is no Redis: attempts to sign in and to guess codes.
  'create table rate_limit (key varchar(255) primary key, points integer not null default 0, expire bigint)',
  'create index rate_limit_expire on rate_limit (expire)',
];
