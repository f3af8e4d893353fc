import { CompiledQuery } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { selectTokenState, stateOf, type TokenStateRow } from '../lookup.ts';
import { partitionTable } from '../partitions.ts';
import { isPartitionInUse, publicId, type TokenId } from '../value.ts';
import type { ShownToken, TokenStatus } from './types.ts';

/** What is told beside a state, in the order of the statement. */
type ShownColumns = [
  hint: string | null,
  revokedAt: number | null,
  lastUsedAt: number | null,
  successor: Buffer | null,
  expired: boolean | null,
];

const more = `, t.hint, extract(epoch from t.revoked_at)::float8, extract(epoch from t.last_used_at)::float8, t.successor,
  t.expires_at <= now()`;

type ShownTokenRow = [...TokenStateRow, ...ShownColumns];

const columnsOfState: TokenStateRow['length'] = 26;
const columns: ShownTokenRow['length'] = 31;
/** A name for each: what is read by several would be read once where they have the same. */
const names = Array.from({ length: columns }, (_, index) => `c${index}`).join(', ');

/**
 * Tokens of any kind, ended ones too, with what their owners are shown, by their public ids; those that
 * are not there are left out. The connection may be a transaction, whose own changes are seen.
 */
export async function readShown(
  connection: Connection,
  ids: readonly TokenId[],
): Promise<Map<string, ShownToken>> {
  const asked = ids.filter(({ partition }) => isPartitionInUse(partition));
  if (asked.length === 0) return new Map();
  const { rows } = await connection.executeQuery<Record<string, unknown>>(
    CompiledQuery.raw(`select * from (${textFor(asked)}) as s (${names})`, [
      asked.map(({ partition }) => partition),
      Buffer.concat(asked.map(({ key }) => key)),
      0,
    ]),
  );
  const shown = rows
    // Rows have their columns in the order of the statement.
    .map((row) => Object.values(row) as ShownTokenRow)
    .map((row) => shownOf(asked[row[0] - 1] as TokenId, row));
  return new Map(shown.map((token) => [publicId(token.id), token]));
}

/** A statement names the partitions themselves, so that Postgres opens no other. */
function textFor(ids: readonly TokenId[]): string {
  const partitions = [...new Set(ids.map(({ partition }) => partition))];
  return partitions.every((partition) => partition === 0)
    ? selectTokenState(partitionTable(0), '', more)
    : selectTokenState('token', `and shelf in (${partitions.map(Number).join(', ')})`, more);
}

function shownOf(id: TokenId, row: ShownTokenRow): ShownToken {
  const state = stateOf(id, row.slice(0, columnsOfState) as TokenStateRow);
  const [hint, revokedAt, lastUsedAt, successor, expired] = row.slice(
    columnsOfState,
  ) as ShownColumns;
  return {
    ...state,
    status: statusOf(state.alive && !state.consumed, revokedAt !== null, expired === true),
    hint,
    revokedAt,
    lastUsedAt,
    successor: successor && publicId({ partition: id.partition, key: successor }),
  };
}

function statusOf(active: boolean, revoked: boolean, expired: boolean): TokenStatus {
  if (active) return 'active';
  if (revoked) return 'revoked';
  return expired ? 'expired' : 'inactive';
}
