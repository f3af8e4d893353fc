import { type Kysely, sql } from 'kysely';

/**
 * Clients that people register for others to use: the account that is responsible, a description, and whether the client
 * is listed publicly. No foreign key, for the same reason as `owner_id`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table client add column author_id uuid, add column description text,
    add column listed boolean not null default false`.execute(db);
  await sql`create index client_author on client (author_id) where author_id is not null`.execute(
    db,
  );
}
