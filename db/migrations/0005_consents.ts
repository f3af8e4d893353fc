import { type Kysely, sql } from 'kysely';

/** What people answered apps that asked to be let in, in a browser. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Whoever answers a request first has answered it, in whichever tab, whatever Redis says of it later.
  `create table consent_decision (
    id bytea primary key,
    decision text not null check (decision in ('approved', 'denied')),
    account_id uuid not null references account,
    grant_id uuid references oauth_grant on delete cascade,
    details jsonb not null,
    decided_at timestamptz not null default now(),
    expires_at timestamptz not null,
    check ((decision = 'approved') = (grant_id is not null))
  )`,
  'create index consent_decision_expires on consent_decision (expires_at)',
  // The engine's sessions were found by it, of which there are none any more.
  'alter table artifact drop column uid',
];
