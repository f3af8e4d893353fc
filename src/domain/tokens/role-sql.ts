import type { Manages } from '../../../db/schema.ts';

/**
 * A role with its current permissions; for a role in an app, what its members can manage; for another, the scopes of Writ's own API
 * that it gives people, if any.
 */
export type AssignedRole = [
  name: string,
  permissions: string[],
  manages?: Manages | null,
  apiScopes?: string[],
];

/** SQL for a role `role` as an AssignedRole. */
export const assignedRole = `case when api_scopes = '{}' then json_build_array(name, permissions)
  else json_build_array(name, permissions, null, api_scopes) end`;

/**
 * SQL for the app roles of the client `c` as `roles`, an array of AssignedRole ordered by name. For a client without an
 * app it is null and costs no lookup.
 */
export const rolesInApp = `
  select json_agg(json_build_array(name, permissions, manages) order by name) as roles from app_role
  where c.app_id is not null and (app_id = c.app_id or app_id is null) and name = any (c.roles)`;

/** SQL for a person's role in the app of the client `c` as `role`, an AssignedRole; no row if they are not a member. */
export const roleOfMember = (accountId: string): string => `
  select json_build_array(h.name, h.permissions, h.manages) as role from app_member b
  join app_role h on h.name = b.role and (h.app_id = b.app_id or h.app_id is null)
  where c.app_id is not null and b.app_id = c.app_id and b.account_id = ${accountId}`;
