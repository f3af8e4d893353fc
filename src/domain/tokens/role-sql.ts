import type { Manages } from '../../../db/schema.ts';

/** A role, the permissions that it gives today, and what it may change where it is of an app. */
export type AssignedRole = [name: string, permissions: string[], manages?: Manages];

/**
 * SQL for what the client `c` may in its app, as `roles`: an array of AssignedRole, in the order of their names.
 * Null, without a look at any table, where it is of none.
 */
export const rolesInApp = `
  select json_agg(json_build_array(name, permissions, manages) order by name) as roles from app_role
  where c.app_id is not null and (app_id = c.app_id or app_id is null) and name = any (c.roles)`;

/** SQL for what a person may as a member of the app of the client `c`, as `role`: a AssignedRole; no row where they are none. */
export const roleOfMember = (accountId: string): string => `
  select json_build_array(h.name, h.permissions, h.manages) as role from app_member b
  join app_role h on h.name = b.role and (h.app_id = b.app_id or h.app_id is null)
  where c.app_id is not null and b.app_id = c.app_id and b.account_id = ${accountId}`;
