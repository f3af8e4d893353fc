import type Router from '@koa/router';
import type { Context } from 'koa';
import { firstClientRole } from '../../../config/apps.ts';
import { initialAccessTokens as bounds } from '../../../config/client-registration.ts';
import {
  type AppRegistrationProps,
  appRegistration,
  type InitialTokenField,
  type InitialTokenShown,
  initialTokenCreated,
} from '../../../views/apps/registration.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import type { InitialAccessToken } from '../../domain/clients/registrations/initial-access-tokens.ts';
import { parameterError } from '../../oauth/errors.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import type { Person } from '../framework/browser-session.ts';
import { idempotencyOf, newFormKey } from '../framework/form-idempotency.ts';
import { ifThere, type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { actorOf, named, notYours, pathIn, rolesFor, showPage } from './page.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  /** Whether clients can register themselves here. */
  clientsRegister: boolean;
  apps: Pick<AppsDomain['apps'], 'find'>;
  appInitialAccessTokens: AppsDomain['appInitialAccessTokens'];
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
}

const day = 86_400;

/** Lifetimes to choose from, in seconds. */
const lifetimes = [3_600, day, bounds.lifetime.default, 30 * day, 90 * day, bounds.lifetime.max];

/** Each field of the form, with the parameter that it stands for. */
const fields: Record<InitialTokenField, string> = {
  name: 'name',
  role: 'role',
  uses: 'max_uses',
  lifetime: 'lifetime',
};

const shown = ({ max_uses, expires_at, ...rest }: InitialAccessToken): InitialTokenShown => ({
  ...rest,
  maxUses: max_uses,
  expiresAt: expires_at,
});

/** `/apps/{app}/registration`: initial access tokens, with which programs register clients of the app. */
export function appRegistrationPages(
  router: Router,
  { issuer, pages, clientsRegister, apps, appInitialAccessTokens, appRoles }: Dependencies,
): void {
  if (!clientsRegister) return;
  const path = '/apps/:app/registration';
  const pathOf = (ctx: Context) => pathIn(named(ctx, 'app'), '/registration');

  const show = async (
    ctx: Context,
    person: Person,
    rest: Pick<AppRegistrationProps, 'values' | 'problems' | 'problem'> = {},
    status = 200,
  ) => {
    const actor = actorOf(person);
    const app = await apps.find(actor, named(ctx, 'app'));
    if (app.manages !== 'app') throw notYours(app, 'let programs register clients');
    const [tokens, { givable }] = await Promise.all([
      appInitialAccessTokens.list(actor, app.name),
      rolesFor(appRoles, actor, app),
    ]);
    const props: AppRegistrationProps = {
      app,
      tokens: tokens.map(shown),
      roles: givable,
      lifetimes,
      idempotencyKey: newFormKey(),
      values: {
        role: firstClientRole,
        uses: String(bounds.uses.default),
        lifetime: String(bounds.lifetime.default),
      },
      ...rest,
    };
    await showPage(pages, ctx, person, (frame) => appRegistration(frame, props), { status });
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx), recent: true }, (person) => show(ctx, person)),
  );

  router.post(path, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) => {
      const { name = '', role = '', uses = '', lifetime = '' } = form;
      return tryForm(
        async () => {
          const actor = actorOf(person);
          const app = await apps.find(actor, named(ctx, 'app'));
          const { token, value } = await appInitialAccessTokens.create(
            actor,
            app.name,
            {
              name,
              role,
              maxUses: usesIn(uses),
              expiresAt: new Date(Date.now() + lifetimeIn(lifetime) * 1000),
            },
            idempotencyOf(person, form),
          );
          const props = { app, token: shown(token), value, curl: byCurl(issuer, value) };
          await showPage(pages, ctx, person, (frame) => initialTokenCreated(frame, props), {
            copies: true,
          });
        },
        ({ problems, general, status }: Refusal<InitialTokenField>) =>
          show(
            ctx,
            person,
            { values: { name, role, uses, lifetime }, problems, problem: general },
            status,
          ),
        fields,
      );
    }),
  );

  // What ends something asks for no fresh sign-in: it must not be delayed.
  router.post(`${path}/revoke`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)) }, async (person, form) => {
      await ifThere(() =>
        appInitialAccessTokens.revoke(actorOf(person), named(ctx, 'app'), form['token_id'] ?? ''),
      );
      seeOther(ctx, withNotice(pathOf(ctx), 'initial_token_revoked'));
    }),
  );
}

function usesIn(text: string): number {
  const uses = /^\d{1,5}$/.test(text.trim()) ? Number(text.trim()) : 0;
  if (uses < 1 || uses > bounds.uses.max)
    throw parameterError(
      'invalid_request',
      'max_uses',
      `must be a whole number from 1 to ${bounds.uses.max}.`,
    );
  return uses;
}

function lifetimeIn(text: string): number {
  const seconds = lifetimes.find((each) => String(each) === text);
  if (seconds === undefined)
    throw parameterError('invalid_request', 'lifetime', 'must be one of these.');
  return seconds;
}

/** A command that registers a server. */
const byCurl = (issuer: string, value: string): string =>
  [
    `curl -s ${urlOf(issuer, endpoints.registration)} \\`,
    `  -H "Authorization: Bearer ${value}" \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify({ client_name: 'Importer', grant_types: ['client_credentials'] })}'`,
  ].join('\n');
