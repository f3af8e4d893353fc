/** `/api/apps`: apps and their clients, in Squidex's format. Every change returns the whole list. */
import type { Context } from 'koa';
import type {
  App,
  AppActor,
  AppClient,
  AppClientChanges,
  AppClients,
  Apps,
} from '../../domain/apps/types.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { readObject } from '../framework/body.ts';
import type { Handler } from '../framework/dialect.ts';
import type { createActing } from './actor.ts';

/** The role of a client that is created without one. */
const roleOfNewClients = 'Editor';

/** Squidex's list of apps has no paging. */
const maxApps = 1_000;

export interface AppsApiDependencies {
  apps: Pick<Apps, 'create' | 'list' | 'find'>;
  appClients: Pick<AppClients, 'create' | 'list' | 'update' | 'delete'>;
  acting: ReturnType<typeof createActing>;
}

export function createAppsApi({ apps, appClients, acting }: AppsApiDependencies) {
  /** Lists the clients. A secret is included only when it was just created: Writ stores a digest and cannot read it again. */
  const listOf = async (
    actor: AppActor,
    app: string,
    created?: { name: string; secret: string | undefined },
  ) => ({
    items: (await appClients.list(actor, app)).map((client) =>
      describeClient(client, client.name === created?.name ? created.secret : undefined),
    ),
    _links: {},
  });

  const respond = (ctx: Context, body: unknown, status = 200): void => {
    ctx.status = status;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = body;
  };

  return {
    listApps: (async (ctx) =>
      respond(
        ctx,
        await acting(ctx, 'apps:read', async (actor) =>
          (await apps.list(actor, { limit: maxApps })).map((app) => describeApp(app)),
        ),
      )) satisfies Handler,

    createApp: (async (ctx) => {
      const given = await readObject(ctx);
      const name = requiredText(given, 'name');
      const created = await acting(ctx, 'apps:write', (actor) =>
        apps.create(actor, { displayName: name, name }),
      );
      ctx.set('Location', `/api/apps/${encodeURIComponent(created.app.name)}`);
      respond(
        ctx,
        // Squidex returns no client here, because its secret can be read from the list later.
        { ...describeApp(created.app), clients: [describeClient(created.client, created.secret)] },
        201,
      );
    }) satisfies Handler,

    findApp: (async (ctx, { app = '' }) =>
      respond(
        ctx,
        await acting(ctx, 'apps:read', async (actor) => describeApp(await apps.find(actor, app))),
      )) satisfies Handler,

    listClients: (async (ctx, { app = '' }) =>
      respond(
        ctx,
        await acting(ctx, 'apps:read', (actor) => listOf(actor, app)),
      )) satisfies Handler,

    createClient: (async (ctx, { app = '' }) => {
      const given = await readObject(ctx);
      const name = requiredText(given, 'id');
      const list = await acting(ctx, 'apps:write', async (actor) => {
        const { secret } = await appClients.create(actor, app, {
          name,
          kind: 'server',
          role: roleOfNewClients,
        });
        return listOf(actor, app, { name, secret });
      });
      ctx.set('Location', `/api/apps/${encodeURIComponent(app)}/clients`);
      respond(ctx, list, 201);
    }) satisfies Handler,

    updateClient: (async (ctx, { app = '', id = '' }) => {
      const changes = readChanges(await readObject(ctx));
      respond(
        ctx,
        await acting(ctx, 'apps:write', async (actor) => {
          await appClients.update(actor, app, id, changes);
          return listOf(actor, app);
        }),
      );
    }) satisfies Handler,

    deleteClient: (async (ctx, { app = '', id = '' }) =>
      respond(
        ctx,
        await acting(ctx, 'apps:write', async (actor) => {
          // List first: a client that deletes itself cannot list clients afterwards.
          const { items, _links } = await listOf(actor, app);
          await appClients.delete(actor, app, id);
          return { items: items.filter((client) => client.id !== id), _links };
        }),
      )) satisfies Handler,
  };
}

const describeClient = (
  { name, displayName, role, apiCallsLimit, apiTrafficLimit, allowAnonymous }: AppClient,
  secret = '',
) => ({
  id: name,
  secret,
  name: displayName,
  role,
  apiCallsLimit: apiCallsLimit ?? 0,
  apiTrafficLimit: apiTrafficLimit ?? 0,
  allowAnonymous,
  _links: {},
});

const describeApp = ({ id, name, displayName, role, manages, createdAt }: App) => ({
  id,
  name,
  label: displayName,
  description: null,
  version: 0,
  created: createdAt.toISOString(),
  lastModified: createdAt.toISOString(),
  teamId: null,
  permissions: manages === 'app' ? [`squidex.apps.${name}.*`] : [],
  canAccessApi: true,
  canAccessContent: true,
  roleName: role,
  roleProperties: {},
  _links: {},
});

function requiredText(given: Record<string, unknown>, field: string): string {
  const value = given[field];
  if (typeof value !== 'string' || value === '')
    throw parameterError('invalid_request', field, 'The field is required.');
  return value;
}

/** The changes of a client. Null and absent fields stay as they are; 0 removes a limit. */
function readChanges(given: Record<string, unknown>): AppClientChanges {
  const { name, role, allowAnonymous, apiCallsLimit, apiTrafficLimit } = given;
  return {
    ...of('name', name, 'string', (displayName: string) => ({ displayName })),
    ...of('role', role, 'string', (text: string) => ({ role: text })),
    ...of('allowAnonymous', allowAnonymous, 'boolean', (is: boolean) => ({ allowAnonymous: is })),
    ...of('apiCallsLimit', apiCallsLimit, 'number', (calls: number) => ({
      apiCallsLimit: calls === 0 ? null : calls,
    })),
    ...of('apiTrafficLimit', apiTrafficLimit, 'number', (bytes: number) => ({
      apiTrafficLimit: bytes === 0 ? null : bytes,
    })),
  };
}

function of<Value>(
  field: string,
  value: unknown,
  type: 'string' | 'boolean' | 'number',
  change: (value: Value) => AppClientChanges,
): AppClientChanges {
  if (value === undefined || value === null) return {};
  if (typeof value !== type)
    throw new OAuthError('invalid_request', `The field is not a ${type}.`, {
      details: [{ parameter: field, message: `The field is not a ${type}.` }],
    });
  return change(value as Value);
}
