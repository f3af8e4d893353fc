import * as z from 'zod';
import { appLimits } from '../../../config/apps.ts';
import type { AppClients } from '../../domain/apps/types.ts';
import { type AppClient, clientKinds } from '../../domain/apps/types.ts';
import type { AuditAction } from '../../domain/audit/types.ts';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { longJwtWarnings } from '../../domain/resources/long-jwts.ts';
import { switching } from '../framework/enable-disable.ts';
import { shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time, warnings, withWarnings } from '../framework/schemas.ts';
import { appPath } from './path.ts';

export interface AppClientDependencies {
  appClients: Pick<
    AppClients,
    'create' | 'list' | 'find' | 'update' | 'disable' | 'enable' | 'delete'
  >;
}

/** A limit of a month. */
const monthly = count.min(1).nullable();

const fields = {
  display_name: shownText(appLimits.displayName).meta({
    description:
      'What people call it, and read before they let it in; one that looks like a name of another owner is a `conflict`. Default: of a server its `name`, else the `display_name` of the app.',
  }),
  role: text(100).meta({
    description: 'What it may do: a role of the app, of which you have all.',
    examples: ['Reader'],
  }),
  redirect_uris: z
    .array(text(2_000))
    .max(appLimits.redirectUris)
    .meta({
      description:
        'Where it receives authorization codes. A `website_with_server`, a `website` and a `native` app have at least one.',
    }),
  id_token_signed_response_alg: z.enum(signingAlgs).nullable().meta({
    description:
      'What signs its ID tokens (OpenID Connect DCR §2); null is `RS256`, and stays null for a server, which gets none.',
  }),
  access_token_ttl: count
    .min(1)
    .max(100 * 366 * 86_400)
    .nullable()
    .meta({
      description: 'Seconds that its access tokens live; null leaves it to the resource.',
    }),
  access_token_format: z
    .enum(['opaque', 'jwt'])
    .nullable()
    .meta({ description: 'Null leaves it to the resource.' }),
  api_calls_limit: monthly.meta({
    description:
      'Calls in a month (UTC) beyond which the guards of APIs refuse it (429); null does not limit it.',
  }),
  api_traffic_limit: monthly.meta({
    description:
      'Bytes of answers in a month (UTC) beyond which the guards of APIs refuse it (429); null does not limit it.',
  }),
  allow_anonymous: z.boolean().meta({
    description:
      'Guards of APIs serve requests about the app that have no credentials as this client, with its role.',
  }),
};

const kind = z.enum(clientKinds).meta({
  description:
    'The kind of program, which decides how it authenticates and which grants it has. A `server` acts for itself. A `website_with_server`, a `website` that runs in browsers only, a `native` app and a `device` act for people. A `server` and a `website_with_server` have a secret.',
});

const name = text(40).meta({
  description: 'Within its app: small letters, digits and dashes; never changes.',
  examples: ['website'],
});

const creation = z
  .strictObject({
    name,
    display_name: fields.display_name.optional(),
    kind: kind.default('server'),
    role: fields.role,
    redirect_uris: fields.redirect_uris.optional(),
    id_token_signed_response_alg: fields.id_token_signed_response_alg.optional(),
    access_token_ttl: fields.access_token_ttl.optional(),
    access_token_format: fields.access_token_format.optional(),
    api_calls_limit: fields.api_calls_limit.optional(),
    api_traffic_limit: fields.api_traffic_limit.optional(),
    allow_anonymous: fields.allow_anonymous.optional(),
  })
  .meta({
    id: 'AppClientCreation',
    examples: [
      {
        name: 'website',
        kind: 'website',
        role: 'Reader',
        redirect_uris: ['https://www.example.com/callback'],
      },
    ],
  });

const update = z
  .strictObject({
    display_name: fields.display_name.optional(),
    role: fields.role.optional(),
    redirect_uris: fields.redirect_uris.optional(),
    id_token_signed_response_alg: fields.id_token_signed_response_alg.optional(),
    access_token_ttl: fields.access_token_ttl.optional(),
    access_token_format: fields.access_token_format.optional(),
    api_calls_limit: fields.api_calls_limit.optional(),
    api_traffic_limit: fields.api_traffic_limit.optional(),
    allow_anonymous: fields.allow_anonymous.optional(),
  })
  .meta({
    id: 'AppClientUpdate',
    description: 'What changes; the rest stays as it is.',
    examples: [{ role: 'Reader', access_token_ttl: 3600 }],
  });

const shown = z.object({
  client_id: z
    .string()
    .meta({ description: 'What it asks for tokens with.', examples: ['acme:website'] }),
  name,
  display_name: z.string(),
  kind,
  role: z.string(),
  redirect_uris: z.array(z.string()),
  id_token_signed_response_alg: fields.id_token_signed_response_alg,
  access_token_ttl: fields.access_token_ttl,
  access_token_format: fields.access_token_format,
  api_calls_limit: fields.api_calls_limit,
  api_traffic_limit: fields.api_traffic_limit,
  allow_anonymous: fields.allow_anonymous,
  warnings,
  disabled_at: time
    .nullable()
    .meta({ description: 'Since when it gets no tokens; null where it does.' }),
  disabled_by: z.enum(['member', 'operator']).nullable().meta({
    description: 'One that an operator disabled is enabled by an operator alone.',
  }),
  created_at: time,
});

const client = shown.meta({ id: 'AppClient', description: 'A client of an app.' });

/** A client as the one who made it sees it, this once. */
export const createdAppClient = shown
  .extend({
    client_secret: z
      .string()
      .optional()
      .meta({ description: 'Its secret, shown this once; absent where it has none.' }),
  })
  .meta({ id: 'CreatedAppClient', description: 'A client of an app, and its secret.' });

export const appClientPath = appPath.extend({
  client: pathName('The `name` of the client within its app.', 'default'),
});

/** What a refusal calls the client: by its `client_id`, as events do. */
export const idOfAppClient = ({ app, client: of }: Record<string, string>) => `${app}:${of}`;

/** `/apps/{app}/clients`: those who may ask for tokens in the name of an app. */
export function appClientOperations({ appClients }: AppClientDependencies): Operation[] {
  const on = {
    tag: 'App clients',
    path: '/apps/{app}/clients/{client}',
    parameters: appClientPath,
  } as const;
  const audited = (action: AuditAction) => ({ action, kind: 'client', id: idOfAppClient }) as const;

  return [
    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/clients',
      parameters: appPath,
      operationId: 'listAppClients',
      summary: 'The clients of an app',
      description: 'Deleted ones are not among them. All on one page.',
      scope: 'apps:read',
      answer: z.object({ items: z.array(client), next: z.null() }),
      handle: async ({ principal, path }) => {
        const found = await appClients.list(principal.appActor, path.app);
        return { items: found.map(describeAppClient), next: null };
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: '/apps/{app}/clients',
      parameters: appPath,
      operationId: 'createAppClient',
      summary: 'Make a client of an app',
      description: `A server gets a secret, which the answer has this once; all others act for people and have none.

Nobody can give it a role that permits more than their own. It may have tokens for the resources that an administrator opened to apps.`,
      scope: 'apps:write',
      body: creation,
      answer: createdAppClient,
      success: 201,
      idempotency: true,
      location: ({ client_id }) => {
        const [app = '', name = ''] = client_id.split(':');
        return `/apps/${encodeURIComponent(app)}/clients/${encodeURIComponent(name)}`;
      },
      errors: ['access_denied', 'conflict'],
      audit: { action: 'client.created', kind: 'app' },
      handle: async ({ principal, path, body, idempotency }) => {
        const given = {
          name: body.name,
          kind: body.kind,
          role: body.role,
          displayName: body.display_name,
          redirectUris: body.redirect_uris,
          idTokenAlg: body.id_token_signed_response_alg,
          accessTokenTtl: body.access_token_ttl,
          accessTokenFormat: body.access_token_format,
          apiCallsLimit: body.api_calls_limit,
          apiTrafficLimit: body.api_traffic_limit,
          allowAnonymous: body.allow_anonymous,
        };
        const made = await appClients.create(principal.appActor, path.app, given, idempotency);
        return {
          ...describeAppClient(made.client),
          ...warningsOf(made.client),
          ...(made.secret !== undefined && { client_secret: made.secret }),
        };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getAppClient',
      summary: 'A client of an app',
      description: 'What it is and may do. Its secrets have a list of their own.',
      scope: 'apps:read',
      answer: client,
      tagged: true,
      handle: async ({ principal, path }) =>
        describeAppClient(await appClients.find(principal.appActor, path.app, path.client)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateAppClient',
      summary: 'Change a client of an app',
      description: `Introspection shows another role at once, also of tokens that are there already; all else holds for tokens that are issued from now on.

Its \`name\` and \`kind\` cannot be changed. Nobody can change a client whose role permits more than their own.`,
      scope: 'apps:write',
      body: update,
      answer: client,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: audited('client.updated'),
      handle: async ({ principal, path, body, precondition }) => {
        const changes = {
          ...(body.display_name !== undefined && { displayName: body.display_name }),
          ...(body.role !== undefined && { role: body.role }),
          ...(body.redirect_uris !== undefined && { redirectUris: body.redirect_uris }),
          ...(body.id_token_signed_response_alg !== undefined && {
            idTokenAlg: body.id_token_signed_response_alg,
          }),
          ...(body.access_token_ttl !== undefined && { accessTokenTtl: body.access_token_ttl }),
          ...(body.access_token_format !== undefined && {
            accessTokenFormat: body.access_token_format,
          }),
          ...(body.api_calls_limit !== undefined && { apiCallsLimit: body.api_calls_limit }),
          ...(body.api_traffic_limit !== undefined && { apiTrafficLimit: body.api_traffic_limit }),
          ...(body.allow_anonymous !== undefined && { allowAnonymous: body.allow_anonymous }),
        };
        const updated = await appClients.update(
          principal.appActor,
          path.app,
          path.client,
          changes,
          precondition(describeAppClient),
        );
        return { ...describeAppClient(updated), ...warningsOf(updated) };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteAppClient',
      summary: 'Delete a client of an app',
      description:
        'Ends its tokens and secrets, before the answer. Its `name` is never used again.',
      scope: 'apps:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: audited('client.deleted'),
      handle: ({ principal, path, precondition }) =>
        appClients.delete(
          principal.appActor,
          path.app,
          path.client,
          precondition(describeAppClient),
        ),
    }),

    ...switching({
      ...on,
      name: 'AppClient',
      called: 'a client of an app',
      descriptions: {
        disable:
          'Ends its tokens, before the answer, and lets it have no more until it is enabled again.',
        enable: 'Lets it have tokens again; those that were ended stay so.',
      },
      scope: 'apps:write',
      answer: client,
      errors: ['access_denied'],
      audit: { kind: 'client', id: idOfAppClient },
      handle: async ({ principal, path }, to) =>
        describeAppClient(await appClients[to](principal.appActor, path.app, path.client)),
    }),
  ];
}

/** What may be a mistake in a client as it was made or changed. */
const warningsOf = ({ accessTokenFormat: tokenFormat, accessTokenTtl }: AppClient) =>
  withWarnings(longJwtWarnings({ tokenFormat, accessTokenTtl }));

/** A client as members see it: its internal id is nobody's business. */
export const describeAppClient = (found: AppClient): z.input<typeof client> => ({
  client_id: found.clientId,
  name: found.name,
  display_name: found.displayName,
  kind: found.kind,
  role: found.role,
  redirect_uris: found.redirectUris,
  id_token_signed_response_alg: found.idTokenAlg,
  access_token_ttl: found.accessTokenTtl,
  access_token_format: found.accessTokenFormat,
  api_calls_limit: found.apiCallsLimit,
  api_traffic_limit: found.apiTrafficLimit,
  allow_anonymous: found.allowAnonymous,
  disabled_at: found.disabledAt,
  disabled_by: found.disabledBy,
  created_at: found.createdAt,
});
