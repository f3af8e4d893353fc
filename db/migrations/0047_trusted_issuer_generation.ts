import { type Kysely, sql } from 'kysely';

/**
 * Tokens issued for tokens of a trusted issuer name its generation, and are active only while it has that one: a new one revokes
 * them all with one write.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table trusted_issuer add column generation uuid not null default gen_random_uuid()',
  'create unique index trusted_issuer_generation on trusted_issuer (generation)',
];
