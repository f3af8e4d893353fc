import { CompiledQuery } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { creatorOf } from '../../accounts/creator.ts';
import { column, type RowOf } from '../../database/columns.ts';
import { partitionTable } from '../partitions.ts';
import { selectTokens, tokenStateColumns, toTokenState } from '../token-state.ts';
import { isPartitionInUse, publicId, type TokenId } from '../value.ts';
import type { ShownToken, TokenStatus } from './types.ts';

/** The columns of ShownToken. */
const columns = {
  ...tokenStateColumns,
  hint: column<string | null>('t.hint'),
  leaked: column<boolean | null>("t.revoked_because = 'leaked'"),
  revokedAt: column<number | null>('extract(epoch from t.revoked_at)::float8'),
  lastUsedAt: column<number | null>('extract(epoch from t.last_used_at)::float8'),
  successor: column<Buffer | null>('t.successor'),
  createdBy: column<string | null>('t.created_by'),
  number: column<number | null>('t.number::float8'),
  creatorName: column<string | null>('(select name from account where id = t.created_by)'),
  expired: column<boolean | null>('t.expires_at <= now()'),
} as const;

/**
 * Reads tokens of any kind, active or not, by public id; those that do not exist are missing from the result. In a
 * transaction it sees the changes of that transaction, unlike the shared lookup of `token-state.ts`.
 */
export async function readShown(
  connection: Connection,
  ids: readonly TokenId[],
): Promise<Map<string, ShownToken>> {
  const requested = ids.filter(({ partition }) => isPartitionInUse(partition));
  if (requested.length === 0) return new Map();
  const { rows } = await connection.executeQuery<RowOf<typeof columns>>(
    CompiledQuery.raw(textFor(requested), [
      requested.map(({ partition }) => partition),
      Buffer.concat(requested.map(({ key }) => key)),
      0,
    ]),
  );
  const shown = rows.map((row) => toShownToken(requested[row.position - 1] as TokenId, row));
  return new Map(shown.map((token) => [publicId(token.id), token]));
}

/** Names the partitions as literals, so that Postgres opens no others. */
function textFor(ids: readonly TokenId[]): string {
  const partitions = [...new Set(ids.map(({ partition }) => partition))];
  return partitions.every((partition) => partition === 0)
    ? selectTokens(partitionTable(0), '', columns)
    : selectTokens('token', `and shelf in (${partitions.map(Number).join(', ')})`, columns);
}

function toShownToken(id: TokenId, row: RowOf<typeof columns>): ShownToken {
  const {
    hint,
    leaked,
    revokedAt,
    lastUsedAt,
    successor,
    expired,
    createdBy,
    creatorName,
    number,
  } = row;
  const state = toTokenState(id, row);
  return {
    ...state,
    status: statusOf(state.alive && !state.consumed, revokedAt !== null, expired === true),
    hint,
    leaked: leaked === true,
    revokedAt,
    lastUsedAt,
    successor: successor && publicId({ partition: id.partition, key: successor }),
    createdBy: creatorOf(createdBy, creatorName),
    number,
  };
}

function statusOf(active: boolean, revoked: boolean, expired: boolean): TokenStatus {
  if (active) return 'active';
  if (revoked) return 'revoked';
  return expired ? 'expired' : 'inactive';
}
