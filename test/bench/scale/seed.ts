import { sql } from 'kysely';
import { openDatabase } from '../../../db/database.ts';
import { createPartitions, partitionTable } from '../../../src/domain/tokens/partitions.ts';
import { storeMany } from '../seed.ts';

interface Wanted {
  clientId: string;
  resource: string;
}

/** Opens what a run needs of the database beside the server: filling it, measuring it, and the work of the job. */
export async function openScaleDatabase(url: string) {
  const database = await openDatabase(url, { noStatementTimeout: true });
  const { kysely } = database;
  const partitions = createPartitions({ database });
  const number = async (statement: ReturnType<typeof sql<{ value: number }>>): Promise<number> =>
    Number((await statement.execute(kysely)).rows[0]?.value);
  const idOf = async (clientId: string): Promise<string> =>
    (
      await kysely
        .selectFrom('client')
        .select('id')
        .where('client_id', '=', clientId)
        .executeTakeFirstOrThrow()
    ).id;

  return {
    close: () => database.close(),

    /** Access tokens of a client, which have yet to expire. Their values go to a file, one a line. */
    storeLive: async ({
      clientId,
      resource,
      tokens,
      file,
    }: Wanted & { tokens: number; file: string }) =>
      storeMany(database, await idOf(clientId), { tokens, file, resource }),

    /**
     * Access tokens of a client that expired, on the partitions of the last two weeks, which are attached again as they
     * are before the job has run. Returns these partitions.
     */
    async storeExpired({
      clientId,
      resource,
      tokens,
    }: Wanted & { tokens: number }): Promise<number[]> {
      const client = await idOf(clientId);
      const current = await number(
        sql`select floor(extract(epoch from now()) / ${week})::integer as value`,
      );
      const past = [current - 2, current - 1];
      await partitions.ensure(past);
      for (const partition of past)
        await sql`
          insert into ${sql.table(partitionTable(partition))} (shelf, key, kind, client_id, client_epoch, app_epoch,
            account_epoch, grant_epoch, scope, audience, issued_at, expires_at)
          select ${partition}::integer, decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), 'access_token',
            ${client}::uuid, 0, 0, 0, 0, 'things:read', array[${resource}],
            to_timestamp(${partition}::float8 * ${week} + random() * ${week}) - interval '30 days',
            to_timestamp(${partition}::float8 * ${week} + random() * ${week})
          from generate_series(1, ${Math.ceil(tokens / 2)}::integer)`.execute(kysely);
      return past;
    },

    /** What autovacuum would do within the minute, and in the middle of a round. */
    async settle(): Promise<void> {
      await sql`vacuum (analyze)`.execute(kysely);
      await sql`checkpoint`.execute(kysely);
    },

    /** Bytes of Postgres for each token, of its row and of its indexes. */
    async bytesOfToken(): Promise<{ row: number; indexes: number }> {
      const { rows } = await sql<{ row: number; indexes: number; tokens: number }>`
        select sum(pg_table_size(relid))::float8 as row, sum(pg_indexes_size(relid))::float8 as indexes,
          sum(reltuples)::float8 as tokens
        from pg_partition_tree('token') join pg_class c on c.oid = relid
        where isleaf and reltuples > 0`.execute(kysely);
      const { row = 0, indexes = 0, tokens = 1 } = rows[0] ?? {};
      return { row: row / tokens, indexes: indexes / tokens };
    },

    /** The bytes of the write-ahead log so far, and the transactions that wrote. */
    async written(): Promise<{ log: number; transactions: number }> {
      const { rows } = await sql<{ log: number; transactions: number }>`
        select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as log,
          pg_snapshot_xmax(pg_current_snapshot())::text::float8 as transactions`.execute(kysely);
      return rows[0] ?? { log: Number.NaN, transactions: Number.NaN };
    },

    /** Detaches the partitions of past weeks, as the job does. */
    retire: () => partitions.retire(),

    /** The same a week later: it drops them. */
    async retireLater(): Promise<{ dropped: number[] }> {
      await sql`update shelf set detached_at = detached_at - interval '8 days' where detached_at is not null`.execute(
        kysely,
      );
      return partitions.retire();
    },
  };
}

const week = 7 * 24 * 3_600;

export type ScaleDatabase = Awaited<ReturnType<typeof openScaleDatabase>>;
