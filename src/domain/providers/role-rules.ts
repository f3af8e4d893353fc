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
function matches({ claim, value }: RoleRule, claims: Claims): boolean {
  const found = claimNamed(claims, claim);
  const values = Array.isArray(found) ? found : [found];
  return values.some(
    (each) => ['string', 'number', 'boolean'].includes(typeof each) && String(each) === value,
  );
}

/** A claim by its name, or by a path with dots: `realm_access.roles`. Names can contain dots themselves. */
function claimNamed(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let found: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step))
      return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

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
