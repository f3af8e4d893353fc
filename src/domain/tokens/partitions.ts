import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
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

/**
 * The table that a shelf is. What changes single rows names it, since an UPDATE of the whole opens every
 * shelf; it gives the shelf as well as the key, since by the key alone Postgres would read the whole table.
 */
export const shelfTable = (shelf: number): string => `token_shelf_${shelf}`;

/** A statement for each shelf, whose text is made once. */
export function statementPerShelf(
  make: (shelf: number) => Statement,
): (shelf: number) => Statement {
  const made = new Map<number, Statement>();
  return (shelf) => {
    const statement = made.get(shelf) ?? make(shelf);
    made.set(shelf, statement);
    return statement;
  };
}

/** The keys of tokens, by the shelf they lie on. */
export const byShelf = (ids: readonly TokenId[]): Map<number, Buffer[]> => {
  const shelves = new Map<number, Buffer[]>();
  for (const { shelf, key } of ids) {
    const keys = shelves.get(shelf);
    if (keys) keys.push(key);
    else shelves.set(shelf, [key]);
  }
  return shelves;
};

/** For a statement on a shelf that may be gone, and every token on it with it: then there is nothing to do. */
export function unlessDropped(error: unknown): never[] {
  if (!isMissingTable(error)) throw error;
  return [];
}

/** What brings a shelf; one that is known still has its table, with its tokens. */
const attachment = (shelf: number, known: ReadonlySet<number>): string =>
  `${known.has(shelf) ? '' : `create table ${shelfTable(shelf)} (like token including defaults including constraints);`}
  alter table token attach partition ${shelfTable(shelf)} for values in (${shelf});`;

const tableOf = (shelf: number) => sql.table(shelfTable(shelf));

/**
 * The partitions of the token table, one a week. They come by ATTACH, which lets reads and writes of
 * the others go on, and leave whole, so that the table never bloats.
 */
export function createShelves({ database }: { database: Database }) {
  const { kysely } = database;

  /** Asked of the catalog: a crash, or a hand, can leave the table of shelves behind it. */
  const attachedAmong = async (shelves: number[], transaction: Connection): Promise<number[]> => {
    const { rows } = await sql<{ shelf: number }>`
      select n.shelf from unnest(${shelves}::integer[]) as n (shelf)
      join pg_inherits on inhparent = 'token'::regclass and inhrelid = to_regclass('token_shelf_' || n.shelf)`.execute(
      transaction,
    );
    return rows.map(({ shelf }) => shelf);
  };

  /** Safe to run by several processes at once: they queue, and the later ones find the work done. */
  async function attach(shelves: number[]): Promise<void> {
    if (shelves.length === 0) return;
    await kysely.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('writ shelves'))`.execute(transaction);
      const listed = await transaction
        .selectFrom('shelf')
        .select('shelf')
        .where('shelf', 'in', shelves)
        .execute();
      const known = new Set(listed.map(({ shelf }) => shelf));
      const attached = new Set(await attachedAmong([...known], transaction));
      const missing = shelves.filter((shelf) => !attached.has(shelf));
      if (missing.length === 0) return;
      // In one statement: each that is sent and planned by itself costs as much as what it does.
      await sql
        .raw(`do $$ begin ${missing.map((shelf) => attachment(shelf, known)).join(' ')} end $$`)
        .execute(transaction);
      await transaction
        .insertInto('shelf')
        .values(missing.map((shelf) => ({ shelf, detached_at: null })))
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
      await attach([...new Set(shelves)]);
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
      const wanted = Array.from({ length: weeksAhead + 1 }, (_, week) => current + week);
      await attach(wanted.filter((shelf) => !there.has(shelf)));
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
