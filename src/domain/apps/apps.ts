import { type RawBuilder, sql } from 'kysely';
import { firstClientName, firstClientRole, ownerRole } from '../../../config/apps.ts';
import type { Connection } from '../../../db/schema.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, recordEvent } from '../audit/events.ts';
import { deletedColumns } from '../clients/store.ts';
import { inActorTransaction } from '../database/actor-transaction.ts';
import { containing } from '../database/containing.ts';
import { runOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import type { RequireDistinctName } from '../names/look-alikes.ts';
import type { Resources } from '../resources/resources.ts';
import { type Access, type AppAccess, appColumns, type Rights, requireManages } from './access.ts';
import type { ClientCreator } from './clients.ts';
import {
  asDisplayName,
  looksLikeName,
  nameFrom,
  requireAppName,
  withRandomSuffix,
} from './names.ts';
import { assertMayCreateAnother, assertMayOwnAnother } from './ownership.ts';
import type { App, AppActor, Apps } from './types.ts';

const counts = [
  sql<number>`(select count(*)::integer from app_member m where m.app_id = app.id)`.as('members'),
  sql<number>`(select count(*)::integer from client c where c.app_id = app.id and c.deleted_at is null)`.as(
    'clients',
  ),
] as const;

const columns = [
  'app.id',
  'app.name',
  'app.display_name as displayName',
  'app.disabled_at as disabledAt',
  'app.disabled_by as disabledBy',
  'app.created_at as createdAt',
  ...counts,
] as const;

/** Creates, lists, changes, disables and deletes apps. */
export function createApps({
  access,
  kysely,
  resources,
  clientCreator,
  requireDistinctName,
  peopleCreateApps,
}: {
  access: AppAccess;
  kysely: Connection;
  resources: Pick<Resources, 'openToApps'>;
  clientCreator: ClientCreator;
  requireDistinctName: RequireDistinctName;
  /** Whether people can create apps; operators always can. */
  peopleCreateApps: boolean;
}): Apps {
  /** The current app as the actor sees it. */
  const describe = async (
    connection: Connection,
    { app: { id }, rights: { role, manages } }: Access,
  ): Promise<App> => ({
    ...(await connection
      .selectFrom('app')
      .select(columns)
      .where('id', '=', id)
      .executeTakeFirstOrThrow()),
    role,
    manages,
  });

  const setDisabled = (actor: AppActor, name: string, disabled: boolean): Promise<App> =>
    access.change(actor, name, async (entered, transaction) => {
      requireManages(entered.rights, 'app');
      const { app } = entered;
      const by = entered.rights.operator ? 'operator' : 'member';
      if (!disabled && app.disabledBy === 'operator' && by === 'member')
        throw new OAuthError(
          'access_denied',
          'An operator of this server disabled the app. Ask an administrator to enable it.',
        );
      const overrules = disabled && by === 'operator' && app.disabledBy === 'member';
      // Repeating the request changes nothing.
      if ((app.disabledAt !== null) === disabled && !overrules)
        return describe(transaction, entered);
      const { epoch } = await transaction
        .updateTable('app')
        .set((eb) => ({
          disabled_at: disabled ? sql<Date>`coalesce(disabled_at, now())` : null,
          disabled_by: disabled ? by : null,
          epoch: eb('epoch', '+', disabled ? 1 : 0),
          updated_at: sql<Date>`now()`,
        }))
        .where('id', '=', app.id)
        .returning('epoch')
        .executeTakeFirstOrThrow();
      const after = await describe(transaction, entered);
      const kind = disabled ? 'app.disabled' : 'app.enabled';
      await recordEvent(transaction, {
        action: kind,
        target: { kind: 'app', id: name },
        app: app.id,
      });
      await recordChange(transaction, { kind, app: name, epoch });
      return after;
    });

  return {
    create: (actor, given, idempotency) =>
      inActorTransaction(kysely, actor, (transaction) =>
        runOnce(idempotency, transaction, async () => {
          const owner = ownerFor(actor, given.ownerId);
          if (actor.kind === 'account' && !peopleCreateApps)
            throw new OAuthError(
              'access_denied',
              'Only an administrator can create an app on this server.',
            );
          const { displayName } = await checkEach({
            displayName: () => asDisplayName(given.displayName),
            name: () => {
              if (given.name !== undefined) requireAppName(given.name);
            },
          });
          // Lock the owner's account first, so that the second of two clicks finds what the first one created.
          if (owner !== undefined) await assertMayOwnAnother(transaction, owner, 'owner');
          if (actor.kind === 'account') await assertMayCreateAnother(transaction, actor.accountId);
          if (actor.kind === 'account')
            await requireDistinctName(transaction, {
              name: displayName,
              parameter: 'display_name',
              ownerId: owner,
            });
          const app = await insert(transaction, { displayName, name: given.name, owner });
          if (owner !== undefined)
            await transaction
              .insertInto('app_member')
              .values({ app_id: app.id, account_id: owner, role: ownerRole })
              .execute();
          await recordEvent(transaction, {
            action: 'app.created',
            target: { kind: 'app', id: app.name },
            details: { display_name: displayName, owner: owner ?? null },
            app: app.id,
          });
          const rights: Rights = {
            operator: actor.kind === 'operator',
            role: actor.kind === 'operator' ? null : ownerRole,
            permissions: [],
            manages: 'app',
          };
          const entered = { app, rights };
          const first = { name: firstClientName, kind: 'server', role: firstClientRole } as const;
          const { client, secret } = await clientCreator.create(
            transaction,
            entered,
            first,
            await clientCreator.check(transaction, actor, entered, first),
          );
          const described = await describe(transaction, entered);
          return { app: described, client, secret: secret as string };
        }),
      ),

    list: async (actor, { after, limit, search, named }) => {
      if (after !== undefined && !looksLikeName(after))
        throw parameterError('invalid_request', 'after', 'is not a cursor of this list.');
      if (actor.kind === 'account' && !isUuid(actor.accountId)) return [];
      if (actor.kind === 'client' && !isUuid(actor.client)) return [];
      const page = kysely
        .selectFrom('app')
        .select(columns)
        .where('app.deleted_at', 'is', null)
        .$if(after !== undefined, (query) => query.where('app.name', '>', String(after)))
        .$if(search !== undefined, (query) =>
          query.where((eb) =>
            eb.or([
              eb('app.name', 'ilike', containing(search ?? '')),
              eb('app.display_name', 'ilike', containing(search ?? '')),
            ]),
          ),
        )
        .$if(named !== undefined, (query) => query.where(isNamed(named ?? '', limit)))
        .orderBy('app.name')
        .limit(limit);
      if (actor.kind === 'operator')
        return orUnavailable(async () =>
          (await page.execute()).map((app): App => ({ ...app, role: null, manages: 'app' })),
        );
      if (actor.kind === 'client')
        return orUnavailable(() =>
          page
            .innerJoin('client as own', 'own.app_id', 'app.id')
            .innerJoin('app_role', (join) =>
              join
                .on(sql<boolean>`app_role.name = own.roles[1]`)
                .on(sql<boolean>`(app_role.app_id = app.id or app_role.app_id is null)`),
            )
            .select(['app_role.name as role', 'app_role.manages'])
            .where('own.id', '=', actor.client)
            .where('own.disabled_at', 'is', null)
            .where('own.deleted_at', 'is', null)
            .execute(),
        );
      return orUnavailable(() =>
        page
          .innerJoin('app_member as own', 'own.app_id', 'app.id')
          .innerJoin('account', 'account.id', 'own.account_id')
          .innerJoin('app_role', (join) =>
            join
              .onRef('app_role.name', '=', 'own.role')
              .on(sql<boolean>`(app_role.app_id = app.id or app_role.app_id is null)`),
          )
          .select(['own.role', 'app_role.manages'])
          .where('own.account_id', '=', actor.accountId)
          .where('account.disabled_at', 'is', null)
          .execute(),
      );
    },

    find: (actor, app) =>
      access.read(actor, app, (entered, connection) => describe(connection, entered)),

    update: (actor, name, changes, precondition = () => {}) =>
      access.change(actor, name, async (entered, transaction) => {
        requireManages(entered.rights, 'app');
        const before = await describe(transaction, entered);
        precondition(before);
        const displayName =
          changes.displayName === undefined
            ? before.displayName
            : asDisplayName(changes.displayName, before.displayName);
        if (displayName === before.displayName) return before;
        if (!entered.rights.operator)
          await requireDistinctName(transaction, {
            name: displayName,
            parameter: 'display_name',
            appId: before.id,
          });
        await transaction
          .updateTable('app')
          .set({ display_name: displayName, updated_at: sql<Date>`now()` })
          .where('id', '=', before.id)
          .execute();
        await recordEvent(transaction, {
          action: 'app.updated',
          target: { kind: 'app', id: name },
          details: diffOf({ display_name: before.displayName }, { display_name: displayName }),
          app: before.id,
        });
        return { ...before, displayName };
      }),

    disable: (actor, app) => setDisabled(actor, app, true),

    enable: (actor, app) => setDisabled(actor, app, false),

    delete: (actor, name, precondition = () => {}) =>
      access.change(actor, name, async (entered, transaction) => {
        requireManages(entered.rights, 'app');
        precondition(await describe(transaction, entered));
        const { id } = entered.app;
        const { epoch } = await transaction
          .updateTable('app')
          .set((eb) => ({
            deleted_at: sql<Date>`now()`,
            disabled_at: sql<Date>`coalesce(disabled_at, now())`,
            epoch: eb('epoch', '+', 1),
            updated_at: sql<Date>`now()`,
          }))
          .where('id', '=', id)
          .returning('epoch')
          .executeTakeFirstOrThrow();
        const clients = await deleteClients(transaction, id);
        const members = await transaction
          .deleteFrom('app_member')
          .where('app_id', '=', id)
          .returning('account_id')
          .execute();
        await transaction.deleteFrom('app_invitation').where('app_id', '=', id).execute();
        await transaction.deleteFrom('initial_access_token').where('app_id', '=', id).execute();
        await transaction.deleteFrom('app_role').where('app_id', '=', id).execute();
        for (const clientId of clients)
          await recordEvent(transaction, {
            action: 'client.deleted',
            target: { kind: 'client', id: clientId },
            details: { because: 'its app was deleted' },
            app: id,
          });
        await recordEvent(transaction, {
          action: 'app.deleted',
          target: { kind: 'app', id: name },
          details: { clients, members: members.map(({ account_id }) => account_id) },
          app: id,
        });
        await recordChange(transaction, { kind: 'app.deleted', app: name, epoch });
      }),

    openResources: async () =>
      (await resources.openToApps()).flatMap(({ appPolicy: policy, ...resource }) =>
        policy
          ? [
              {
                identifier: resource.identifier,
                name: resource.name,
                scopes: resource.scopes,
                tokenFormat: resource.tokenFormat,
                accessTokenTtl: resource.accessTokenTtl,
                isDefault: resource.isDefault,
                policy,
              },
            ]
          : [],
      ),
  };
}

/** SQL condition: an app has exactly this display name; case is ignored. By the index `app_name_skeleton`; of the same name `limit`. */
const isNamed = (name: string, limit: number): RawBuilder<boolean> =>
  sql<boolean>`app.id = any (array(select id from app where deleted_at is null
    and name_skeleton(display_name) = name_skeleton(${name}) and lower(display_name) = lower(${name}) limit ${limit}))`;

function ownerFor(actor: AppActor, ownerId: string | undefined): string | undefined {
  if (actor.kind === 'client')
    throw new OAuthError(
      'access_denied',
      'A client of an app cannot create apps. Sign in as a person.',
    );
  if (actor.kind === 'operator') return ownerId;
  if (ownerId === undefined || ownerId === actor.accountId) return actor.accountId;
  throw new OAuthError('access_denied', 'Only an operator can create an app for another person.', {
    parameter: 'owner',
  });
}

/** Attempts to find an unused generated name. */
const maxDraws = 5;

/** Inserts the row. A chosen name must be unused; a generated one is withRandomSuffix until it is. */
async function insert(
  transaction: Connection,
  {
    displayName,
    name,
    owner,
  }: { displayName: string; name?: string | undefined; owner?: string | undefined },
): Promise<Access['app']> {
  const wantedName = name ?? nameFrom(displayName);
  for (let draw = 0; draw < maxDraws; draw++) {
    const candidate = draw === 0 ? wantedName : withRandomSuffix(wantedName);
    const app = await transaction
      .insertInto('app')
      .values({
        name: candidate,
        display_name: displayName,
        disabled_at: null,
        deleted_at: null,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning(appColumns)
      .executeTakeFirst();
    if (app) return app;
    await requireNotOwned(transaction, candidate, owner);
    if (name !== undefined) break;
  }
  throw new OAuthError(
    'conflict',
    `The name ${wantedName} is or was in use, and names are never reused. Choose another.`,
    { parameter: 'name' },
  );
}

/** Throws `conflict` if the owner already has an app with this name, so that clicking twice creates only one. */
async function requireNotOwned(
  transaction: Connection,
  name: string,
  owner: string | undefined,
): Promise<void> {
  const owned = await transaction
    .selectFrom('app')
    .select('name')
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .$if(owner !== undefined, (query) =>
      query.where((eb) =>
        eb.exists(
          eb
            .selectFrom('app_member')
            .select('account_id')
            .whereRef('app_member.app_id', '=', 'app.id')
            .where('account_id', '=', String(owner)),
        ),
      ),
    )
    .executeTakeFirst();
  if (owned)
    throw new OAuthError('conflict', `There is already an app ${name}.`, { parameter: 'name' });
}

/** Deletes the clients of an app in one statement, as the registry would. Returns their client ids. */
async function deleteClients(transaction: Connection, appId: string): Promise<string[]> {
  const deleted = await transaction
    .updateTable('client')
    .set((eb) => ({
      ...deletedColumns,
      updated_at: sql<Date>`now()`,
      epoch: eb('epoch', '+', 1),
    }))
    .where('app_id', '=', appId)
    .where('deleted_at', 'is', null)
    .returning(['id', 'client_id'])
    .execute();
  if (deleted.length > 0)
    await transaction
      .deleteFrom('client_secret')
      .where(
        'client_id',
        'in',
        deleted.map(({ id }) => id),
      )
      .execute();
  return deleted.map(({ client_id }) => client_id).sort();
}
