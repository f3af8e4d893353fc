import { sql } from 'kysely';
import { appLimits } from '../../../config/apps.ts';
import { administratorRole } from '../../../config/roles.ts';
import type { Connection } from '../../../db/schema.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { displayName } from '../names/display-names.ts';
import { requirePermissions } from '../roles/permissions.ts';
import { type AppAccess, requireCovers, requireManages } from './access.ts';
import type { AppRole, AppRoles } from './types.ts';

const columns = [
  'name',
  'description',
  'permissions',
  'manages',
  sql<boolean>`app_id is null`.as('builtIn'),
] as const;

const permissionLimits = {
  permissions: appLimits.permissionsOfARole,
  names: appLimits.namesOfARole,
};

/** Names that are safe in claims and in sentences. */
const namePattern = /^[A-Za-z][A-Za-z0-9 ._-]{0,49}$/;

/** Roles of an app: the built-in ones first, from Owner to Reader, then its own. */
const rolesOf = (connection: Connection, appId: string | null) =>
  connection
    .selectFrom('app_role')
    .select(columns)
    .where((eb) => eb.or([eb('app_id', '=', appId), eb('app_id', 'is', null)]))
    .orderBy(sql`app_id is not null`)
    .orderBy(
      sql`coalesce(array_position(array['Owner', 'Developer', 'Editor', 'Reader'], name), 5)`,
    )
    .orderBy('name');

/** Finds a role that members and clients of an app can have. */
export const findRole = async (
  connection: Connection,
  appId: string,
  name: string,
): Promise<AppRole | undefined> =>
  // Postgres cannot store NUL, so no role name contains one.
  name.includes('\0')
    ? undefined
    : rolesOf(connection, appId).where('name', '=', name).executeTakeFirst();

/** Like `findRole`; throws `invalid_request` if there is none. */
export async function requireRole(
  connection: Connection,
  appId: string,
  name: string,
): Promise<AppRole> {
  const role = await findRole(connection, appId, name);
  if (!role)
    throw new OAuthError(
      'invalid_request',
      name === '' ? 'Choose a role.' : `The role ${name} does not exist in this app.`,
      {
        parameter: 'role',
      },
    );
  return role;
}

const noRole = (name: string) => new OAuthError('not_found', `There is no role ${name}.`);

/** Roles of apps: the built-in ones, which all apps share, and those of each app. */
export function createAppRoles({
  access,
  kysely,
}: {
  access: AppAccess;
  kysely: Connection;
}): AppRoles {
  return {
    list: (actor, app) =>
      access.read(actor, app, ({ app: { id } }, connection) => rolesOf(connection, id).execute()),

    find: (actor, app, name) =>
      access.read(actor, app, async ({ app: { id } }, connection) => {
        const role = await findRole(connection, id, name);
        if (!role) throw noRole(name);
        return role;
      }),

    set: (actor, app, given, precondition = () => {}) =>
      access.change(
        actor,
        app,
        async ({ app: { id, name: appName, epoch }, rights }, transaction) => {
          requireManages(rights, 'app');
          const all = await rolesOf(transaction, id).execute();
          const before = all.find((role) => role.name === given.name.trim() && !role.builtIn);
          const checked = await checkEach({
            name: () => {
              const name = asRoleName(given.name);
              precondition(before);
              requireFreeName(name, all);
              return name;
            },
            description: () =>
              asDescription(given.description ?? before?.description ?? '', before),
            permissions: () => requirePermissions(given.permissions, permissionLimits),
            manages: () => requireManageable(given.manages ?? before?.manages ?? 'nothing'),
          });
          const { name } = checked;
          const role = { ...checked, permissions: given.permissions, builtIn: false };
          requireCovers(rights, role, 'permissions');
          if (before && isSame({ ...before }, { ...role })) return before;
          if (!before && all.filter(({ builtIn }) => !builtIn).length >= appLimits.customRoles)
            throw new OAuthError(
              'conflict',
              `An app can have at most ${appLimits.customRoles} custom roles. Delete one first.`,
            );
          const { builtIn: _, ...row } = role;
          await transaction
            .insertInto('app_role')
            .values({ app_id: id, ...row })
            .onConflict((conflict) =>
              conflict
                .columns(['app_id', 'name'])
                .doUpdateSet({ ...row, updated_at: sql<Date>`now()` }),
            )
            .execute();
          await recordEvent(transaction, {
            action: before ? 'app_role.updated' : 'app_role.created',
            target: { kind: 'role', id: name },
            details: diffOf({ ...before }, { ...role }),
            app: id,
          });
          if (before) await recordChange(transaction, { kind: 'app.changed', app: appName, epoch });
          return role;
        },
      ),

    delete: (actor, app, name, precondition = () => {}) =>
      access.change(actor, app, async ({ app: { id }, rights }, transaction) => {
        requireManages(rights, 'app');
        const role = await findRole(transaction, id, name);
        if (!role) throw noRole(name);
        precondition(role);
        if (role.builtIn)
          throw new OAuthError('conflict', `The role ${name} is built in and cannot be deleted.`);
        const holder = await holderOf(transaction, id, name);
        if (holder)
          throw new OAuthError(
            'conflict',
            `The role ${name} is still assigned to ${holder}. Remove it there first.`,
          );
        await transaction
          .deleteFrom('app_role')
          .where('app_id', '=', id)
          .where('name', '=', name)
          .execute();
        await recordEvent(transaction, {
          action: 'app_role.deleted',
          target: { kind: 'role', id: name },
          details: { permissions: role.permissions, manages: role.manages },
          app: id,
        });
      }),

    builtIn: () => orUnavailable(() => rolesOf(kysely, null).execute()),

    setBuiltIn: ({ name, description, permissions }, precondition = () => {}) =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          if (name.includes('\0')) throw noRole(name);
          const before = await rolesOf(transaction, null)
            .where('name', '=', name)
            .forNoKeyUpdate()
            .executeTakeFirst();
          if (!before) throw noRole(name);
          precondition(before);
          requirePermissions(permissions, permissionLimits);
          const after = {
            ...before,
            permissions,
            description: asDescription(description ?? before.description, before),
          };
          if (isSame({ ...before }, { ...after })) return before;
          await transaction
            .updateTable('app_role')
            .set({
              permissions,
              description: after.description,
              updated_at: sql<Date>`now()`,
            })
            .where('app_id', 'is', null)
            .where('name', '=', name)
            .execute();
          await recordEvent(transaction, {
            action: 'app_role.updated',
            target: { kind: 'role', id: name },
            details: diffOf({ ...before }, { ...after }),
          });
          await recordChange(transaction, { kind: 'role.changed' });
          return after;
        }),
      ),
  };
}

function asRoleName(text: string): string {
  const name = text.trim();
  if (!namePattern.test(name))
    throw new OAuthError(
      'invalid_request',
      name === ''
        ? 'Enter a name.'
        : 'The name of a role has 1 to 50 letters, digits, spaces, dots, dashes and underscores, and begins with a letter.',
      { parameter: 'name' },
    );
  if (name.toLowerCase() === administratorRole)
    throw new OAuthError('invalid_request', `The role name ${name} is reserved. Choose another.`, {
      parameter: 'name',
    });
  return name;
}

/** Names must differ by more than case, so that people cannot confuse two roles. */
function requireFreeName(name: string, all: AppRole[]): void {
  const same = all.find((role) => role.name.toLowerCase() === name.toLowerCase());
  if (same?.builtIn)
    throw new OAuthError(
      'invalid_request',
      `The role ${same.name} is built in and the same in every app. Choose another name.`,
      { parameter: 'name' },
    );
  if (same && same.name !== name)
    throw new OAuthError('conflict', `There is already a role ${same.name}.`, {
      parameter: 'name',
    });
}

const asDescription = (text: string, before: Pick<AppRole, 'description'> | undefined): string =>
  displayName(text, {
    parameter: 'description',
    maxLength: appLimits.description,
    before: before?.description,
    mayBeEmpty: true,
  });

/** Throws `invalid_request` for a role that could manage the app, which only Owners can. */
function requireManageable(manages: string): 'nothing' | 'clients' {
  if (manages === 'nothing' || manages === 'clients') return manages;
  throw new OAuthError(
    'invalid_request',
    'A role of an app can manage either nothing or clients.',
    { parameter: 'manages' },
  );
}

/** One client, member or pending invitation that has the role, as a phrase for error messages. */
async function holderOf(
  transaction: Connection,
  appId: string,
  name: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ holder: string }>`
    select 'the client ' || client_id as holder from client
      where app_id = ${appId} and ${name} = any (roles) and deleted_at is null
    union all select 'the member ' || a.name from app_member m join account a on a.id = m.account_id
      where m.app_id = ${appId} and m.role = ${name}
    union all select 'the invitation of ' || email from app_invitation
      where app_id = ${appId} and role = ${name} and expires_at > now()
    union all select 'the initial access token ' || name from initial_access_token
      where app_id = ${appId} and app_role = ${name} and expires_at > now() and uses < max_uses
    limit 1`.execute(transaction);
  return rows[0]?.holder;
}
