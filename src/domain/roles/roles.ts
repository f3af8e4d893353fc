import { sql } from 'kysely';
import { administratorRole, roleLimits } from '../../../config/roles.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { endFootholds } from '../accounts/footholds.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { createLookup } from '../database/batch.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import { displayName } from '../names/display-names.ts';
import { apiScopesOf, apiScopesOfRole, isMore, type RoleWithScopes } from './api-scopes.ts';
import type { ManagementActor } from './management-actor.ts';
import { requirePermissions } from './permissions.ts';
import { requireApiScopes, requireNotAdministratorRole, requireOwnRoleScopes } from './rules.ts';

/** A named set of permissions. Clients and accounts have roles, and their tokens carry them. */
export interface Role {
  name: string;
  description: string;
  permissions: string[];
  /** Scopes of Writ's own API that people with the role have. Those of the administrator role are not stored: it has all. */
  api_scopes: string[];
  /** In how many days people with the role must have a second factor; null: it is optional. */
  second_factor_within_days: number | null;
}

const columns = [
  'name',
  'description',
  'permissions',
  'api_scopes',
  'second_factor_within_days',
] as const;

const find: Statement = {
  name: 'role-find',
  unsettled: true,
  text: 'select name, description, permissions, api_scopes, second_factor_within_days from role where name = any ($1::text[])',
};

/**
 * One client or account that has the role, as a phrase for error messages. Accounts appear with their id, or with
 * their email address if `addresses` is set. Clients of apps are not included: their roles are roles of the app,
 * which can have the same names.
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

/** Locks the accounts that a change of one of their roles gives scopes that they did not have, and returns their IDs. */
async function lockPromoted(
  transaction: Connection,
  before: RoleWithScopes,
  after: RoleWithScopes,
): Promise<string[]> {
  if (!isMore(apiScopesOfRole(before), apiScopesOfRole(after))) return [];
  const holders = await transaction
    .selectFrom('account')
    .select(['id', 'roles'])
    .where(sql<boolean>`${after.name} = any (roles)`)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  const giving = await transaction
    .selectFrom('role')
    .select(['name', 'api_scopes'])
    .where(sql<boolean>`(api_scopes <> '{}' or name = ${administratorRole})`)
    .where('name', '<>', after.name)
    .execute();
  return holders.flatMap(({ id, roles }) => {
    const others = giving.filter(({ name }) => roles.includes(name));
    return isMore(apiScopesOf([...others, before]), apiScopesOf([...others, after])) ? id : [];
  });
}

/** The roles of the installation. */
export function createRoles({
  database,
  registrationRoles = [],
}: {
  database: Database;
  /** The roles of people who register, if they can; they cannot have scopes. */
  registrationRoles?: readonly string[] | undefined;
}) {
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
      .select(columns)
      .where('name', '=', name)
      .forUpdate()
      .executeTakeFirst();

  return {
    /** Returns the roles that exist among the names. */
    async named(names: readonly string[]): Promise<Role[]> {
      const found = await Promise.all(names.map(load));
      return found.filter((role) => role !== undefined);
    },

    /** Finds a role by name. */
    find: (name: string): Promise<Role | undefined> => load(name),

    /** Lists roles by name, after the cursor `after`. */
    page: ({ after = '', limit }: { after?: string | undefined; limit: number }): Promise<Role[]> =>
      database.kysely
        .selectFrom('role')
        .select(columns)
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute(),

    /**
     * Creates or updates a role; introspection shows the change at once. People who get more scopes by it are signed
     * out (`footholds.ts`). `precondition` receives the current, locked role and can throw. Throws `access_denied` for the administrator role and for one that gives or gets scopes
     * that the actor lacks, and
     * `invalid_request` for malformed permissions and unknown scopes, and `conflict` for scopes of a role of people who register.
     */
    set: (
      actor: ManagementActor,
      {
        name,
        description: text,
        permissions,
        apiScopes,
        secondFactorWithinDays: days,
      }: Pick<Role, 'name' | 'permissions'> & {
        description?: string | undefined;
        /** If they are omitted, the current ones stay. */
        apiScopes?: readonly string[] | undefined;
        /** Null: a second factor is optional. If it is omitted, the current policy stays. */
        secondFactorWithinDays?: number | null | undefined;
      },
      precondition: Precondition<Role> = () => {},
    ): Promise<Role> =>
      database.kysely.transaction().execute(async (transaction) => {
        requireNotAdministratorRole(actor, name);
        requirePermissions(permissions, roleLimits);
        // Of two concurrent requests that create the same role, the second waits here and then finds it.
        await sql`select pg_advisory_xact_lock(hashtext('writ role ' || ${name}::text))`.execute(
          transaction,
        );
        const before = await locked(transaction, name);
        precondition(before);
        const scopes = apiScopes ? [...new Set(apiScopes)].sort() : (before?.api_scopes ?? []);
        requireApiScopes(scopes);
        if (scopes.length > 0 && registrationRoles.includes(name))
          throw new OAuthError(
            'conflict',
            `Everyone who registers gets the role ${name}, so it cannot give scopes of this API. Take it out of REGISTRATION_ROLES first.`,
            { parameter: 'api_scopes' },
          );
        const description =
          text &&
          displayName(text, {
            parameter: 'description',
            maxLength: roleLimits.description,
            before: before?.description,
          });
        const changed = {
          description: description ?? before?.description,
          permissions,
          api_scopes: scopes,
          second_factor_within_days:
            days === undefined ? (before?.second_factor_within_days ?? null) : days,
        };
        if (before && isSame({ ...before }, { ...before, ...changed })) return before;
        requireOwnRoleScopes(actor, before?.api_scopes ?? [], scopes);
        const given = {
          permissions,
          api_scopes: scopes,
          second_factor_within_days: changed.second_factor_within_days,
          ...(description !== undefined && { description }),
        };
        const role = await transaction
          .insertInto('role')
          .values({ name, ...given })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet({ ...given, updated_at: sql<Date>`now()` }),
          )
          .returning(columns)
          .executeTakeFirstOrThrow();
        const promoted = before ? await lockPromoted(transaction, before, role) : [];
        return endFootholds(transaction, promoted, async () => {
          await recordEvent(transaction, {
            action: before ? 'role.updated' : 'role.created',
            target: { kind: 'role', id: name },
            details: diffOf({ ...before }, { ...role }),
          });
          await recordChange(transaction, { kind: 'role.changed' });
          return role;
        });
      }),

    /**
     * Deletes a role. False if it does not exist. Throws `access_denied` for the administrator role and for one that gives
     * scopes that the actor lacks, and `conflict` while a client or an account has the role.
     */
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
        requireOwnRoleScopes(actor, role.api_scopes);
        // Callers that can change roles are not necessarily allowed to see email addresses.
        const holder = await holderOfRole(transaction, name, { addresses: false });
        if (holder)
          throw new OAuthError(
            'conflict',
            `The role ${name} is still assigned to ${holder}. Remove it there first.`,
          );
        await transaction.deleteFrom('role').where('name', '=', name).execute();
        await recordEvent(transaction, {
          action: 'role.deleted',
          target: { kind: 'role', id: name },
          details: { permissions: role.permissions, api_scopes: role.api_scopes },
        });
        await recordChange(transaction, { kind: 'role.changed' });
        return true;
      }),
  };
}

export type Roles = ReturnType<typeof createRoles>;
