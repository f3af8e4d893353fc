import { type Kysely, sql } from 'kysely';

/** Sign-in: sessions and invitations of people, and the devices that they approve. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table account add column password_hash text, add column password_changed_at timestamptz, add column last_sign_in_at timestamptz',
  // The link of an invited person. An account has at most one; a new one replaces it.
  `create table invitation (
    account_id uuid primary key references account,
    digest bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  // Found by the digest of its cookie. The id names it on the person's own pages.
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
  // How a grant is shown among a person's devices; null if no device asked for it.
  `alter table oauth_grant add column device jsonb, add column last_used_at timestamptz, add column revoked_because text`,
  // The first decision about a device is final, whatever Redis says about the code later.
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
  // Polling intervals of devices without Redis.
  `create table device_poll (
    id bytea primary key,
    polled_at timestamptz not null default now(),
    interval_seconds integer not null,
    expires_at timestamptz not null
  )`,
  'create index device_poll_expires on device_poll (expires_at)',
  // The layout of rate-limiter-flexible, for limits without Redis: attempts to sign in and to guess codes.
  'create table rate_limit (key varchar(255) primary key, points integer not null default 0, expire bigint)',
  'create index rate_limit_expire on rate_limit (expire)',
];
