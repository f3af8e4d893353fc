import { type Kysely, sql } from 'kysely';

/**
 * Signing out of clients: which clients each browser session entered (OpenID Connect Back-Channel Logout 1.0 §2.2), and
 * an outbox of the clients to notify of ended sessions.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // A grant whose tokens have expired is deleted, but the client can still have a session of its own.
  `create table client_login (
    session_id uuid not null references session on delete cascade,
    client_id uuid not null references client,
    grant_id uuid references oauth_grant on delete set null,
    created_at timestamptz not null default now(),
    last_login_at timestamptz not null default now(),
    primary key (session_id, client_id)
  )`,
  'create index client_login_grant on client_login (grant_id)',
  // A row is deleted when its client was notified, or when it has expired.
  `create table logout_notice (
    id uuid primary key default gen_random_uuid(),
    client_id uuid not null references client,
    account_id uuid not null references account,
    sid text,
    created_at timestamptz not null default now(),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index logout_notice_next_attempt on logout_notice (next_attempt_at)',
];
