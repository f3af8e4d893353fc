import { sql } from 'kysely';
import { roleLimits } from '../../../config/roles.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { createLookup } from '../database/batch.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import { displayName } from '../names/display-names.ts';
import type { ManagementActor } from './management-actor.ts';
import { requirePermissions } from './permissions.ts';
import { requireNotAdministratorRole } from './rules.ts';

/** A name and the permissions it gives; clients and accounts have roles, their tokens carry them. */
export interface Role {
  name: string;
  description: string;
  permissions: string[];
}

const shown = ['name', 'description', 'permissions'] as const;

const find: Statement = {
  name: 'role-find',
  unsettled: true,
  text: 'select name, description, permissions from role where name = any ($1::text[])',
};

/**
 * One of those who have a role, as a sentence names them: an account by its id, or by its address to whoever may
 * see that. Clients of apps have roles of apps, by the same names.
 */
export async function holderOfRole(
  connection: Connection,
  name: string,
  { addresses }: { addresses: boolean },
): Promise<string | undefined> {
  const { rows } = await sql<{ holder: string }>`
    select 'the client ' || client_id as holder from client where ${name} = any (roles) and app_id is null and deleted_at is null
    union all select 'the account ' || coalesce(case when ${addresses}::boolean then email end, id::text) from account where ${name} = any (roles)
    limit 1`.execute(connection);
  return rows[0]?.holder;
}

export function createRoles({ database }: { database: Database }) {
  const load = createLookup<Role | undefined>({
    maxConcurrent: 2,
    run: async (names) => {
      const rows = await orUnavailable(() => database.query<Role>(find, [names]));
      return names.map((name) => rows.find((row) => row.name === name));
    },
  });

  const locked = (transaction: Connection, name: string): Promise<Role | undefined> =>
    transaction
      .selectFrom('role')
      .select(shown)
      .where('name', '=', name)
      .forUpdate()
      .executeTakeFirst();

  return {
    /** Those of the names that are roles today. */
    async named(names: readonly string[]): Promise<Role[]> {
      const found = await Promise.all(names.map(load));
      return found.filter((role) => role !== undefined);
    },

    find: (name: string): Promise<Role | undefined> => load(name),

    /** In the order of their names, those after `after`. */
    page: ({ after = '', limit }: { after?: string | undefined; limit: number }): Promise<Role[]> =>
      database.kysely
        .selectFrom('role')
        .select(shown)
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute(),

    /**
     * Creates a role, or gives it other permissions; tokens show them from the next introspection on.
     * Throws `access_denied` for the administrator role, and `invalid_request` for what is no permission.
     */
    set: (
      actor: ManagementActor,
      {
        name,
        description: text,
        permissions,
      }: Omit<Role, 'description'> & { description?: string | undefined },
      precondition: Precondition<Role> = () => {},
    ): Promise<Role> =>
      database.kysely.transaction().execute(async (transaction) => {
        requireNotAdministratorRole(actor, name);
        requirePermissions(permissions, roleLimits);
        // Of two who make the same role, the second waits here and finds it made.
        await sql`select pg_advisory_xact_lock(hashtext('writ role ' || ${name}::text))`.execute(
          transaction,
        );
        const before = await locked(transaction, name);
        precondition(before);
        const description =
          text &&
          displayName(text, {
            parameter: 'description',
            longest: roleLimits.description,
            before: before?.description,
          });
        const changed = { description: description ?? before?.description, permissions };
        if (before && isSame({ ...before }, { ...before, ...changed })) return before;
        const given = { permissions, ...(description !== undefined && { description }) };
        const role = await transaction
          .insertInto('role')
          .values({ name, ...given })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet({ ...given, updated_at: sql<Date>`now()` }),
          )
          .returning(shown)
          .executeTakeFirstOrThrow();
        await recordEvent(transaction, {
          action: before ? 'role.updated' : 'role.created',
          target: { kind: 'role', id: name },
          details: diffOf({ ...before }, { ...role }),
        });
        await recordChange(transaction, { kind: 'role.changed' });
        return role;
      }),

    /** False where there is no such role. Throws `access_denied` for the administrator role, and `conflict` while a client or an account has it. */
    delete: (
      actor: ManagementActor,
      name: string,
      precondition: Precondition<Role> = () => {},
    ): Promise<boolean> =>
      database.kysely.transaction().execute(async (transaction) => {
        requireNotAdministratorRole(actor, name);
        const role = await locked(transaction, name);
        precondition(role);
        if (!role) return false;
        // Who changes roles need not see people.
        const holder = await holderOfRole(transaction, name, { addresses: false });
        if (holder)
          throw new OAuthError(
            'conflict',
            `The role ${name} cannot be deleted while ${holder} has it.`,
          );
        await transaction.deleteFrom('role').where('name', '=', name).execute();
        await recordEvent(transaction, {
          action: 'role.deleted',
          target: { kind: 'role', id: name },
          details: { permissions: role.permissions },
        });
        await recordChange(transaction, { kind: 'role.changed' });
        return true;
      }),
  };
}

export type Roles = ReturnType<typeof createRoles>;
