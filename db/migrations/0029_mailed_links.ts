import { type Kysely, sql } from 'kysely';

/**
 * Emails that carry people: links and codes by email, emails to an address that is not (or no longer) that of an account, and
 * requests of people who forgot their password.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // The recipient, if it is not the address that the account has when the email is sent; what the email says in secret,
  // sealed, until the email is sent.
  `alter table mail alter column account_id drop not null,
    add column recipient text,
    add column secret bytea,
    add constraint mail_has_recipient check (account_id is not null or recipient is not null)`,
  'create index mail_account on mail (account_id)',
  // Using an invitation that only the mailbox got proves that the address is the person's.
  'alter table invitation add column by_email boolean not null default false',
  // Links that were sent by email. A used one stays until it expires, so that a second click can say so.
  `create table mailed_link (
    digest bytea primary key,
    account_id uuid not null references account,
    purpose text not null,
    email text,
    email_verified boolean,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
  )`,
  'create index mailed_link_account on mailed_link (account_id)',
  'create index mailed_link_expires on mailed_link (expires_at)',
  // The address as it was typed: whether an account has it is found out after the response.
  `create table forgotten_password (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    ip text,
    created_at timestamptz not null default now()
  )`,
  // Codes of sign-ins that wait for one.
  `create table sign_in_code (
    id bytea primary key,
    account_id uuid not null references account,
    digest bytea not null,
    attempts integer not null default 0,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index sign_in_code_account on sign_in_code (account_id)',
  'create index sign_in_code_expires on sign_in_code (expires_at)',
];
