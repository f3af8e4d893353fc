import { type Kysely, sql } from 'kysely';

/** Decisions of people about the authorization requests of apps. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // The first decision about a request is final, in whichever tab, whatever Redis says later.
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
  // Only the engine's sessions used it, and those are no longer stored.
  'alter table artifact drop column uid',
];
