import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import { isMissingTable } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { endOfPartition, type TokenId } from './value.ts';

/** Weeks for which partitions are made ahead: more than any shelved token lives. */
const weeksAhead = 58;
/** A clock that jumps must not take much: this many partitions are detached in one run at most. */
const detachedAtOnce = 2;
/** Seconds after a partition's week before it is detached: longer than clocks of processes may differ. */
const margin = 3_600;
const keptDetached = '7 days';

/**
 * The table that a partition is. What changes single rows names it, since an UPDATE of the whole opens every
 * partition; it gives the partition as well as the key, since by the key alone Postgres would read the whole table.
 */
export const partitionTable = (partition: number): string => `token_shelf_${partition}`;

/** A statement for each partition, whose text is made once. */
export function statementPerPartition(
  make: (partition: number) => Statement,
): (partition: number) => Statement {
  const made = new Map<number, Statement>();
  return (partition) => {
    const statement = made.get(partition) ?? make(partition);
    made.set(partition, statement);
    return statement;
  };
}

/** The keys of tokens, by the partition they lie on. */
export const groupByPartition = (ids: readonly TokenId[]): Map<number, Buffer[]> => {
  const partitions = new Map<number, Buffer[]>();
  for (const { partition, key } of ids) {
    const keys = partitions.get(partition);
    if (keys) keys.push(key);
    else partitions.set(partition, [key]);
  }
  return partitions;
};

/** For a statement on a partition that may be gone, and every token on it with it: then there is nothing to do. */
export function unlessDropped(error: unknown): never[] {
  if (!isMissingTable(error)) throw error;
  return [];
}

/** What brings a partition; one that is known still has its table, with its tokens. */
const attachment = (partition: number, known: ReadonlySet<number>): string =>
  `${known.has(partition) ? '' : `create table ${partitionTable(partition)} (like token including defaults including constraints);`}
  alter table token attach partition ${partitionTable(partition)} for values in (${partition});`;

const tableOf = (partition: number) => sql.table(partitionTable(partition));

/**
 * The partitions of the token table, one a week. They come by ATTACH, which lets reads and writes of
 * the others go on, and leave whole, so that the table never bloats.
 */
export function createPartitions({ database }: { database: Database }) {
  const { kysely } = database;

  /** Reads the catalog: a crash, or a manual change, can leave the table of partitions untrue. */
  const attachedAmong = async (
    partitions: number[],
    transaction: Connection,
  ): Promise<number[]> => {
    const { rows } = await sql<{ partition: number }>`
      select n.shelf as partition from unnest(${partitions}::integer[]) as n (shelf)
      join pg_inherits on inhparent = 'token'::regclass and inhrelid = to_regclass('token_shelf_' || n.shelf)`.execute(
      transaction,
    );
    return rows.map(({ partition }) => partition);
  };

  /** Safe to run by several processes at once: they queue, and the later ones find the work done. */
  async function attach(partitions: number[]): Promise<void> {
    if (partitions.length === 0) return;
    await kysely.transaction().execute(async (transaction) => {
      // The name is what processes of earlier versions lock, too.
      await sql`select pg_advisory_xact_lock(hashtext('writ shelves'))`.execute(transaction);
      const listed = await transaction
        .selectFrom('shelf')
        .select('shelf as partition')
        .where('shelf', 'in', partitions)
        .execute();
      const known = new Set(listed.map(({ partition }) => partition));
      const attached = new Set(await attachedAmong([...known], transaction));
      const missing = partitions.filter((partition) => !attached.has(partition));
      if (missing.length === 0) return;
      // In one statement: each that is sent and planned by itself costs as much as what it does.
      await sql
        .raw(
          `do $$ begin ${missing.map((partition) => attachment(partition, known)).join(' ')} end $$`,
        )
        .execute(transaction);
      await transaction
        .insertInto('shelf')
        .values(missing.map((partition) => ({ shelf: partition, detached_at: null })))
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

  async function detach(partition: number): Promise<void> {
    if (database.embedded)
      await sql`alter table token detach partition ${tableOf(partition)}`.execute(kysely);
    else
      await sql`alter table token detach partition ${tableOf(partition)} concurrently`.execute(
        kysely,
      );
    await kysely
      .updateTable('shelf')
      .set({ detached_at: sql<Date>`now()` })
      .where('shelf', '=', partition)
      .execute();
  }

  /** A detachment that a crash cut short is brought to its end. */
  async function finishDetaching(): Promise<void> {
    const { rows } = await sql<{ partition: number }>`
      select substring(c.relname from 'token_shelf_(\\d+)')::integer as partition
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'token'::regclass and i.inhdetachpending`.execute(kysely);
    for (const { partition } of rows) {
      await sql`alter table token detach partition ${tableOf(partition)} finalize`.execute(kysely);
      await kysely
        .updateTable('shelf')
        .set({ detached_at: sql<Date>`now()` })
        .where('shelf', '=', partition)
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
    /** Makes the partitions of these tokens where they are missing, as for a lifetime beyond those made ahead. */
    async ensure(partitions: Iterable<number>): Promise<void> {
      await attach([...new Set(partitions)]);
    },

    /** Makes the partitions from this week on. A partition that a wrong clock detached comes back with its tokens. */
    async createAhead(): Promise<void> {
      const current = Math.floor((await now()) / endOfPartition(0));
      const there = new Set(
        (
          await kysely
            .selectFrom('shelf')
            .select('shelf as partition')
            .where('detached_at', 'is', null)
            .execute()
        ).map(({ partition }) => partition),
      );
      const wanted = Array.from({ length: weeksAhead + 1 }, (_, week) => current + week);
      await attach(wanted.filter((partition) => !there.has(partition)));
    },

    /** Detaches partitions whose week is over, and drops those that were detached a week ago. Gives what it did. */
    async retire(): Promise<{ detached: number[]; dropped: number[] }> {
      await finishDetaching();
      const time = await now();
      const partitions = await kysely
        .selectFrom('shelf')
        .select([
          'shelf as partition',
          sql<boolean>`detached_at < now() - ${sql.lit(keptDetached)}::interval`.as('drop'),
          'detached_at',
        ])
        .where('shelf', '<>', 0)
        .orderBy('shelf')
        .execute();
      const over = partitions.filter(
        ({ partition, detached_at }) => !detached_at && endOfPartition(partition) + margin < time,
      );
      const detached = over.slice(0, detachedAtOnce).map(({ partition }) => partition);
      for (const partition of detached) await detach(partition);
      // The week must be over by today's clock too: one that jumped ahead and came back drops nothing.
      const dropped = partitions
        .filter(({ partition, drop }) => drop && endOfPartition(partition) + margin < time)
        .map(({ partition }) => partition);
      for (const partition of dropped) {
        await sql`drop table if exists ${tableOf(partition)}`.execute(kysely);
        await kysely.deleteFrom('shelf').where('shelf', '=', partition).execute();
      }
      return { detached, dropped };
    },
  };
}

export type Partitions = ReturnType<typeof createPartitions>;
