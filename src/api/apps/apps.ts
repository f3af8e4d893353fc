import * as z from 'zod';
import { appLimits } from '../../../config/apps.ts';
import type { App, AppClient, Apps } from '../../domain/apps/types.ts';
import { switching } from '../framework/enable-disable.ts';
import { shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery, readPage } from '../framework/paging.ts';
import { count, time } from '../framework/schemas.ts';
import { createdAppClient, describeAppClient } from './clients.ts';
import { appPath } from './path.ts';

export interface AppDependencies {
  apps: Omit<Apps, 'openResources'>;
}

/** What the ids of its clients begin with. Which names there can be is the domain's to say. */
const name = text(40).meta({
  description:
    'What the ids of its clients begin with; never changes, and is never used again. Small letters, digits and dashes.',
  examples: ['acme'],
});

const displayName = shownText(appLimits.displayName).meta({
  description: 'What people call it.',
  examples: ['Acme'],
});

const creation = z
  .strictObject({
    display_name: displayName,
    name: name.optional().meta({ description: 'Default: it is made of the display name.' }),
    owner: text(200).optional().meta({
      description:
        'The `id` of the account that is to be its Owner. Default: you, where the token is a person’s who is no administrator; else nobody.',
    }),
  })
  .meta({ id: 'AppCreation', examples: [{ display_name: 'Acme', name: 'acme' }] });

const update = z.strictObject({ display_name: displayName.optional() }).meta({
  id: 'AppUpdate',
  description: 'What changes; the rest stays as it is.',
  examples: [{ display_name: 'Acme & Sons' }],
});

const shownApp = z.object({
  name,
  display_name: z.string(),
  disabled_at: time
    .nullable()
    .meta({ description: 'Since when its clients get no tokens; null where they do.' }),
  disabled_by: z.enum(['member', 'operator']).nullable().meta({
    description: 'One that an operator disabled is enabled by an operator alone.',
  }),
  created_at: time,
  members: count,
  clients: count,
  role: z.string().nullable().meta({ description: 'Yours in it; null where you are an operator.' }),
  manages: z
    .enum(['nothing', 'clients', 'app'])
    .meta({ description: 'What you may change of it.' }),
});

const app = shownApp.meta({
  id: 'App',
  description: 'Clients under an owner, with roles and members of their own.',
});

const createdApp = shownApp
  .extend({ client: createdAppClient })
  .meta({ id: 'CreatedApp', description: 'An app, and its first client with its secret.' });

/** `/apps`: what people make themselves, each with clients, members and roles. */
export function appOperations({ apps }: AppDependencies): Operation[] {
  const on = { tag: 'Apps', path: '/apps/{app}', parameters: appPath } as const;

  return [
    operation({
      method: 'get',
      path: '/apps',
      tag: 'Apps',
      operationId: 'listApps',
      summary: 'Your apps, page by page',
      description:
        'In the order of their names. For a person those that they are a member of, for an operator all. Deleted ones are not among them.',
      scope: 'apps:read',
      query: pageQuery,
      answer: pageOf(app),
      handle: async ({ principal, query }) => {
        const page = await readPage(
          query,
          (asked) => apps.list(principal.appActor, asked),
          (found) => found.name,
        );
        return { ...page, items: page.items.map(describeApp) };
      },
    }),

    operation({
      method: 'post',
      path: '/apps',
      tag: 'Apps',
      operationId: 'createApp',
      summary: 'Make an app',
      description:
        'It begins with a client `default`, a server with the role Reader. The answer has the `client_secret` of that client, this once.',
      scope: 'apps:write',
      body: creation,
      answer: createdApp,
      success: 201,
      idempotency: true,
      location: (made) => `/apps/${encodeURIComponent(made.name)}`,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app.created', kind: 'app' },
      handle: async ({ principal, body, idempotency }) =>
        describeCreated(
          await apps.create(
            principal.appActor,
            { displayName: body.display_name, name: body.name, ownerId: body.owner },
            idempotency,
          ),
        ),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getApp',
      summary: 'An app',
      description: 'What it is called, how much is in it, and what you may do there.',
      scope: 'apps:read',
      answer: app,
      tagged: true,
      handle: async ({ principal, path }) =>
        describeApp(await apps.find(principal.appActor, path.app)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateApp',
      summary: 'Change an app',
      description:
        'What people call it. Its `name` is in the ids of its clients and stays. A `display_name` that looks like one of another owner is a `conflict`.',
      scope: 'apps:write',
      body: update,
      answer: app,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app.updated', kind: 'app' },
      handle: async ({ principal, path, body, precondition }) =>
        describeApp(
          await apps.update(
            principal.appActor,
            path.app,
            { displayName: body.display_name },
            precondition(describeApp),
          ),
        ),
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteApp',
      summary: 'Delete an app',
      description:
        'Ends its clients with their tokens and secrets, its memberships, roles and invitations, before the answer. Its `name` is never used again.',
      scope: 'apps:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'app.deleted', kind: 'app' },
      handle: ({ principal, path, precondition }) =>
        apps.delete(principal.appActor, path.app, precondition(describeApp)),
    }),

    ...switching({
      ...on,
      name: 'App',
      called: 'an app',
      descriptions: {
        disable:
          'Ends the tokens of all its clients, before the answer, and lets them have no more until it is enabled again.',
        enable: 'Lets its clients have tokens again; those that were ended stay so.',
      },
      scope: 'apps:write',
      answer: app,
      errors: ['access_denied'],
      audit: { kind: 'app' },
      handle: async ({ principal, path }, to) =>
        describeApp(await apps[to](principal.appActor, path.app)),
    }),
  ];
}

const describeApp = (found: App): z.input<typeof app> => ({
  name: found.name,
  display_name: found.displayName,
  disabled_at: found.disabledAt,
  disabled_by: found.disabledBy,
  created_at: found.createdAt,
  members: found.members,
  clients: found.clients,
  role: found.role,
  manages: found.manages,
});

const describeCreated = (made: {
  app: App;
  client: AppClient;
  secret: string;
}): z.input<typeof createdApp> => ({
  ...describeApp(made.app),
  client: { ...describeAppClient(made.client), client_secret: made.secret },
});
