import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import { isMissingTable } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { endOfShelf, type TokenId } from './value.ts';

/** Weeks for which shelves are made ahead: more than any shelved token lives. */
const weeksAhead = 58;
/** A clock that jumps must not take much: this many shelves are detached in one run at most. */
const detachedAtOnce = 2;
/** Seconds after a shelf's week before it is detached: longer than clocks of processes may differ. */
const margin = 3_600;
const keptDetached = '7 days';

/** The table that a shelf is. What changes single rows names it, since an UPDATE of the whole opens every shelf. */
export const shelfTable = (shelf: number): string => `token_shelf_${shelf}`;

/** The keys of tokens, by the shelf they lie on. */
export const byShelf = (ids: readonly TokenId[]): Map<number, Buffer[]> => {
  const shelves = new Map<number, Buffer[]>();
  for (const { shelf, key } of ids) shelves.set(shelf, [...(shelves.get(shelf) ?? []), key]);
  return shelves;
};

/** For a statement on a shelf that may be gone, and every token on it with it: then there is nothing to do. */
export function unlessDropped(error: unknown): never[] {
  if (!isMissingTable(error)) throw error;
  return [];
}

const tableOf = (shelf: number) => sql.table(shelfTable(shelf));

/**
 * The partitions of the token table, one a week. They come by ATTACH, which lets reads and writes of
 * the others go on, and leave whole, so that the table never bloats.
 */
export function createShelves({ database }: { database: Database }) {
  const { kysely } = database;

  /** Asked of the catalog: a crash, or a hand, can leave the table of shelves behind it. */
  const isAttached = async (shelf: number, transaction: Connection): Promise<boolean> => {
    const { rows } = await sql`
      select from pg_inherits where inhparent = 'token'::regclass and inhrelid = to_regclass(${shelfTable(shelf)})`.execute(
      transaction,
    );
    return rows.length === 1;
  };

  /** Safe to run by several processes at once: they queue, and the later ones find the work done. */
  async function attach(shelf: number): Promise<void> {
    await kysely.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('writ shelf ' || ${shelf}::text))`.execute(
        transaction,
      );
      const known = await transaction
        .selectFrom('shelf')
        .select('detached_at')
        .where('shelf', '=', shelf)
        .executeTakeFirst();
      if (known && (await isAttached(shelf, transaction))) return;
      if (!known)
        await sql`create table ${tableOf(shelf)} (like token including defaults including constraints)`.execute(
          transaction,
        );
      await sql`alter table token attach partition ${tableOf(shelf)} for values in (${sql.lit(shelf)})`.execute(
        transaction,
      );
      await transaction
        .insertInto('shelf')
        .values({ shelf, detached_at: null })
        .onConflict((conflict) => conflict.column('shelf').doUpdateSet({ detached_at: null }))
        .execute();
    });
  }

  const now = async (): Promise<number> => {
    const { rows } = await sql<{
      now: number;
    }>`select extract(epoch from now())::float8 as now`.execute(kysely);
    return rows[0]?.now ?? Number.NaN;
  };

  async function detach(shelf: number): Promise<void> {
    if (database.embedded)
      await sql`alter table token detach partition ${tableOf(shelf)}`.execute(kysely);
    else
      await sql`alter table token detach partition ${tableOf(shelf)} concurrently`.execute(kysely);
    await kysely
      .updateTable('shelf')
      .set({ detached_at: sql<Date>`now()` })
      .where('shelf', '=', shelf)
      .execute();
  }

  /** A detachment that a crash cut short is brought to its end. */
  async function finishDetaching(): Promise<void> {
    const { rows } = await sql<{ shelf: number }>`
      select substring(c.relname from 'token_shelf_(\\d+)')::integer as shelf
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'token'::regclass and i.inhdetachpending`.execute(kysely);
    for (const { shelf } of rows) {
      await sql`alter table token detach partition ${tableOf(shelf)} finalize`.execute(kysely);
      await kysely
        .updateTable('shelf')
        .set({ detached_at: sql<Date>`now()` })
        .where('shelf', '=', shelf)
        .execute();
    }
    // Detached, but the process died before it said so.
    await sql`
      update shelf set detached_at = now() where detached_at is null and shelf <> 0
      and not exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'token'::regclass and c.relname = 'token_shelf_' || shelf)`.execute(
      kysely,
    );
  }

  return {
    /** Makes the shelves of these tokens where they are missing, as for a lifetime beyond those made ahead. */
    async ensure(shelves: Iterable<number>): Promise<void> {
      for (const shelf of new Set(shelves)) await attach(shelf);
    },

    /** Makes the shelves from this week on. A shelf that a wrong clock detached comes back with its tokens. */
    async makeAhead(): Promise<void> {
      const current = Math.floor((await now()) / endOfShelf(0));
      const there = new Set(
        (
          await kysely
            .selectFrom('shelf')
            .select('shelf')
            .where('detached_at', 'is', null)
            .execute()
        ).map(({ shelf }) => shelf),
      );
      for (let shelf = current; shelf <= current + weeksAhead; shelf++)
        if (!there.has(shelf)) await attach(shelf);
    },

    /** Detaches shelves whose week is over, and drops those that were detached a week ago. Gives what it did. */
    async retire(): Promise<{ detached: number[]; dropped: number[] }> {
      await finishDetaching();
      const time = await now();
      const shelves = await kysely
        .selectFrom('shelf')
        .select([
          'shelf',
          sql<boolean>`detached_at < now() - ${sql.lit(keptDetached)}::interval`.as('drop'),
          'detached_at',
        ])
        .where('shelf', '<>', 0)
        .orderBy('shelf')
        .execute();
      const over = shelves.filter(
        ({ shelf, detached_at }) => !detached_at && endOfShelf(shelf) + margin < time,
      );
      const detached = over.slice(0, detachedAtOnce).map(({ shelf }) => shelf);
      for (const shelf of detached) await detach(shelf);
      // The week must be over by today's clock too: one that jumped ahead and came back drops nothing.
      const dropped = shelves
        .filter(({ shelf, drop }) => drop && endOfShelf(shelf) + margin < time)
        .map(({ shelf }) => shelf);
      for (const shelf of dropped) {
        await sql`drop table if exists ${tableOf(shelf)}`.execute(kysely);
        await kysely.deleteFrom('shelf').where('shelf', '=', shelf).execute();
      }
      return { detached, dropped };
    },
  };
}

export type Shelves = ReturnType<typeof createShelves>;
