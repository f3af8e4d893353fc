import type Router from '@koa/router';
import type { Context } from 'koa';
import { appLimits } from '../../../config/apps.ts';
import { type AppClientProps, appClient } from '../../../views/apps/client.ts';
import { appClientCreated } from '../../../views/apps/client-created.ts';
import type { ClientField } from '../../../views/apps/client-settings.ts';
import { clientPath } from '../../../views/components/app.ts';
import { choicesOf } from '../../domain/apps/client-settings.ts';
import {
  type AppClient,
  type AppClientChanges,
  type AppSecret,
  type AppsDomain,
  type ClientSecurity,
  hasRedirectUris,
  isConfidentialKind,
  type NewAppClient,
  type OpenResource,
  signsPeopleIn,
} from '../../domain/apps/types.ts';
import type { Agent } from '../../domain/clients/agents.ts';
import { defaultIdTokenAlg, type SigningAlg } from '../../domain/keys/signing-keys.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, linesOf, type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { connectShown } from './connect-view.ts';
import { actorOf, named, pathIn, rolesFor, showPage } from './page.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find' | 'openResources'>;
  appClients: Omit<AppsDomain['appClients'], 'create' | 'list' | 'authorizeTrial'>;
  appApiUsage: Pick<AppsDomain['appApiUsage'], 'ofClient'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
  appMembers: Pick<AppsDomain['appMembers'], 'list'>;
}

/** Each field of the settings, with the parameter that it stands for. */
const fields: Record<ClientField, string> = {
  display_name: 'display_name',
  redirect_uris: 'redirect_uris',
  role: 'role',
  id_token_alg: 'id_token_signed_response_alg',
  lifetime: 'access_token_ttl',
  token_format: 'access_token_format',
  calls_limit: 'api_calls_limit',
  traffic_limit: 'api_traffic_limit',
  post_logout_uris: 'post_logout_redirect_uris',
  backchannel_uri: 'backchannel_logout_uri',
  frontchannel_uri: 'frontchannel_logout_uri',
  initiate_uri: 'initiate_login_uri',
  profile: 'profile',
  jwks: 'jwks',
  require_pushed: 'require_pushed_authorization_requests',
  dpop_bound: 'dpop_bound_access_tokens',
  optional_scopes: 'optional_scopes',
  ask_again: 'default_max_age',
  auth_time: 'require_auth_time',
  second_factor: 'require_second_factor',
  only_userinfo: 'claims_in_id_token',
  userinfo_alg: 'userinfo_signed_response_alg',
  token_exchange: 'token_exchange',
  purpose: 'agent.purpose',
  agent_owner: 'agent.owner',
  requests_limit: 'agent.requests_per_hour',
  tokens_limit: 'agent.tokens_per_hour',
  hours_from: 'agent.hours',
  hours_to: 'agent.hours',
  time_zone: 'agent.hours',
};

/** A form drops its empty fields, which are shown again as empty. */
const emptyFields = {
  display_name: '',
  redirect_uris: '',
  lifetime: '',
  token_format: '',
  calls_limit: '',
  traffic_limit: '',
  allow_anonymous: '',
  post_logout_uris: '',
  backchannel_uri: '',
  frontchannel_uri: '',
  initiate_uri: '',
  profile: '',
  jwks: '',
  require_pushed: '',
  dpop_bound: '',
  optional_scopes: '',
  ask_again: '',
  auth_time: '',
  only_userinfo: '',
  userinfo_alg: '',
  token_exchange: '',
  purpose: '',
  agent_owner: '',
  requests_limit: '',
  tokens_limit: '',
  hours_from: '',
  hours_to: '',
  time_zone: '',
};

const units = [60, 3600, 86_400];

/** `/apps/{app}/clients/{client}`: the settings and the secrets of a client; it is disabled and deleted here. */
export function appClientPages(
  router: Router,
  { issuer, pages, apps, appClients, appApiUsage, appRoles, appMembers }: Dependencies,
): void {
  const path = '/apps/:app/clients/:client';
  const at = (ctx: Context) => ({ app: named(ctx, 'app'), client: named(ctx, 'client') });
  const pathOf = (ctx: Context) => pathOfClient(at(ctx));

  const show = async (
    ctx: Context,
    person: Person,
    rest: Pick<AppClientProps, 'values' | 'problems' | 'problem'> = {},
    status = 200,
  ) => {
    const actor = actorOf(person);
    const { app: appName, client: name } = at(ctx);
    const app = await apps.find(actor, appName);
    const client = await appClients.find(actor, appName, name);
    const [roles, open, apiUse, members, secrets] = await Promise.all([
      rolesFor(appRoles, actor, app),
      apps.openResources(),
      appApiUsage.ofClient(actor, appName, name),
      client.agent ? appMembers.list(actor, appName) : [],
      isConfidentialKind(client.kind) && !client.security.jwks && app.manages !== 'nothing'
        ? appClients.secrets(actor, appName, name)
        : undefined,
    ]);
    const props: AppClientProps = {
      app,
      client,
      apiUse,
      members,
      mayManage: roles.mayManage(client.role),
      roles: roles.all.filter((role) => role.name === client.role || roles.mayManage(role.name)),
      ...policyOf(open, client),
      secrets: secrets?.toReversed(),
      mayAddSecret: (secrets ?? []).filter(isAlive).length < appLimits.secrets,
      ...rest,
    };
    await showPage(pages, ctx, person, (frame) => appClient(frame, props), { status });
  };

  const refuse =
    (ctx: Context, person: Person, values?: AppClientProps['values']) =>
    ({ problems, general, status }: Refusal<ClientField>) =>
      show(ctx, person, { values, problems, problem: general }, status);

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  router.post(`${path}/settings`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
      tryForm(
        async () => {
          const actor = actorOf(person);
          const { app, client } = at(ctx);
          const before = await appClients.find(actor, app, client);
          await appClients.update(actor, app, client, changesIn(form, before));
          seeOther(ctx, withNotice(pathOf(ctx), 'client_saved'));
        },
        refuse(ctx, person, { ...emptyFields, ...form }),
        fields,
      ),
    ),
  );

  router.post(`${path}/secrets`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person) =>
      tryForm(
        async () => {
          const actor = actorOf(person);
          const names = at(ctx);
          const app = await apps.find(actor, names.app);
          const client = await appClients.find(actor, names.app, names.client);
          const [[resource], roles] = await Promise.all([
            apps.openResources(),
            appRoles.list(actor, names.app),
          ]);
          const { value } = await appClients.addSecret(actor, names.app, names.client);
          await showPage(
            pages,
            ctx,
            person,
            (frame) =>
              appClientCreated(frame, {
                app,
                client,
                created: 'secret',
                secret: value,
                connect: resource && connectShown(issuer, client, resource, roles, value),
              }),
            { copies: true },
          );
        },
        refuse(ctx, person),
      ),
    ),
  );

  /** A form with one action. Afterwards the page at `next` shows the notice `done`. */
  const action = (
    name: string,
    done: NoticeName,
    run: (
      person: Person,
      names: { app: string; client: string },
      form: Record<string, string>,
    ) => Promise<unknown>,
    { recent = true, next = pathOf }: { recent?: boolean; next?: (ctx: Context) => string } = {},
  ) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent }, (person, form) =>
        tryForm(
          async () => {
            await run(person, at(ctx), form);
            seeOther(ctx, withNotice(next(ctx), done));
          },
          refuse(ctx, person),
        ),
      ),
    );

  action('secrets/delete', 'secret_deleted', (person, { app, client }, form) =>
    ifThere(() =>
      appClients.revokeSecret(actorOf(person), app, client, form['secret_id'] ?? '', {
        endTokens: form['end_tokens'] === 'on',
      }),
    ),
  );
  action(
    'disable',
    'client_disabled',
    (person, { app, client }) => appClients.disable(actorOf(person), app, client),
    // Disabling asks for no fresh sign-in: it must not be delayed.
    { recent: false },
  );
  action('enable', 'client_enabled', (person, { app, client }) =>
    appClients.enable(actorOf(person), app, client),
  );
  action(
    'delete',
    'client_deleted',
    (person, { app, client }) => ifThere(() => appClients.delete(actorOf(person), app, client)),
    { next: (ctx) => pathIn(named(ctx, 'app')) },
  );
}

const isAlive = ({ expiresAt }: AppSecret): boolean =>
  expiresAt === null || expiresAt.getTime() > Date.now();

const pathOfClient = ({ app, client }: { app: string; client: string }): string =>
  clientPath({ name: app }, { name: client });

/** The choices that the open APIs leave to clients, and the format that this client already has. */
function policyOf(open: OpenResource[], { accessTokenFormat }: AppClient) {
  const choices = choicesOf(open.map(({ policy }) => policy));
  const own = accessTokenFormat ? [accessTokenFormat] : [];
  return {
    tokenFormats: [...new Set([...(choices?.tokenFormats ?? []), ...own])],
    longestAccessTokenTtl: choices?.longestAccessTokenTtl ?? null,
  };
}

/** The settings of a form. An empty field leaves the setting to the API. */
function changesIn(
  form: Record<string, string>,
  { kind, security }: Pick<AppClient, 'kind' | 'security'>,
): AppClientChanges {
  const {
    display_name = '',
    role,
    redirect_uris,
    id_token_alg,
    lifetime,
    lifetime_unit,
    token_format,
    calls_limit,
    traffic_limit,
    allow_anonymous,
    post_logout_uris,
    backchannel_uri,
    frontchannel_uri,
    initiate_uri,
  } = form;
  const hasNewProfile = form['profile'] === 'on' && security.profile === null;
  return {
    displayName: display_name,
    ...(role !== undefined && { role }),
    ...(hasRedirectUris(kind) && { redirectUris: linesOf(redirect_uris) }),
    ...(signsPeopleIn(kind) &&
      id_token_alg !== undefined &&
      !(hasNewProfile && id_token_alg === defaultIdTokenAlg) && {
        idTokenAlg: id_token_alg as SigningAlg,
      }),
    accessTokenTtl: lifetime?.trim() ? secondsOf(lifetime.trim(), lifetime_unit) : null,
    accessTokenFormat: (token_format || null) as AppClient['accessTokenFormat'],
    apiCallsLimit: limitOf(calls_limit),
    apiTrafficLimit: limitOf(traffic_limit),
    allowAnonymous: allow_anonymous === 'on',
    ...(hasRedirectUris(kind) && {
      urls: {
        postLogoutRedirectUris: linesOf(post_logout_uris),
        backchannelLogoutUri: backchannel_uri?.trim() || null,
        frontchannelLogoutUri: frontchannel_uri?.trim() || null,
        initiateLoginUri: initiate_uri?.trim() || null,
      },
    }),
    ...(signsPeopleIn(kind) && { signIn: signInIn(form, kind) }),
    ...(isConfidentialKind(kind) && { tokenExchange: form['token_exchange'] === 'on' }),
    ...(kind === 'agent' && { agent: agentIn(form) }),
    security: securityIn(form, hasNewProfile),
  };
}

/** The agent of a form. Fields that are empty are left out. */
function agentIn({
  purpose = '',
  agent_owner: owner,
  requests_limit,
  tokens_limit,
  hours_from,
  hours_to,
  time_zone,
}: Record<string, string>): Agent {
  const [requests, tokens] = [limitOf(requests_limit), limitOf(tokens_limit)];
  const [from = '', to = '', zone = ''] = [hours_from, hours_to, time_zone].map((text) =>
    text?.trim(),
  );
  return {
    purpose: purpose.trim(),
    ...(owner && { owner }),
    ...(requests !== null && { requests_per_hour: requests }),
    ...(tokens !== null && { tokens_per_hour: tokens }),
    ...((from || to || zone) && { hours: { from, to, time_zone: zone } }),
  };
}

/** The settings of sign-ins of a form. */
const signInIn = (
  form: Record<string, string>,
  kind: AppClient['kind'],
): NonNullable<NewAppClient['signIn']> => ({
  ...(hasRedirectUris(kind) && {
    optionalScopes: [...new Set(linesOf(form['optional_scopes']))],
    defaultMaxAge: limitOf(form['ask_again']),
    requireAuthTime: form['auth_time'] === 'on',
  }),
  requireSecondFactor: form['second_factor'] === 'on',
  claimsInIdToken: form['only_userinfo'] !== 'on',
  userinfoAlg: (form['userinfo_alg'] || null) as SigningAlg | null,
});

/** The security settings of a form. A new profile sets the boxes that are not ticked. */
function securityIn(
  form: Record<string, string>,
  hasNewProfile: boolean,
): NonNullable<NewAppClient['security']> {
  const box = (name: string) => form[name] === 'on' || (hasNewProfile ? undefined : false);
  return {
    profile: form['profile'] === 'on' ? 'fapi2' : null,
    jwks: keysIn(form['jwks']),
    requirePushedRequests: box('require_pushed'),
    dpopBound: box('dpop_bound'),
  };
}

/** The JWK Set of the text. One that cannot be read has no keys, which the domain refuses. */
function keysIn(text: string | undefined): ClientSecurity['jwks'] {
  if (!text?.trim()) return null;
  try {
    const { keys } = JSON.parse(text) as { keys: Record<string, unknown>[] };
    return { keys };
  } catch {
    return { keys: [] };
  }
}

/** Not a number if it is unreadable, which the domain refuses. */
function secondsOf(lifetime: string, unit: string | undefined): number {
  const factor = units.find((seconds) => String(seconds) === unit);
  return factor && /^[1-9]\d{0,5}$/.test(lifetime) ? Number(lifetime) * factor : Number.NaN;
}

/** Not a number if it is no whole number, which the domain refuses. */
const limitOf = (text: string | undefined): number | null =>
  text?.trim() ? (/^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN) : null;
