/** WHAT ENDS WITH AN ISSUER OR A RULE: the tokens of the clients that it authenticated. */
import type { Connection } from '../../../db/schema.ts';
import { isSame } from '../audit/events.ts';
import { revokeIssuedTokens } from '../clients/issued-tokens.ts';
import type { IssuerRule, TrustedIssuer } from './types.ts';

/** The rules by which the issuer authenticates clients at the moment. */
const rulesInForce = (issuer: TrustedIssuer | undefined): IssuerRule[] =>
  issuer?.enabled && issuer.uses.includes('workload_identity')
    ? issuer.rules.filter(({ enabled }) => enabled)
    : [];

/**
 * The clients that a change takes a rule from: one that is gone, disabled, or has other claims, scopes or roles now. All of them
 * if the `iss` is another.
 */
export function clientsThatLost(before: TrustedIssuer, after: TrustedIssuer | undefined): string[] {
  const kept = before.issuer === after?.issuer ? rulesInForce(after) : [];
  const isKept = ({ name: _, ...rule }: IssuerRule): boolean =>
    kept.some(({ name: _name, ...other }) => isSame({ ...rule }, { ...other }));
  return [
    ...new Set(
      rulesInForce(before)
        .filter((rule) => !isKept(rule))
        .map(({ client }) => client),
    ),
  ].sort();
}

/** Ends the access tokens of the clients by raising their epochs. Comes last in the transaction of the change. */
export async function endTokensOf(
  transaction: Connection,
  { id }: TrustedIssuer,
  clients: readonly string[],
): Promise<void> {
  if (clients.length === 0) return;
  const found = await transaction
    .selectFrom('client')
    .select('id')
    .where('client_id', 'in', clients)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
  for (const client of found)
    await revokeIssuedTokens(transaction, client.id, `trusted issuer ${id}`);
}
