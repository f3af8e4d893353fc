import type { Database, Statement } from '../../db/database.ts';
import { createLookup } from './batch.ts';
import { retryLostConnection } from './retry.ts';
import type { RoleHeld, TokenState } from './tokens/lookup.ts';

type RightsHeld = Pick<TokenState, 'roles' | 'memberRole'>;

const find: Statement = {
  name: 'app-rights-find',
  text: `select i.place::integer, m.role as "memberRole",
      (select json_agg(json_build_array(h.name, h.permissions, h.manages)) from app_role h
        where (h.app_id = c.app_id or h.app_id is null) and h.name = any (c.roles)) as roles
    from unnest($1::uuid[], $2::uuid[]) with ordinality as i (client, account, place)
    join client c on c.id = i.client
    left join lateral (select json_build_array(h.name, h.permissions, h.manages) as role from app_member b
      join app_role h on h.name = b.role and (h.app_id = b.app_id or h.app_id is null)
      where b.app_id = c.app_id and b.account_id = i.account) m on true`,
};

/**
 * What a client of an app, and a person as a member of it, may do in it at this moment: for what states it when
 * it is issued. Introspection reads the same with the token.
 */
export function createAppRights({ database }: { database: Database }) {
  const load = createLookup<RightsHeld>({
    inFlight: 2,
    run: async (keys) => {
      const asked = keys.map((key) => key.split(' '));
      const rows = await retryLostConnection(() =>
        database.query<{
          place: number;
          roles: RoleHeld[] | null;
          memberRole: RoleHeld | null;
        }>(find, [asked.map(([client]) => client), asked.map(([, account]) => account || null)]),
      );
      const found = new Map(rows.map((row) => [row.place, row]));
      return keys.map((_, index) => {
        const { roles, memberRole } = found.get(index + 1) ?? {};
        return { roles: roles ?? [], memberRole: memberRole ?? null };
      });
    },
  });
  /** By internal ids. */
  return (client: string, accountId: string | undefined): Promise<RightsHeld> =>
    load(`${client} ${accountId ?? ''}`);
}

export type AppRights = ReturnType<typeof createAppRights>;
