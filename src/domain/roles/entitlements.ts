/**
 * The claims `roles` and `entitlements` (RFC 9068 §2.2.3.1): the names of roles, and the union of their
 * permissions.
 */
export function entitlementsOf(
  roles: readonly (readonly [name: string, permissions: string[], ...unknown[]])[],
): { roles: string[]; entitlements: string[] } {
  return {
    roles: roles.map(([name]) => name),
    entitlements: [...new Set(roles.flatMap(([, permissions]) => permissions))],
  };
}
