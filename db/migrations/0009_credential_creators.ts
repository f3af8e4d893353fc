import { type Kysely, sql } from 'kysely';

/**
 * The account that created a client secret or an API key. Null if none did, and in older rows. No foreign key: the id
 * outlives the account's personal data and must not block its deletion.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table client_secret add column created_by uuid`.execute(db);
  await sql`alter table token add column created_by uuid`.execute(db);
  // Detached partitions keep their tokens for a week and can be attached again.
  const { rows } = await sql<{ shelf: number }>`
    select shelf from shelf where to_regclass('token_shelf_' || shelf) is not null
      and not exists (select from pg_inherits where inhrelid = to_regclass('token_shelf_' || shelf))`.execute(
    db,
  );
  for (const { shelf } of rows)
    await sql`alter table ${sql.table(`token_shelf_${shelf}`)} add column created_by uuid`.execute(
      db,
    );
}
