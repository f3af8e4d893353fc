import { type Kysely, sql } from 'kysely';

/** Who must have a second factor, and the planned resets of second factors that people have lost. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Null: a second factor is optional. 0: it is required at the next sign-in.
  'alter table role add column second_factor_within_days integer check (second_factor_within_days >= 0)',
  // When each policy that applies to the account first did, by its source.
  "alter table account add column factor_policies jsonb not null default '{}'",
  // A row is deleted when the reset is done, cancelled or stopped.
  `create table factor_reset (
    account_id uuid primary key references account on delete cascade,
    id uuid not null default gen_random_uuid(),
    planned_at timestamptz not null default now(),
    due_at timestamptz not null
  )`,
  'create index factor_reset_due on factor_reset (due_at)',
];
