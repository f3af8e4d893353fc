import { type Kysely, sql } from 'kysely';

/** Streams of Shared Signals (OpenID SSF 1.0) of resource servers, and what their receivers have not acknowledged. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // `position` is the number of the last change that the stream has read. Without `endpoint_url` its receiver polls.
  `create table signal_stream (
    id text primary key,
    client_id uuid not null references client on delete cascade,
    endpoint_url text,
    sealed_authorization bytea,
    events_requested text[],
    description text,
    status text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
    reason text,
    position bigint not null,
    verified_at timestamptz,
    attempts integer not null default 0,
    failing_since timestamptz,
    next_attempt_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  'create index signal_stream_client on signal_stream (client_id)',
  `create table signal_event (
    ordinal bigint generated always as identity primary key,
    jti text not null unique,
    stream_id text not null references signal_stream on delete cascade,
    claims jsonb not null,
    created_at timestamptz not null default now()
  )`,
  'create index signal_event_stream on signal_event (stream_id, ordinal)',
];
