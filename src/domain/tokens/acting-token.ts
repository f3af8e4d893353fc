/** Checks that the token which authenticates the current actor is still active when it creates something. */
import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { actingSources, attribution } from '../audit/actor.ts';
import { grantHolds } from '../grants/grant-state.ts';
import { partitionTable } from './partitions.ts';
import { alive, withParties } from './token-state.ts';
import { parsePublicId, type TokenId } from './value.ts';

/**
 * An SQL condition: the current actor's token is active, with all that it comes from, or the actor has no token. Use it in the statement that reads
 * the epochs of whatever is created. Otherwise a delayed request could, after the token is revoked, create something
 * that outlives it.
 */
export function actingTokenIsActive(): RawBuilder<boolean> {
  const by = parsePublicId(attribution().token_id ?? '');
  if (!by) return sql<boolean>`true`;
  const conditions = [
    tokenIsActive(by),
    ...actingSources().map((source) => {
      if ('grant' in source) return grantIsActive(source.grant);
      return 'issuer' in source ? issuerIsInForce(source.issuer) : tokenIsActive(source.token);
    }),
  ];
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

const tokenIsActive = ({ partition, key }: TokenId): RawBuilder<boolean> =>
  sql<boolean>`exists (select from ${sql.table(partitionTable(partition))} t ${sql.raw(withParties)}
    where t.shelf = ${partition} and t.key = ${key} and ${sql.raw(alive)})`;

const grantIsActive = (id: string): RawBuilder<boolean> =>
  sql<boolean>`exists (select from oauth_grant g join account a on a.id = g.account_id
      join client c on c.id = g.client_id left join app p on p.id = c.app_id
    where g.id = ${id}::uuid and ${sql.raw(grantHolds)})`;

const issuerIsInForce = (generation: string): RawBuilder<boolean> =>
  sql<boolean>`exists (select from trusted_issuer where generation = ${generation}::uuid and enabled)`;

/** The error for a token that became inactive after it was presented. */
export const actingTokenInactive = (): OAuthError =>
  new OAuthError('invalid_token', 'The token expired or was revoked during this request.');

/** Throws `invalid_token` if the current actor's token has been revoked or has expired since it was presented. */
export async function requireActingToken(transaction: Connection): Promise<void> {
  const { rows } = await sql<{
    active: boolean;
  }>`select ${actingTokenIsActive()} as active`.execute(transaction);
  if (!rows[0]?.active) throw actingTokenInactive();
}
