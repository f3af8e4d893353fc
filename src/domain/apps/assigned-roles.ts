import type { Database, Statement } from '../../../db/database.ts';
import { createLookup } from '../database/batch.ts';
import { orUnavailable } from '../database/retry.ts';
import { type AssignedRole, roleOfMember, rolesInApp } from '../tokens/role-sql.ts';
import type { TokenState } from '../tokens/token-state.ts';

type AssignedRoles = Pick<TokenState, 'roles' | 'memberRole'>;

const find: Statement = {
  name: 'app-rights-find',
  text: `select i.place::integer, ar.roles, m.role as "memberRole"
    from unnest($1::uuid[], $2::uuid[]) with ordinality as i (client, account, place)
    join client c on c.id = i.client
    left join lateral (${rolesInApp}) ar on true
    left join lateral (${roleOfMember('i.account')}) m on true`,
};

/**
 * Reads the current roles of a client of an app, and of a person as a member of that app, for tokens that state
 * them when they are issued. Introspection reads the same columns together with the token.
 */
export function createAssignedRoleLookup({ database }: { database: Database }) {
  const load = createLookup<AssignedRoles>({
    maxConcurrent: 2,
    run: async (keys) => {
      const pairs = keys.map((key) => key.split(' '));
      const rows = await orUnavailable(() =>
        database.query<{
          place: number;
          roles: AssignedRole[] | null;
          memberRole: AssignedRole | null;
        }>(find, [pairs.map(([client]) => client), pairs.map(([, account]) => account || null)]),
      );
      const found = new Map(rows.map((row) => [row.place, row]));
      return keys.map((_, index) => {
        const { roles, memberRole } = found.get(index + 1) ?? {};
        return { roles: roles ?? [], memberRole: memberRole ?? null };
      });
    },
  });
  /** Takes internal ids. */
  return (client: string, accountId: string | undefined): Promise<AssignedRoles> =>
    load(`${client} ${accountId ?? ''}`);
}

export type AssignedRoleLookup = ReturnType<typeof createAssignedRoleLookup>;
