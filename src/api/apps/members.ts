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
    account_id: z.string().meta({ description: 'The `id` of the account.' }),
    name: z.string().meta({ description: 'The name of the person.' }),
    email: z.string().nullable().meta({
      description:
        'Null if the account has none. The addresses of others are also null if your role does not manage the app.',
    }),
    role: z.string().meta({ description: 'The role of the member in the app.' }),
    since: time.meta({ description: 'When the person became a member.' }),
  })
  .meta({
    id: 'AppMember',
    description: 'A person with access to an app, and their role in it.',
  });

const membership = z
  .strictObject({
    role: text(100).meta({ description: 'A role of the app.', examples: ['Editor'] }),
  })
  .meta({ id: 'AppMembership' });

const credential = z
  .object({
    kind: z.enum(['client_secret', 'api_key']).meta({ description: 'The kind of credential.' }),
    id: z.string().meta({ description: 'The `id` of the secret or API key.' }),
    client: z.string().meta({ description: 'The `name` of the client within the app.' }),
    name: z.string().nullable().meta({ description: 'The name of an API key; null for a secret.' }),
    hint: z.string().nullable().meta({ description: 'The last characters of the value.' }),
    created_at: time.meta({ description: 'When it was created.' }),
    expires_at: time.nullable().meta({ description: 'When it expires; null for never.' }),
    last_used_at: time.nullable().meta({ description: 'Accurate to the minute.' }),
  })
  .meta({
    id: 'AppMemberCredential',
    description: 'A secret or API key of a client of an app that a person created.',
  });

const removal = z.strictObject({
  end_credentials: z.enum(['true', 'false']).default('false').meta({
    description:
      'Whether to revoke the secrets and API keys that the person created in the app too. With a secret, the access and refresh tokens of its client are revoked.',
  }),
});

const account = (description: string) => text(200).meta({ description });

const handOver = z
  .strictObject({
    to: account('The `account_id` of the member who becomes the Owner.'),
    from: account(
      'The `account_id` of the current Owner. Default: you; for an operator, the only Owner.',
    ).optional(),
    leave: z.boolean().default(false).meta({
      description: 'Whether the current Owner leaves the app. Otherwise they become a Developer.',
    }),
  })
  .meta({
    id: 'AppHandOver',
    examples: [{ to: '0198c0de-0000-7000-8000-000000000000', leave: true }],
  });

/** `/apps/{app}/members`: the people with access to an app, and their roles. */
export function appMemberOperations({ appMembers }: AppMemberDependencies): Operation[] {
  const on = {
    tag: 'App members',
    path: '/apps/{app}/members/{account_id}',
    parameters: appPath.extend({
      account_id: pathName('The `id` of the account.', '0198c0de-0000-7000-8000-000000000000'),
    }),
  } as const;

  return [
    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/members',
      parameters: appPath,
      operationId: 'listAppMembers',
      summary: 'List the members of an app',
      description: 'Returns all members on one page: Owners first, then by name.',
      scope: 'apps:read',
      response: z.object({ items: z.array(member), next: z.null() }),
      handle: async ({ principal, path }) => {
        const found = await appMembers.list(principal.appActor, path.app);
        return { items: found.map(describeMember), next: null };
      },
    }),

    operation({
      ...on,
      method: 'put',
      operationId: 'setAppMember',
      summary: 'Set the role of a member of an app',
      description:
        'With this, an operator can also add any account as a member; others invite people. An app always has an Owner.',
      scope: 'apps:write',
      body: membership,
      response: member,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app_member.changed', kind: 'app' },
      handle: async ({ principal, path, body }) =>
        describeMember(
          await appMembers.set(principal.appActor, path.app, path.account_id, body.role),
        ),
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'removeAppMember',
      summary: 'Remove a member from an app',
      description:
        'Members can always remove themselves. An app always has an Owner: transfer it first, or delete it.\n\nThe secrets and API keys that the person created belong to the clients and stay valid, unless `end_credentials` revokes them in the same transaction. `GET /apps/{app}/members/{account_id}/credentials` lists the valid ones, before and after.',
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
      summary: 'List the credentials that a person created in an app',
      description:
        'Returns the valid secrets and API keys that the person created, newest first, on one page. Requires a role that can change clients. Also works for a former member: the listed credentials are still valid.',
      scope: 'apps:read',
      response: z.object({ items: z.array(credential), next: z.null() }),
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
      summary: 'Revoke the credentials that a person created in an app',
      description:
        'Revokes everything that `GET` lists, and with a secret the access and refresh tokens of its client. API tokens created with an API key stay valid. If your role does not manage the app, it must cover the roles of the clients.',
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
      summary: 'Transfer an app',
      description:
        'Makes another member the Owner. The previous Owner becomes a Developer, or leaves.',
      scope: 'apps:write',
      body: handOver,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'app.handed_over', kind: 'app' },
      handle: ({ principal, path, body }) =>
        appMembers.handOver(principal.appActor, path.app, body),
    }),
  ];
}

const describeMember = (found: AppMember): z.input<typeof member> => ({
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
