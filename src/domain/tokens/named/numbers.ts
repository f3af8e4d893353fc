/** Numeric token ids, for the APIs of other products that need them. Numbers are never reused. */
import { sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { groupByPartition, partitionTable } from '../partitions.ts';
import { publicId, type TokenId } from '../value.ts';

/** SQL for the next number. */
export const nextTokenNumber = sql<number>`nextval('token_number')`;

/** The primary key of the named token with this number. */
export async function findIdByNumber(
  connection: Connection,
  number: number,
): Promise<TokenId | undefined> {
  if (!Number.isSafeInteger(number)) return undefined;
  const { rows } = await sql<TokenId>`
    select shelf as partition, key from ${sql.table(partitionTable(0))}
    where number = ${number}::bigint and number is not null`.execute(connection);
  return rows[0];
}

/**
 * Assigns numbers to tokens without one, and returns the numbers of all by public id. Tokens that no longer exist are
 * missing from the result. Locks in key order, so that concurrent calls cannot deadlock.
 */
export async function assignNumbers(
  connection: Connection,
  ids: readonly TokenId[],
): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (const [partition, keys] of groupByPartition(ids)) {
    const { rows } = await sql<{ key: Buffer; number: number }>`
      with locked as materialized (
        select key from ${sql.table(partitionTable(partition))}
        where shelf = ${partition}::integer and key = any (${keys}::bytea[])
        order by key for update
      )
      update ${sql.table(partitionTable(partition))} t
      set number = coalesce(t.number, ${nextTokenNumber})
      from locked where t.shelf = ${partition}::integer and t.key = locked.key
      returning t.key, t.number::float8 as number`.execute(connection);
    for (const { key, number } of rows) numbers.set(publicId({ partition, key }), number);
  }
  return numbers;
}
