/**
 * Numbers of tokens, for programs that know tokens by numbers. Each is given once and never again, also when its token
 * is gone.
 */
import { sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { groupByPartition, partitionTable } from '../partitions.ts';
import { publicId, type TokenId } from '../value.ts';

/** SQL that draws a number. */
export const nextTokenNumber = sql<number>`nextval('token_number')`;

/** Where the named token with a number is stored. */
export async function findPlaceByNumber(
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
 * Gives numbers to tokens that have none; one that got its number meanwhile keeps that. Returns them by the public ids
 * of the tokens that are still there. Locks in the order of the keys, so that two who ask for the same do not wait for
 * each other in a circle.
 */
export async function giveNumbers(
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
