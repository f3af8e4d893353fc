import { type Kysely, sql } from 'kysely';

/** Passkeys of people (WebAuthn), and the random value by which authenticators know each account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Authenticators store it next to a passkey, so it says nothing about the account.
  'alter table account add column passkey_handle bytea unique',
  // A signature counter is an unsigned 32-bit number.
  `create table passkey (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account,
    credential_id bytea not null unique,
    public_key bytea not null,
    counter bigint not null,
    transports text[] not null default '{}',
    aaguid uuid,
    backup_eligible boolean not null,
    backed_up boolean not null,
    user_verified boolean not null,
    name text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz
  )`,
  'create index passkey_account on passkey (account_id)',
];
