import * as z from 'zod';
import type { AppMember, AppMembers, CreatedCredential } from '../../domain/apps/types.ts';
import { text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pathName, time } from '../framework/schemas.ts';
import { appPath } from './path.ts';

export interface AppMemberDependencies {
  appMembers: AppMembers;
}

const member = z
  .object({
    account_id: z.string(),
    name: z.string(),
    email: z.string().nullable().meta({
      description:
        'Null where they have none, and, but for your own, where your role does not manage the app.',
    }),
    role: z.string(),
    since: time,
  })
  .meta({
    id: 'AppMember',
    description: 'A person who sees an app, and may there what their role gives.',
  });

const membership = z
  .strictObject({
    role: text(100).meta({ description: 'A role of the app.', examples: ['Editor'] }),
  })
  .meta({ id: 'AppMembership' });

const credential = z
  .object({
    kind: z.enum(['client_secret', 'api_key']),
    id: z.string().meta({ description: 'Of the secret, or of the API key.' }),
    client: z.string().meta({ description: 'The `name` of its client in the app.' }),
    name: z.string().nullable().meta({ description: 'Of an API key; null for a secret.' }),
    hint: z
      .string()
      .nullable()
      .meta({ description: 'Its last characters, to tell it from others.' }),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable().meta({ description: 'To the minute.' }),
  })
  .meta({
    id: 'AppMemberCredential',
    description: 'A secret or an API key of a client of an app that a person created.',
  });

const removal = z.strictObject({
  end_credentials: z.enum(['true', 'false']).default('false').meta({
    description:
      'Whether the secrets and API keys that they created in the app end too, and with a secret the access and refresh tokens of its client.',
  }),
});

const account = (description: string) => text(200).meta({ description });

const handOver = z
  .strictObject({
    to: account('The `account_id` of the member who is to be the Owner.'),
    from: account(
      'The `account_id` of the Owner who hands it over. Default: you, or the only one where you are an operator.',
    ).optional(),
    leave: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether they leave the app; else they become a Developer.' }),
  })
  .meta({
    id: 'AppHandOver',
    examples: [{ to: '0198c0de-0000-7000-8000-000000000000', leave: true }],
  });

/** `/apps/{app}/members`: the people who see an app, and may there what their role gives. */
export function appMemberOperations({ appMembers }: AppMemberDependencies): Operation[] {
  const on = {
    tag: 'App members',
    path: '/apps/{app}/members/{account_id}',
    parameters: appPath.extend({
      account_id: pathName('The `id` of their account.', '0198c0de-0000-7000-8000-000000000000'),
    }),
  } as const;

  return [
    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/members',
      parameters: appPath,
      operationId: 'listAppMembers',
      summary: 'The members of an app',
      description: 'Owners first, then by name. All on one page.',
      scope: 'apps:read',
      answer: z.object({ items: z.array(member), next: z.null() }),
      handle: async ({ principal, path }) => {
        const found = await appMembers.list(principal.appActor, path.app);
        return { items: found.map(describe), next: null };
      },
    }),

    operation({
      ...on,
      method: 'put',
      operationId: 'setAppMember',
      summary: 'Give a member of an app another role',
      description:
        'An operator makes a member of any account by it; people are invited by others. An app always keeps an Owner.',
      scope: 'apps:write',
      body: membership,
      answer: member,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_member.changed', kind: 'app' },
      handle: async ({ principal, path, body }) =>
        describe(await appMembers.set(principal.appActor, path.app, path.account_id, body.role)),
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'removeAppMember',
      summary: 'Take somebody out of an app',
      description:
        'A member of any role may take out themselves. An app always keeps an Owner: hand it over first, or delete it.\n\nThe secrets and API keys that they created belong to the clients, and work on unless `end_credentials` says that they end, in the same moment. `GET /apps/{app}/members/{account_id}/credentials` lists what works, before and after.',
      query: removal,
      scope: 'apps:write',
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_member.removed', kind: 'app' },
      handle: ({ principal, path, query }) =>
        appMembers.remove(principal.appActor, path.app, path.account_id, {
          endCredentials: query.end_credentials === 'true',
        }),
    }),

    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/members/{account_id}/credentials',
      operationId: 'listAppMemberCredentials',
      summary: 'What a person created in an app',
      description:
        'The secrets and API keys that they created and that have not ended, the newest first, for those who may change clients. Of a former member too: what is listed then works on. All on one page.',
      scope: 'apps:read',
      answer: z.object({ items: z.array(credential), next: z.null() }),
      errors: ['access_denied'],
      handle: async ({ principal, path }) => {
        const found = await appMembers.credentials(principal.appActor, path.app, path.account_id);
        return { items: found.map(describeCredential), next: null };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/apps/{app}/members/{account_id}/credentials',
      operationId: 'endAppMemberCredentials',
      summary: 'End what a person created in an app',
      description:
        'All that `GET` lists, at once, and with a secret the access and refresh tokens of its client. API tokens that an API key made stay. Those who do not manage the app need a role that covers those of the clients.',
      scope: 'apps:write',
      errors: ['access_denied'],
      audit: { action: 'client_secret.revoked', kind: 'app' },
      handle: ({ principal, path }) =>
        appMembers.endCredentials(principal.appActor, path.app, path.account_id),
    }),

    operation({
      ...on,
      method: 'post',
      path: '/apps/{app}/owner',
      parameters: appPath,
      operationId: 'handOverApp',
      summary: 'Hand an app over',
      description:
        'Makes another member its Owner. Whoever hands it over becomes a Developer, or leaves.',
      scope: 'apps:write',
      body: handOver,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app.handed_over', kind: 'app' },
      handle: ({ principal, path, body }) =>
        appMembers.handOver(principal.appActor, path.app, body),
    }),
  ];
}

const describe = (found: AppMember): z.input<typeof member> => ({
  account_id: found.accountId,
  name: found.name,
  email: found.email,
  role: found.role,
  since: found.since,
});

const describeCredential = (found: CreatedCredential): z.input<typeof credential> => ({
  kind: found.kind,
  id: found.id,
  client: found.client,
  name: found.name,
  hint: found.hint,
  created_at: found.createdAt,
  expires_at: found.expiresAt,
  last_used_at: found.lastUsedAt,
});
