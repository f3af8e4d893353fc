import type Router from '@koa/router';
import type { Context } from 'koa';
import { firstClientRole } from '../../../config/apps.ts';
import { appAlreadyCreated } from '../../../views/apps/already-created.ts';
import { appClientCreated } from '../../../views/apps/client-created.ts';
import { type AppClientNewProps, appClientNew } from '../../../views/apps/client-new.ts';
import { defaultDisplayName } from '../../domain/apps/names.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import {
  type App,
  type AppActor,
  type AppClient,
  type ClientKind,
  clientKinds,
  hasRedirectUris,
  type NewAppClient,
} from '../../domain/apps/types.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, linesOf, type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import type { Pages } from '../framework/page-guards.ts';
import { connectShown } from './connect-view.ts';
import { actorOf, named, notYours, pathIn, rolesFor, showPage } from './page.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find' | 'openResources'>;
  appClients: Pick<AppsDomain['appClients'], 'find' | 'create'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
}

/** Each field of the form, with the parameter that it stands for. */
const fields = {
  name: 'name',
  kind: 'kind',
  display_name: 'display_name',
  role: 'role',
  redirect_uris: 'redirect_uris',
  purpose: 'agent.purpose',
};

/** `/apps/{app}/clients/new`: adds a client to an app. */
export function appClientsPages(
  router: Router,
  { issuer, pages, apps, appClients, appRoles }: Dependencies,
): void {
  const path = '/apps/:app/clients/new';
  const pathOf = (ctx: Context) => pathIn(named(ctx, 'app'), '/clients/new');

  const show = async (
    ctx: Context,
    person: Person,
    props: Omit<AppClientNewProps, 'app' | 'roles'>,
    status = 200,
  ) => {
    const actor = actorOf(person);
    const app = await apps.find(actor, named(ctx, 'app'));
    if (app.manages === 'nothing') throw notYours(app, 'add clients');
    const { givable } = await rolesFor(appRoles, actor, app);
    await showPage(
      pages,
      ctx,
      person,
      (frame) => appClientNew(frame, { app, roles: givable, ...props }),
      { status },
    );
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx), recent: true }, (person) =>
      show(ctx, person, { values: { kind: 'server', role: firstClientRole } }),
    ),
  );

  /** The client that the same form already created: it was sent twice. */
  const createdBefore = async (
    actor: AppActor,
    app: App,
    given: NewAppClient,
  ): Promise<AppClient | undefined> => {
    const client = await ifThere(() => appClients.find(actor, app.name, given.name));
    const isSame =
      client?.kind === given.kind &&
      client.role === given.role &&
      client.redirectUris.join('\n') === (given.redirectUris ?? []).join('\n') &&
      client.displayName === (given.displayName?.trim() || defaultDisplayName(app, given));
    return isSame ? client : undefined;
  };

  router.post(path, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(pathOf(ctx)), recent: true },
      async (person, form) => {
        const actor = actorOf(person);
        const name = named(ctx, 'app');
        const { kind, role = '', display_name: displayName, redirect_uris, purpose = '' } = form;
        const given = { name: form['name']?.trim() ?? '', role, displayName };
        // The field is hidden for other kinds.
        const redirectUris = isKind(kind) && hasRedirectUris(kind) ? linesOf(redirect_uris) : [];
        const refuse = async ({ problems, general, status }: Refusal<keyof typeof fields>) => {
          const app = status === 409 ? await apps.find(actor, name) : undefined;
          const before =
            app &&
            isKind(kind) &&
            (await createdBefore(actor, app, { ...given, kind, redirectUris }));
          if (!before)
            return show(
              ctx,
              person,
              {
                values: {
                  kind,
                  role,
                  redirect_uris,
                  purpose,
                  name: given.name,
                  display_name: displayName,
                },
                problems,
                problem: general,
              },
              status,
            );
          await showPage(
            pages,
            ctx,
            person,
            (frame) => appAlreadyCreated(frame, { app, client: before }),
            {
              status,
            },
          );
        };
        await tryForm(
          async () => {
            const app = await apps.find(actor, name);
            const [[resource], roles] = await Promise.all([
              apps.openResources(),
              appRoles.list(actor, name),
            ]);
            const { client, secret } = await appClients.create(actor, name, {
              ...given,
              kind: kind as ClientKind,
              redirectUris,
              ...(kind === 'agent' && { agent: { purpose: purpose.trim() } }),
            });
            await showPage(
              pages,
              ctx,
              person,
              (frame) =>
                appClientCreated(frame, {
                  app,
                  client,
                  created: 'client',
                  secret,
                  connect: resource && connectShown(issuer, client, resource, roles, secret),
                }),
              { copies: true },
            );
          },
          refuse,
          fields,
        );
      },
    ),
  );
}

const isKind = (text: string | undefined): text is ClientKind =>
  clientKinds.includes(text as ClientKind);
