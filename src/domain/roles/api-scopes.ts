/** WHAT PEOPLE CAN DO AT WRIT'S OWN API, by their roles. */
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes, withImplied } from '../../../config/scopes.ts';
import type { Connection } from '../../../db/schema.ts';

/** A role with the scopes that it gives its people. Those of the administrator role are not stored: it has all. */
export interface RoleWithScopes {
  readonly name: string;
  readonly api_scopes: readonly string[];
}

/** The scopes of a role, implied ones included. */
export const apiScopesOfRole = ({ name, api_scopes: given }: RoleWithScopes): Set<string> =>
  name === administratorRole ? new Set(Object.keys(apiScopes)) : withImplied(given);

/** The scopes of a person with these roles. */
export const apiScopesOf = (roles: readonly RoleWithScopes[]): Set<string> =>
  new Set(roles.flatMap((role) => [...apiScopesOfRole(role)]));

/** The scopes of a person with roles of these names, to which the scopes `given` were given. */
export const apiScopesOfPerson = (
  names: readonly string[],
  given: readonly string[],
): Set<string> =>
  names.includes(administratorRole) ? new Set(Object.keys(apiScopes)) : withImplied(given);

/** Reads the scopes of a person with roles of these names. */
export async function readApiScopes(
  connection: Connection,
  names: readonly string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const rows = await connection
    .selectFrom('role')
    .select(['name', 'api_scopes'])
    .where('name', 'in', names)
    .execute();
  return apiScopesOf(rows);
}

/** Whether someone with the scopes `after` can do anything that those `before` do not permit. */
export const isMore = (before: ReadonlySet<string>, after: ReadonlySet<string>): boolean =>
  [...after].some((scope) => !before.has(scope));
