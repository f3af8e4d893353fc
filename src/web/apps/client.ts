import type Router from '@koa/router';
import type { Context } from 'koa';
import { appLimits } from '../../../config/apps.ts';
import { type AppClientProps, appClient } from '../../../views/apps/client.ts';
import { appClientMade } from '../../../views/apps/client-created.ts';
import { clientPath } from '../../../views/components/app.ts';
import { choicesOf } from '../../domain/apps/client-settings.ts';
import {
  type AppClient,
  type AppClientChanges,
  type AppSecret,
  type AppsDomain,
  type ClientKind,
  hasRedirectUris,
  isConfidentialKind,
  type OpenResource,
} from '../../domain/apps/types.ts';
import type { SigningAlg } from '../../domain/keys/signing-keys.ts';
import { OAuthError } from '../../oauth/errors.ts';
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
}

/** Of the form with the settings, each with the parameter that it stands for. */
const fields = {
  display_name: 'display_name',
  redirect_uris: 'redirect_uris',
  role: 'role',
  id_token_alg: 'id_token_signed_response_alg',
  lifetime: 'access_token_ttl',
  token_format: 'access_token_format',
  calls_limit: 'api_calls_limit',
  traffic_limit: 'api_traffic_limit',
};

/** Forms leave out what is empty; it was typed all the same. */
const nothingTyped = {
  display_name: '',
  redirect_uris: '',
  lifetime: '',
  token_format: '',
  calls_limit: '',
  traffic_limit: '',
  allow_anonymous: '',
};

const units = [60, 3600, 86_400];

/** `/apps/{app}/clients/{client}`: its settings, its secrets, and what ends it. */
export function appClientPages(
  router: Router,
  { issuer, pages, apps, appClients, appApiUsage, appRoles }: Dependencies,
): void {
  const path = '/apps/:app/clients/:client';
  const at = (ctx: Context) => ({ app: named(ctx, 'app'), client: named(ctx, 'client') });
  const pathOf = (ctx: Context) => pathOfClient(at(ctx));

  const show = async (
    ctx: Context,
    person: Person,
    rest: Pick<AppClientProps, 'values' | 'problem' | 'field'> = {},
    status = 200,
  ) => {
    const actor = actorOf(person);
    const { app: appName, client: name } = at(ctx);
    const app = await apps.find(actor, appName);
    const client = await appClients.find(actor, appName, name);
    const [roles, open, apiUse, secrets] = await Promise.all([
      rolesFor(appRoles, actor, app),
      apps.openResources(),
      appApiUsage.ofClient(actor, appName, name),
      isConfidentialKind(client.kind) && app.manages !== 'nothing'
        ? appClients.secrets(actor, appName, name)
        : undefined,
    ]);
    const props: AppClientProps = {
      app,
      client,
      apiUse,
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
    ({ status, ...rest }: Refusal<keyof typeof fields>) =>
      show(ctx, person, { values, ...rest }, status);

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  router.post(`${path}/settings`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
      tryForm(
        async () => {
          const actor = actorOf(person);
          const { app, client } = at(ctx);
          const { kind } = await appClients.find(actor, app, client);
          await appClients.update(actor, app, client, changesIn(form, kind));
          seeOther(ctx, withNotice(pathOf(ctx), 'client_saved'));
        },
        refuse(ctx, person, { ...nothingTyped, ...form }),
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
          const [resource] = await apps.openResources();
          const { value } = await appClients.addSecret(actor, names.app, names.client);
          await showPage(
            pages,
            ctx,
            person,
            (frame) =>
              appClientMade(frame, {
                app,
                client,
                made: 'secret',
                secret: value,
                connect: resource && connectShown(issuer, client, resource, value),
              }),
            { copies: true },
          );
        },
        refuse(ctx, person),
      ),
    ),
  );

  /** A form that does one thing, after which `done` is said on the page that it leads to. */
  const action = (
    name: string,
    done: NoticeName,
    run: (
      person: Person,
      names: { app: string; client: string },
      form: Record<string, string>,
    ) => Promise<unknown>,
    {
      recent = true,
      leadsTo = pathOf,
    }: { recent?: boolean; leadsTo?: (ctx: Context) => string } = {},
  ) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent }, (person, form) =>
        tryForm(
          async () => {
            await run(person, at(ctx), form);
            seeOther(ctx, withNotice(leadsTo(ctx), done));
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
    // Whoever has to stop something is not held up.
    { recent: false },
  );
  action('enable', 'client_enabled', (person, { app, client }) =>
    appClients.enable(actorOf(person), app, client),
  );
  action(
    'delete',
    'client_deleted',
    (person, { app, client }) => ifThere(() => appClients.delete(actorOf(person), app, client)),
    { leadsTo: (ctx) => pathIn(named(ctx, 'app')) },
  );
}

const isAlive = ({ expiresAt }: AppSecret): boolean =>
  expiresAt === null || expiresAt.getTime() > Date.now();

const pathOfClient = ({ app, client }: { app: string; client: string }): string =>
  clientPath({ name: app }, { name: client });

/** What clients may choose here, and the format that this one has already. */
function policyOf(open: OpenResource[], { accessTokenFormat }: AppClient) {
  const choices = choicesOf(open.map(({ policy }) => policy));
  const own = accessTokenFormat ? [accessTokenFormat] : [];
  return {
    tokenFormats: [...new Set([...(choices?.tokenFormats ?? []), ...own])],
    longestAccessTokenTtl: choices?.longestAccessTokenTtl ?? null,
  };
}

/** The settings as they were filled in: what is left empty is left to the API. */
function changesIn(form: Record<string, string>, kind: ClientKind): AppClientChanges {
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
  } = form;
  return {
    displayName: display_name,
    ...(role !== undefined && { role }),
    ...(hasRedirectUris(kind) && { redirectUris: linesOf(redirect_uris) }),
    ...(kind !== 'server' &&
      id_token_alg !== undefined && { idTokenAlg: id_token_alg as SigningAlg }),
    accessTokenTtl: lifetime?.trim() ? secondsOf(lifetime.trim(), lifetime_unit) : null,
    accessTokenFormat: token_format === undefined ? null : formatOf(token_format),
    apiCallsLimit: limitOf(calls_limit),
    apiTrafficLimit: limitOf(traffic_limit),
    allowAnonymous: allow_anonymous === 'on',
  };
}

function secondsOf(lifetime: string, unit: string | undefined): number {
  const factor = units.find((seconds) => String(seconds) === unit);
  if (!factor || !/^[1-9]\d{0,5}$/.test(lifetime))
    throw new OAuthError(
      'invalid_request',
      'A lifetime is a whole number of minutes, hours or days.',
      { parameter: 'access_token_ttl' },
    );
  return Number(lifetime) * factor;
}

/** What is no whole number is none of a limit either: the domain says so. */
const limitOf = (text: string | undefined): number | null =>
  text?.trim() ? (/^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN) : null;

function formatOf(text: string): 'opaque' | 'jwt' {
  if (text === 'opaque' || text === 'jwt') return text;
  throw new OAuthError('invalid_request', 'Choose a token format from the list.', {
    parameter: 'access_token_format',
  });
}
