import * as z from 'zod';
import { appLimits } from '../../../config/apps.ts';
import type { App, AppClient, Apps } from '../../domain/apps/types.ts';
import { readPage } from '../../http/cursor.ts';
import { switching } from '../framework/enable-disable.ts';
import { shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, paging } from '../framework/paging.ts';
import { count, time } from '../framework/schemas.ts';
import { createdAppClient, describeAppClient } from './clients.ts';
import { appPath } from './path.ts';

export interface AppDependencies {
  apps: Omit<Apps, 'openResources'>;
}

/** The name of an app; the domain decides which names are valid. */
const name = text(40).meta({
  description:
    'The prefix of the ids of its clients. It never changes, and cannot be reused. Lowercase letters, digits and dashes.',
  examples: ['acme'],
});

const displayName = shownText(appLimits.displayName).meta({
  description: 'The name that people see.',
  examples: ['Acme'],
});

const creation = z
  .strictObject({
    display_name: displayName,
    name: name.optional().meta({ description: 'Default: derived from the display name.' }),
    owner: text(200).optional().meta({
      description:
        'The `id` of the account that becomes the Owner. Default: you, if the token belongs to a person who is not an administrator; otherwise none.',
    }),
  })
  .meta({ id: 'AppCreation', examples: [{ display_name: 'Acme', name: 'acme' }] });

const update = z.strictObject({ display_name: displayName.optional() }).meta({
  id: 'AppUpdate',
  description: 'The fields to change; others keep their values.',
  examples: [{ display_name: 'Acme & Sons' }],
});

const shownApp = z.object({
  name,
  display_name: z.string().meta({ description: 'The name that people see.' }),
  disabled_at: time
    .nullable()
    .meta({ description: 'When the app was disabled; null if it is enabled.' }),
  disabled_by: z.enum(['member', 'operator']).nullable().meta({
    description: 'Only an operator can enable an app that an operator disabled.',
  }),
  created_at: time.meta({ description: 'When the app was created.' }),
  members: count.meta({ description: 'The number of members.' }),
  clients: count.meta({ description: 'The number of clients.' }),
  role: z.string().nullable().meta({ description: 'Your role in the app; null for an operator.' }),
  manages: z
    .enum(['nothing', 'clients', 'app'])
    .meta({ description: 'What you can change in the app.' }),
});

const app = shownApp.meta({
  id: 'App',
  description: 'A group of clients with an owner, roles and members of its own.',
});

const createdApp = shownApp.extend({ client: createdAppClient }).meta({
  id: 'CreatedApp',
  description: 'An app, with its first client and the secret of that client.',
});

/** `/apps`: the apps that people create, each with clients, members and roles. */
export function appOperations({ apps }: AppDependencies): Operation[] {
  const on = { tag: 'Apps', path: '/apps/{app}', parameters: appPath } as const;

  return [
    operation({
      method: 'get',
      path: '/apps',
      tag: 'Apps',
      operationId: 'listApps',
      summary: 'List apps',
      description:
        'Ordered by name. A person sees the apps that they are a member of; an operator sees all. Deleted apps are not included.',
      scope: 'apps:read',
      query: z.strictObject({
        ...paging,
        search: text(200).optional().meta({
          description:
            'Only apps with this text in their `name` or `display_name`; case is ignored.',
        }),
      }),
      response: pageOf(app),
      handle: async ({ principal, query: { search, ...query } }) => {
        const page = await readPage(
          query,
          (asked) => apps.list(principal.appActor, { ...asked, search }),
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
      summary: 'Create an app',
      description:
        'The app starts with a client `default`, a server with the role Reader. The response contains the `client_secret` of that client; it is not shown again.',
      scope: 'apps:write',
      body: creation,
      response: createdApp,
      success: 201,
      idempotency: true,
      location: (created) => `/apps/${encodeURIComponent(created.name)}`,
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
      summary: 'Get an app',
      description:
        'Returns the app with the number of its clients and members, and your role in it.',
      scope: 'apps:read',
      response: app,
      tagged: true,
      handle: async ({ principal, path }) =>
        describeApp(await apps.find(principal.appActor, path.app)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateApp',
      summary: 'Update an app',
      description:
        'Changes the display name. The `name` is part of the ids of its clients and cannot be changed. A `display_name` that looks like that of another owner is refused with `conflict`.',
      scope: 'apps:write',
      body: update,
      response: app,
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
        'Deletes its clients with their tokens and secrets, its memberships, roles and invitations, before the response is sent. Its `name` cannot be reused.',
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
          'Revokes the tokens of all its clients before the response is sent. They get no tokens until the app is enabled.',
        enable: 'Its clients can get tokens again. Revoked tokens stay revoked.',
      },
      scope: 'apps:write',
      response: app,
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

const describeCreated = (created: {
  app: App;
  client: AppClient;
  secret: string;
}): z.input<typeof createdApp> => ({
  ...describeApp(created.app),
  client: { ...describeAppClient(created.client), client_secret: created.secret },
});
