import { type Kysely, sql } from 'kysely';

/** Named tokens: how they are listed, what people can create for a resource, and emails about them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
  // Detached partitions keep their tokens for a week and can be attached again.
  const { rows } = await sql<{ shelf: number }>`
    select shelf from shelf where to_regclass('token_shelf_' || shelf) is not null
      and not exists (select from pg_inherits where inhrelid = to_regclass('token_shelf_' || shelf))`.execute(
    db,
  );
  for (const { shelf } of rows)
    await sql`alter table ${sql.table(`token_shelf_${shelf}`)} ${sql.raw(newColumns)}`.execute(db);
}

const newColumns =
  'add column hint text, add column subject_type text, add column subject_id text, add column successor bytea';

const statements = [
  `alter table token ${newColumns}`,
  // Only tokens with a name are listed: by creation, by name and by expiry, of one client or of all, so a list reads
  // only what it shows. The indexes over all clients have the condition that a name or a subject is not empty, which
  // holds for every one of them; queries for one client do not repeat it, so they never use these indexes. The indexes
  // over all clients start with the kind, so a rare kind is found as fast as a common one.
  `create index token_shelf_0_made on token_shelf_0 (kind, issued_at desc, key desc) where name <> ''`,
  `create index token_shelf_0_client_made on token_shelf_0 (client_id, issued_at desc, key desc) where name is not null`,
  `create index token_shelf_0_subject on token_shelf_0 (subject_type, subject_id, issued_at desc, key desc) where subject_id is not null`,
  `create index token_shelf_0_subject_type on token_shelf_0 (subject_type, issued_at desc, key desc) where subject_id <> ''`,
  `create index token_shelf_0_client_subject_type on token_shelf_0 (client_id, subject_type, issued_at desc, key desc) where subject_id is not null`,
  `create index token_shelf_0_name on token_shelf_0 (kind, (lower(name) collate "C"), key) where name <> ''`,
  `create index token_shelf_0_client_name on token_shelf_0 (client_id, (lower(name) collate "C"), key) where name is not null`,
  `create index token_shelf_0_client_expires on token_shelf_0 (client_id, expires_at desc, key desc) where name is not null and revoked_at is null`,
  `create index token_shelf_0_revoked on token_shelf_0 (revoked_at desc, key desc) where name <> '' and revoked_at is not null`,
  `create index token_shelf_0_client_revoked on token_shelf_0 (client_id, revoked_at desc, key desc) where name is not null and revoked_at is not null`,
  // API keys are rare among the tokens that were created with them.
  `create index token_shelf_0_api_keys on token_shelf_0 (client_id, issued_at desc, key desc) where kind = 'api_key'`,
  // A leaked secret is looked up by its digest.
  'create index client_secret_digest on client_secret (digest)',
  // Personal access tokens exist only for resources that an administrator opened to them, because scopes can be meant
  // only for machines. Only Writ's own API is open from the start, for at most a year.
  `alter table resource add column personal_policy jsonb, add column details_types jsonb not null default '[]'`,
  `update resource set personal_policy = '{"longest_ttl": 31622400}'
    where identifier = (select issuer || '/api/v1' from installation)`,
  `create table mail (
    id uuid primary key default gen_random_uuid(),
    kind text not null,
    account_id uuid not null references account,
    details jsonb not null,
    once text unique,
    created_at timestamptz not null default now(),
    next_attempt_at timestamptz not null default now(),
    attempts integer not null default 0,
    sent_at timestamptz
  )`,
  'create index mail_due on mail (next_attempt_at) where sent_at is null',
  'create index mail_created on mail (created_at)',
];
