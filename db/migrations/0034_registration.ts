import { type Kysely, sql } from 'kysely';

/**
 * People who register themselves: addresses that wait for the use of a link, accounts that wait for an administrator, and
 * the terms that a person has accepted.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Several rows can have one address: it belongs to no one before a link was used.
  `create table registration (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index registration_expires on registration (expires_at)',
  'create index registration_email on registration (lower(email))',
  'alter table account add column approval_requested_at timestamptz, add column accepted_terms jsonb',
  'create index account_approval_requested on account (approval_requested_at) where approval_requested_at is not null',
];
