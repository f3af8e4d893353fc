import { type Kysely, sql } from 'kysely';

/**
 * Which clients act for which people by token exchange (RFC 8693): since when, under which grant, and whether the person
 * has ended it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table delegation (
    account_id uuid not null references account (id) on delete cascade,
    client_id uuid not null references client (id) on delete cascade,
    grant_id uuid references oauth_grant (id) on delete set null,
    since timestamptz not null default now(),
    ended_at timestamptz,
    primary key (account_id, client_id)
  )`,
  'create index delegation_client on delegation (client_id, since)',
  'create index delegation_grant on delegation (grant_id)',
];
