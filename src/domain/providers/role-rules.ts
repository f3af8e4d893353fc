import { claimNamed, valuesOf } from '../issuers/claim-patterns.ts';
import type { IdentityProvider, RoleRule, UpstreamIdentity } from './types.ts';

type Claims = UpstreamIdentity['claims'];

/** The roles that rules give to a person with these claims. */
export const rolesByRules = (rules: readonly RoleRule[], claims: Claims): string[] => [
  ...new Set(rules.filter((rule) => matches(rule, claims)).flatMap(({ roles }) => roles)),
];

/** The names of claims that rules read. */
export const claimsOfRules = ({ role_rules }: Pick<IdentityProvider, 'role_rules'>): string[] =>
  role_rules.map(({ claim }) => claim);

/** Whether a claim is the value, or is a list that contains it. */
const matches = ({ claim, value }: RoleRule, claims: Claims): boolean =>
  valuesOf(claimNamed(claims, claim)).includes(value);

/**
 * The roles of an account after a sign-in. `byRules` are those that rules gave through each of its identities before; all other
 * roles were given by hand and stay.
 */
export function rolesAfterSignIn({
  roles,
  before,
  elsewhere,
  now,
}: {
  roles: readonly string[];
  /** Given through this identity before. */
  before: readonly string[];
  /** Given through other identities. */
  elsewhere: readonly string[];
  /** What the rules say now. */
  now: readonly string[];
}): { roles: string[]; byRules: string[] } {
  const byRulesBefore = new Set([...before, ...elsewhere]);
  const byHand = roles.filter((role) => !byRulesBefore.has(role));
  const byRules = now.filter((role) => !byHand.includes(role));
  return { roles: [...new Set([...byHand, ...elsewhere, ...byRules])], byRules };
}

/** The roles of an account after an identity was removed, through which rules gave some. */
export const rolesWithout = (
  roles: readonly string[],
  { removed, elsewhere }: { removed: readonly string[]; elsewhere: readonly string[] },
): string[] => roles.filter((role) => !removed.includes(role) || elsewhere.includes(role));
