import { type Kysely, sql } from 'kysely';

/**
 * The account whose key pair a client is; its tokens act for that person. Null for all other clients. No foreign key: the
 * row of a client outlives the personal data of an account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table client add column owner_id uuid`.execute(db);
  await sql`create index client_owner on client (owner_id) where owner_id is not null`.execute(db);
}
