import { type Kysely, sql } from 'kysely';

/** Records why a token was revoked: `leaked` if a leak report named it; null otherwise, and for all existing rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table token add column revoked_because text`.execute(db);
  // Detached partitions keep their tokens for a week and can be attached again.
  const { rows } = await sql<{ shelf: number }>`
    select shelf from shelf where to_regclass('token_shelf_' || shelf) is not null
      and not exists (select from pg_inherits where inhrelid = to_regclass('token_shelf_' || shelf))`.execute(
    db,
  );
  for (const { shelf } of rows)
    await sql`alter table ${sql.table(`token_shelf_${shelf}`)} add column revoked_because text`.execute(
      db,
    );
}
