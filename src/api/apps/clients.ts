import * as z from 'zod';
import { appLimits } from '../../../config/apps.ts';
import type { AuditAction } from '../../../config/audit-actions.ts';
import type { AppClients, ClientUrls } from '../../domain/apps/types.ts';
import {
  type AppClient,
  type ClientSecurity,
  type ClientSignIn,
  clientKinds,
} from '../../domain/apps/types.ts';
import type { Agent } from '../../domain/clients/agents.ts';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { longJwtWarnings } from '../../domain/resources/long-jwts.ts';
import {
  agentSchema,
  nullable,
  signInMetadata,
  strictMetadata,
} from '../clients/shared-metadata.ts';
import { switching } from '../framework/enable-disable.ts';
import { shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, each, pathName, time, warnings, withWarnings } from '../framework/schemas.ts';
import { appPath } from './path.ts';

export interface AppClientDependencies {
  appClients: Pick<
    AppClients,
    'create' | 'list' | 'find' | 'update' | 'disable' | 'enable' | 'delete'
  >;
}

/** A monthly limit. */
const monthly = count.min(1).nullable();

const fields = {
  display_name: shownText(appLimits.displayName).meta({
    description:
      'The name that people see, for example before they allow access. A name that looks like that of another owner is refused with `conflict`. Default: the `name` of a server, otherwise the `display_name` of the app.',
  }),
  role: text(100).meta({
    description: 'A role of the app. You need every permission of the role yourself.',
    examples: ['Reader'],
  }),
  redirect_uris: z.array(text(2_000)).max(appLimits.redirectUris).meta({
    description:
      'The URLs at which the client receives authorization codes. A `website_with_server`, a `website` and a `native` app need at least one.',
  }),
  post_logout_redirect_uris: z.array(text(2_000)).max(appLimits.redirectUris).meta({
    description:
      'The URLs to which people can return after they signed out (OpenID Connect RP-Initiated Logout §3.1).',
  }),
  backchannel_logout_uri: text(2_000).nullable().meta({
    description:
      'The URL that gets a logout token when a person’s session ends (OpenID Connect Back-Channel Logout §2.2); null if there is none.',
  }),
  frontchannel_logout_uri: text(2_000).nullable().meta({
    description:
      'The URL that the browser loads in a hidden frame when a person signs out (OpenID Connect Front-Channel Logout §2); null if there is none. It has the origin of a redirect URI.',
  }),
  initiate_login_uri: text(2_000).nullable().meta({
    description:
      'The URL at which the client starts a login when it is opened from elsewhere (OpenID Connect Core §4); null if there is none.',
  }),
  id_token_signed_response_alg: z.enum(signingAlgs).nullable().meta({
    description:
      'The algorithm that signs ID tokens (OpenID Connect Dynamic Client Registration §2). Null means `RS256`; it is always null for a server, which gets no ID tokens.',
  }),
  access_token_ttl: count
    .min(1)
    .max(100 * 366 * 86_400)
    .nullable()
    .meta({
      description: 'The lifetime of access tokens, in seconds; null for that of the resource.',
    }),
  access_token_format: z
    .enum(['opaque', 'jwt'])
    .nullable()
    .meta({ description: 'The format of access tokens; null for that of the resource.' }),
  api_calls_limit: monthly.meta({
    description:
      'The number of API calls in a calendar month (UTC) after which guards refuse more with 429; null for no limit.',
  }),
  api_traffic_limit: monthly.meta({
    description:
      'The bytes of responses in a calendar month (UTC) after which guards refuse calls with 429; null for no limit.',
  }),
  allow_anonymous: z.boolean().meta({
    description:
      'Whether guards of APIs treat requests without credentials for this app as requests of this client, with its role.',
  }),
};

/** How people sign in to it. */
const signIn = {
  ...signInMetadata,
  default_max_age: nullable(signInMetadata.default_max_age, 'Null for no limit.'),
  claims_in_id_token: signInMetadata.claims_in_id_token.meta({
    description: `${signInMetadata.claims_in_id_token.description} A \`device\` can have this, \`require_second_factor\` and \`userinfo_signed_response_alg\`, but not the other settings of sign-ins.`,
  }),
  userinfo_signed_response_alg: nullable(
    signInMetadata.userinfo_signed_response_alg,
    'Null for JSON.',
  ),
};

const firstParty = z.boolean().meta({
  description:
    'Whether an administrator decided that people are not asked to allow the client, except by a native one whose redirect URI is not `https`; others get `access_denied` for this field. It becomes false when a member of the app changes the redirect URIs.',
});

/** What makes it strict. */
const security = {
  ...strictMetadata,
  profile: nullable(strictMetadata.profile, '`fapi2` needs `jwks`.'),
  jwks: nullable(
    strictMetadata.jwks,
    'Only a `server` and a `website_with_server` can have keys; their secrets then do not work. Null for a client with secrets.',
  ),
};

/** What it can do for people. */
const acting = {
  token_exchange: z.boolean().meta({
    description:
      'Whether it can exchange tokens of this app’s clients for its own (RFC 8693). Only an Owner can set it to true; others get `access_denied`. Not for public clients.',
  }),
  agent: agentSchema.meta({
    description:
      'What an `agent` is for, who answers for it, and its limits; only for this kind, which needs it. `owner` is a member of the app, by default the one who creates it, or an Owner. A change replaces all members except `owner`, which stays if it is absent.',
  }),
};

/** What can be set when a client is created, and changed afterwards. */
const { role, ...ofClient } = fields;
const settings = { ...ofClient, ...security, ...signIn, ...acting };

/** The security settings that a body has. */
const securityIn = (body: {
  profile?: 'fapi2' | null | undefined;
  jwks?: ClientSecurity['jwks'] | undefined;
  require_pushed_authorization_requests?: boolean | undefined;
  dpop_bound_access_tokens?: boolean | undefined;
}): Partial<ClientSecurity> => ({
  ...(body.profile !== undefined && { profile: body.profile }),
  ...(body.jwks !== undefined && { jwks: body.jwks }),
  ...(body.require_pushed_authorization_requests !== undefined && {
    requirePushedRequests: body.require_pushed_authorization_requests,
  }),
  ...(body.dpop_bound_access_tokens !== undefined && { dpopBound: body.dpop_bound_access_tokens }),
});

const kind = z.enum(clientKinds).meta({
  description:
    'The kind of program, which determines how it authenticates and which grants it has. A `server` acts for itself, an `agent` for itself and for people. A `website_with_server`, a `website` that runs only in browsers, a `native` app and a `device` act for people. A `server`, an `agent` and a `website_with_server` have a secret.',
});

const name = text(40).meta({
  description: 'Unique within the app; it never changes. Lowercase letters, digits and dashes.',
  examples: ['website'],
});

const creation = z
  .strictObject({ name, kind: kind.default('server'), role, ...each(settings, 'optional') })
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
    role: role.optional(),
    ...each(settings, 'optional'),
    first_party: firstParty.optional(),
  })
  .meta({
    id: 'AppClientUpdate',
    description: 'The fields to change; others keep their values.',
    examples: [{ role: 'Reader', access_token_ttl: 3600 }],
  });

const shown = z.object({
  client_id: z.string().meta({
    description: 'The id with which the client requests tokens.',
    examples: ['acme:website'],
  }),
  name,
  ...settings,
  agent: agentSchema.nullable().meta({
    description:
      'What an `agent` is for, who answers for it, and its limits; null for other kinds.',
  }),
  display_name: z.string().meta({ description: 'The name that people see.' }),
  kind,
  role: z.string().meta({ description: 'The role of the client in the app.' }),
  redirect_uris: z
    .array(z.string())
    .meta({ description: 'The URLs at which the client receives authorization codes.' }),
  first_party: firstParty,
  warnings,
  disabled_at: time
    .nullable()
    .meta({ description: 'When the client was disabled; null if it is enabled.' }),
  disabled_by: z.enum(['member', 'operator']).nullable().meta({
    description: 'Only an operator can enable a client that an operator disabled.',
  }),
  created_at: time.meta({ description: 'When the client was created.' }),
});

const client = shown.meta({ id: 'AppClient', description: 'A client of an app.' });

/** A new client with its secret, which is returned only once. */
export const createdAppClient = shown
  .extend({
    client_secret: z.string().optional().meta({
      description: 'The client secret. It is returned only here; absent if the client has none.',
    }),
  })
  .meta({ id: 'CreatedAppClient', description: 'A client of an app, with its secret.' });

export const appClientPath = appPath.extend({
  client: pathName('The `name` of the client within its app.', 'default'),
});

/** The `client_id`, by which audit events name the client. */
export const idOfAppClient = ({ app, client: of }: Record<string, string>) => `${app}:${of}`;

/** `/apps/{app}/clients`: the clients of an app. */
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
      summary: 'List the clients of an app',
      description: 'Returns all clients on one page, without deleted ones.',
      scope: 'apps:read',
      response: z.object({ items: z.array(client), next: z.null() }),
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
      summary: 'Create a client of an app',
      description: `A \`server\`, an \`agent\` and a \`website_with_server\` get a secret, which only this response contains. Other kinds have no secret.

You cannot give it a role with more permissions than your own. It can get tokens for the resources that an administrator opened to apps.`,
      scope: 'apps:write',
      body: creation,
      response: createdAppClient,
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
          urls: urlsOf(body),
          security: securityIn(body),
          signIn: signInIn(body),
          tokenExchange: body.token_exchange,
          agent: body.agent as Agent | undefined,
        };
        const created = await appClients.create(principal.appActor, path.app, given, idempotency);
        return {
          ...describeAppClient(created.client),
          ...warningsOf(created.client),
          ...(created.secret !== undefined && { client_secret: created.secret }),
        };
      },
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getAppClient',
      summary: 'Get a client of an app',
      description: 'Returns the settings of the client. Its secrets are listed separately.',
      scope: 'apps:read',
      response: client,
      tagged: true,
      handle: async ({ principal, path }) =>
        describeAppClient(await appClients.find(principal.appActor, path.app, path.client)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateAppClient',
      summary: 'Update a client of an app',
      description: `Introspection returns a new role immediately, for existing tokens too. Other changes apply to tokens that are issued from now on.

The \`name\` and \`kind\` cannot be changed. You cannot change a client whose role has more permissions than your own.`,
      scope: 'apps:write',
      body: update,
      response: client,
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
          urls: urlsOf(body),
          security: securityIn(body),
          signIn: signInIn(body),
          ...(body.token_exchange !== undefined && { tokenExchange: body.token_exchange }),
          ...(body.agent !== undefined && { agent: body.agent as Agent }),
          ...(body.first_party !== undefined && { firstParty: body.first_party }),
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
        'Revokes its tokens and secrets before the response is sent. Its `name` cannot be reused.',
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
          'Revokes its tokens before the response is sent. The client gets no tokens until it is enabled.',
        enable: 'The client can get tokens again. Revoked tokens stay revoked.',
      },
      scope: 'apps:write',
      response: client,
      errors: ['access_denied'],
      audit: { kind: 'client', id: idOfAppClient },
      handle: async ({ principal, path }, to) =>
        describeAppClient(await appClients[to](principal.appActor, path.app, path.client)),
    }),
  ];
}

/** The URLs that a body names. */
const urlsOf = ({
  post_logout_redirect_uris: postLogout,
  backchannel_logout_uri: backchannel,
  frontchannel_logout_uri: frontchannel,
  initiate_login_uri: initiate,
}: z.output<typeof update>): Partial<ClientUrls> => ({
  ...(postLogout !== undefined && { postLogoutRedirectUris: postLogout }),
  ...(backchannel !== undefined && { backchannelLogoutUri: backchannel }),
  ...(frontchannel !== undefined && { frontchannelLogoutUri: frontchannel }),
  ...(initiate !== undefined && { initiateLoginUri: initiate }),
});

/** The settings of sign-ins that a body has. */
const signInIn = ({
  optional_scopes: optionalScopes,
  default_max_age: defaultMaxAge,
  require_auth_time: requireAuthTime,
  require_second_factor: requireSecondFactor,
  claims_in_id_token: claimsInIdToken,
  userinfo_signed_response_alg: userinfoAlg,
}: z.output<typeof update>): Partial<ClientSignIn> => ({
  ...(optionalScopes !== undefined && { optionalScopes }),
  ...(defaultMaxAge !== undefined && { defaultMaxAge }),
  ...(requireAuthTime !== undefined && { requireAuthTime }),
  ...(requireSecondFactor !== undefined && { requireSecondFactor }),
  ...(claimsInIdToken !== undefined && { claimsInIdToken }),
  ...(userinfoAlg !== undefined && { userinfoAlg }),
});

/** Warnings about settings of a client that may be a mistake. */
const warningsOf = ({ accessTokenFormat: tokenFormat, accessTokenTtl }: AppClient) =>
  withWarnings(longJwtWarnings({ tokenFormat, accessTokenTtl }));

/** A client as the API returns it, without its internal id. */
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
  post_logout_redirect_uris: found.urls.postLogoutRedirectUris,
  backchannel_logout_uri: found.urls.backchannelLogoutUri,
  frontchannel_logout_uri: found.urls.frontchannelLogoutUri,
  initiate_login_uri: found.urls.initiateLoginUri,
  profile: found.security.profile,
  jwks: found.security.jwks,
  require_pushed_authorization_requests: found.security.requirePushedRequests,
  dpop_bound_access_tokens: found.security.dpopBound,
  optional_scopes: found.signIn.optionalScopes,
  default_max_age: found.signIn.defaultMaxAge,
  require_auth_time: found.signIn.requireAuthTime,
  require_second_factor: found.signIn.requireSecondFactor,
  claims_in_id_token: found.signIn.claimsInIdToken,
  userinfo_signed_response_alg: found.signIn.userinfoAlg,
  token_exchange: found.tokenExchange,
  agent: found.agent,
  first_party: found.firstParty,
  disabled_at: found.disabledAt,
  disabled_by: found.disabledBy,
  created_at: found.createdAt,
});
