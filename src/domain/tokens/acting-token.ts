/** The token that authenticates the current actor: it must be active for what would outlive it. */
import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { attribution } from '../audit/actor.ts';
import { partitionTable } from './partitions.ts';
import { alive, withParties } from './token-state.ts';
import { parsePublicId } from './value.ts';

/**
 * SQL that holds while the token of the current actor is active, or where the actor has none. Put it into the statement
 * that reads the epochs: a request that was held back until after the end would otherwise create what outlives it.
 */
export function actingTokenHolds(): RawBuilder<boolean> {
  const by = parsePublicId(attribution().token_id ?? '');
  if (!by) return sql<boolean>`true`;
  return sql<boolean>`exists (select from ${sql.table(partitionTable(by.partition))} t ${sql.raw(withParties)}
    where t.shelf = ${by.partition} and t.key = ${by.key} and ${sql.raw(alive)})`;
}

/** Throws `invalid_token` where the token of the current actor has ended since it was presented. */
export async function requireActingToken(transaction: Connection): Promise<void> {
  const { rows } = await sql<{ holds: boolean }>`select ${actingTokenHolds()} as holds`.execute(
    transaction,
  );
  if (!rows[0]?.holds) throw new OAuthError('invalid_token', 'The token has ended.');
}
