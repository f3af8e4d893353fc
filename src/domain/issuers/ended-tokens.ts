/**
 * WHAT ENDS WITH AN ISSUER OR A RULE: the tokens of the clients that it authenticated, and the tokens that were issued for tokens of
 * it, which name its generation.
 */
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { recordChange } from '../audit/change-feed.ts';
import { isSame } from '../audit/events.ts';
import { revokeIssuedTokens } from '../clients/issued-tokens.ts';
import type { IssuerRule, TrustedIssuer } from './types.ts';

/** The rules by which the issuer authenticates clients at the moment. */
const rulesInForce = (issuer: TrustedIssuer | undefined): IssuerRule[] =>
  issuer?.enabled && issuer.uses.includes('workload_identity')
    ? issuer.rules.filter(({ enabled }) => enabled)
    : [];

/** Whether one of the rules says the same, whatever its name. */
const isAmong = ({ name: _, ...rule }: IssuerRule, rules: readonly IssuerRule[]): boolean =>
  rules.some(({ name: _name, ...other }) => isSame({ ...rule }, { ...other }));

/**
 * The clients that a change takes a rule from: one that is gone, disabled, or has other claims, scopes or roles now. All of them
 * if the `iss` is another, or keys, algorithms or audiences of the issuer are no longer trusted.
 */
export function clientsThatLost(before: TrustedIssuer, after: TrustedIssuer | undefined): string[] {
  const kept = after && !losesTrust(before, after) ? rulesInForce(after) : [];
  return [
    ...new Set(
      rulesInForce(before)
        .filter((rule) => !isAmong(rule, kept))
        .map(({ client }) => client),
    ),
  ].sort();
}

/**
 * Whether tokens that are trusted at the moment are no longer: by another `iss` or place of the keys, or without a key, an
 * algorithm or an audience. A further pasted key takes nothing away, and neither does an issuer that rotates the keys at its own URL.
 */
function losesTrust(before: TrustedIssuer, after: TrustedIssuer): boolean {
  const left = after.jwks?.keys ?? [];
  return (
    before.issuer !== after.issuer ||
    before.jwks_uri !== after.jwks_uri ||
    (before.jwks === null) !== (after.jwks === null) ||
    (before.jwks?.keys ?? []).some((key) => !left.some((other) => isSame(key, other))) ||
    before.algorithms.some((alg) => !after.algorithms.includes(alg)) ||
    before.audiences.some((audience) => !after.audiences.includes(audience)) ||
    // Without any, the audience is this server.
    (before.audiences.length === 0 && after.audiences.length > 0)
  );
}

/** Whether a change revokes the tokens that were issued for tokens of the issuer: it takes away what they came from. */
export function endsIssuedTokens(before: TrustedIssuer, after: TrustedIssuer): boolean {
  const exchanges = ({ uses, rules }: TrustedIssuer) =>
    uses.includes('token_exchange') ? rules.filter(({ enabled }) => enabled) : [];
  return (
    (before.enabled && !after.enabled) ||
    losesTrust(before, after) ||
    before.provider_id !== after.provider_id ||
    before.uses.some((use) => !after.uses.includes(use)) ||
    exchanges(before).some((rule) => !isAmong(rule, exchanges(after)))
  );
}

/** Gives the issuer a new generation, which revokes the tokens that name the old one. Returns it. */
export async function newGeneration(transaction: Connection, id: string): Promise<string> {
  const { generation } = await transaction
    .updateTable('trusted_issuer')
    .set({ generation: sql<string>`gen_random_uuid()` })
    .where('id', '=', id)
    .returning('generation')
    .executeTakeFirstOrThrow();
  return generation;
}

/**
 * Announces that the generation is over, to verifiers that follow the change feed: it is among the `sources` of its JWTs, as grants
 * are. Comes last in the transaction.
 */
export const announceEnd = (
  transaction: Connection,
  { generation }: TrustedIssuer,
): Promise<void> => recordChange(transaction, { kind: 'grant.revoked', grantId: generation });

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
