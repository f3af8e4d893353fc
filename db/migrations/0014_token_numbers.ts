import { type Kysely, sql } from 'kysely';

/**
 * The numbers by which SQLite Cloud names tokens. A sequence never repeats one, not even that of a deleted token. Older
 * tokens get a number when one is first needed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create sequence token_number`.execute(db);
  await sql`alter table token add column number bigint`.execute(db);
  // Detached partitions keep their tokens for a week and can be attached again.
  const { rows } = await sql<{ shelf: number }>`
    select shelf from shelf where to_regclass('token_shelf_' || shelf) is not null
      and not exists (select from pg_inherits where inhrelid = to_regclass('token_shelf_' || shelf))`.execute(
    db,
  );
  for (const { shelf } of rows)
    await sql`alter table ${sql.table(`token_shelf_${shelf}`)} add column number bigint`.execute(
      db,
    );
  await sql`create unique index token_shelf_0_number on token_shelf_0 (number) where number is not null`.execute(
    db,
  );
}
