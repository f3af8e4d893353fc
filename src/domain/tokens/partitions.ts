import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import { isMissingTable } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { endOfPartition, type TokenId } from './value.ts';

/** Weeks for which partitions are created in advance: just over `maxPartitionedLifetime`. */
const weeksAhead = 58;
/** The maximum number of partitions detached in one run, which limits the damage of a clock that jumps. */
const maxDetachedPerRun = 2;
/** Seconds between the end of a partition's week and its detaching; must exceed the clock skew between processes. */
const skewMargin = 3_600;
/** How long a detached partition is kept before it is dropped. */
const detachedRetention = '7 days';

/**
 * The name of a partition's table. Statements that change single rows use it instead of `token`, because an UPDATE of
 * the parent opens every partition. They still filter by `shelf` as well as `key`, so that the primary key applies.
 */
export const partitionTable = (partition: number): string => `token_shelf_${partition}`;

/** Caches the statement that `create` returns for each partition, so that its text is built once. */
export function statementPerPartition(
  create: (partition: number) => Statement,
): (partition: number) => Statement {
  const statements = new Map<number, Statement>();
  return (partition) => {
    const statement = statements.get(partition) ?? create(partition);
    statements.set(partition, statement);
    return statement;
  };
}

/** Groups the keys of tokens by partition. */
export const groupByPartition = (ids: readonly TokenId[]): Map<number, Buffer[]> => {
  const partitions = new Map<number, Buffer[]>();
  for (const { partition, key } of ids) {
    const keys = partitions.get(partition);
    if (keys) keys.push(key);
    else partitions.set(partition, [key]);
  }
  return partitions;
};

/** Error handler for statements on a single partition: a dropped partition has no tokens, so the result is empty. */
export function unlessDropped(error: unknown): never[] {
  if (!isMissingTable(error)) throw error;
  return [];
}

/** SQL that creates and attaches a partition. A `known` one was detached, and still has its table and tokens. */
const attachment = (partition: number, known: ReadonlySet<number>): string =>
  `${known.has(partition) ? '' : `create table ${partitionTable(partition)} (like token including defaults including constraints);`}
  alter table token attach partition ${partitionTable(partition)} for values in (${partition});`;

const tableOf = (partition: number) => sql.table(partitionTable(partition));

/** The partitions of the token table, counted. */
export interface PartitionCounts {
  attached: number;
  detached: number;
  ahead: number;
}

/**
 * The weekly partitions of the token table. They are added by ATTACH, which does not block reads and writes of the
 * others, and removed whole once their tokens have expired, so the table never bloats.
 */
export function createPartitions({ database }: { database: Database }) {
  const { kysely } = database;

  /** Reads the catalog, because the table `shelf` can be outdated after a crash or a manual change. */
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

  /** Safe to run concurrently: processes wait for each other, and the later ones find the work done. */
  async function attach(partitions: number[]): Promise<void> {
    if (partitions.length === 0) return;
    await kysely.transaction().execute(async (transaction) => {
      // Earlier versions take the same lock, so the old name stays.
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
      // A single statement, because round trips and planning would cost as much as the work itself.
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

  /** Completes detaches that a crash interrupted. */
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
    // The crash came after the detach, before it was recorded.
    await sql`
      update shelf set detached_at = now() where detached_at is null and shelf <> 0
      and not exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'token'::regclass and c.relname = 'token_shelf_' || shelf)`.execute(
      kysely,
    );
  }

  return {
    /** Creates those of the partitions that are missing, for lifetimes beyond those created in advance. */
    async ensure(partitions: Iterable<number>): Promise<void> {
      await attach([...new Set(partitions)]);
    },

    /** Creates the partitions from this week on. One that a wrong clock detached is attached again with its tokens. */
    async createAhead(): Promise<void> {
      const current = Math.floor((await now()) / endOfPartition(0));
      const attached = new Set(
        (
          await kysely
            .selectFrom('shelf')
            .select('shelf as partition')
            .where('detached_at', 'is', null)
            .execute()
        ).map(({ partition }) => partition),
      );
      const wanted = Array.from({ length: weeksAhead + 1 }, (_, week) => current + week);
      await attach(wanted.filter((partition) => !attached.has(partition)));
    },

    /** How many partitions there are; `ahead` counts the weeks from this one on without a gap. */
    async count(): Promise<PartitionCounts> {
      const current = Math.floor((await now()) / endOfPartition(0));
      const rows = await kysely
        .selectFrom('shelf')
        .select(['shelf as partition', 'detached_at'])
        .where('shelf', '<>', 0)
        .execute();
      const attached = new Set(
        rows.filter(({ detached_at }) => !detached_at).map(({ partition }) => partition),
      );
      let ahead = 0;
      while (attached.has(current + ahead)) ahead++;
      return { attached: attached.size, detached: rows.length - attached.size, ahead };
    },

    /** Detaches partitions whose week has passed, and drops those detached a week ago. Returns both. */
    async retire(): Promise<{ detached: number[]; dropped: number[] }> {
      await finishDetaching();
      const time = await now();
      const partitions = await kysely
        .selectFrom('shelf')
        .select([
          'shelf as partition',
          sql<boolean>`detached_at < now() - ${sql.lit(detachedRetention)}::interval`.as('drop'),
          'detached_at',
        ])
        .where('shelf', '<>', 0)
        .orderBy('shelf')
        .execute();
      const hasPassed = (partition: number): boolean =>
        endOfPartition(partition) + skewMargin < time;
      const due = partitions.filter(
        ({ partition, detached_at }) => !detached_at && hasPassed(partition),
      );
      const detached = due.slice(0, maxDetachedPerRun).map(({ partition }) => partition);
      for (const partition of detached) await detach(partition);
      // Checked again, so that a clock which jumped ahead and was corrected drops nothing.
      const dropped = partitions
        .filter(({ partition, drop }) => drop && hasPassed(partition))
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
