import { type Kysely, sql } from 'kysely';

/**
 * Clients that register themselves: how each came here, the metadata documents that were read, and what such clients can get
 * of each resource.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table client add column origin text',
  'create index client_origin on client (origin, client_id) where origin is not null',
  'alter table resource add column self_registered_policy jsonb',
  // A client exists only once a person has allowed it, so strangers fill nothing but this table, which is swept.
  `create table client_document (
    client_id text primary key,
    metadata jsonb not null,
    fetched_at timestamptz not null,
    fresh_until timestamptz not null,
    retry_at timestamptz,
    failed_since timestamptz,
    failure text
  )`,
  'create index client_document_fresh_until on client_document (fresh_until)',
];
