/** WHICH CLIENT A TOKEN IS THE CREDENTIAL OF: the first rule whose claims all match. */
import { issuerTokens } from '../../../config/trusted-issuers.ts';
import { claimNamed, matchesPattern, valuesOf } from './claim-patterns.ts';
import type { IssuerRule } from './types.ts';

type Claims = Readonly<Record<string, unknown>>;

/** Why a rule does not match: the claim, what it is, and what it must be. */
export interface Mismatch {
  claim: string;
  /** The values in the token; empty if it has none that can be compared. */
  found: string[];
  expected: string[];
}

/** What became of one rule. */
export interface RuleResult {
  rule: IssuerRule;
  matches: boolean;
  mismatches: Mismatch[];
}

/** Compares every rule with the claims of a token, in order. */
export const compareRules = (rules: readonly IssuerRule[], claims: Claims): RuleResult[] =>
  rules.map((rule) => {
    const mismatches = Object.entries(rule.claims)
      .map(([claim, expected]) => ({ claim, found: valuesOf(claimNamed(claims, claim)), expected }))
      .filter(({ found, expected }) => !found.some((value) => isAmong(expected, value)));
    return { rule, mismatches, matches: rule.enabled && mismatches.length === 0 };
  });

/** The first rule that matches. With a client, only the rules for it count. */
export const ruleFor = (
  rules: readonly IssuerRule[],
  claims: Claims,
  client?: string | undefined,
): IssuerRule | undefined =>
  compareRules(
    rules.filter((rule) => client === undefined || rule.client === client),
    claims,
  ).find(({ matches }) => matches)?.rule;

const isAmong = (patterns: readonly string[], value: string): boolean =>
  value.length <= issuerTokens.maxClaim &&
  patterns.some((pattern) => matchesPattern(pattern, value));
