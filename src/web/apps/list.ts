import type Router from '@koa/router';
import type { Context } from 'koa';
import { appAlreadyCreated } from '../../../views/apps/already-created.ts';
import { appClientCreated } from '../../../views/apps/client-created.ts';
import { apps as appsView } from '../../../views/apps/list.ts';
import { type AppNewProps, appNew } from '../../../views/apps/new.ts';
import { plainNameFrom } from '../../domain/apps/names.ts';
import type { App, AppActor, AppsDomain } from '../../domain/apps/types.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import type { Pages } from '../framework/page-guards.ts';
import { connectShown } from './connect-view.ts';
import { actorOf, showPage } from './page.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'list' | 'find' | 'create' | 'openResources'>;
  appInvitations: Pick<AppsDomain['appInvitations'], 'received'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
}

const paths = { list: '/apps', create: '/apps/new' } as const;

/** The number of apps on a page. */
const pageLength = 50;

/** Each field of the form, with the parameter that it stands for. */
const fields = { display_name: 'display_name', name: 'name' };

/** `/apps`: the apps and invitations of a person, and the form that creates an app. */
export function appListPages(
  router: Router,
  { issuer, pages, apps, appInvitations, appRoles }: Dependencies,
): void {
  router.get(paths.list, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.list }, async (person) => {
      const after = queryValue(ctx, 'after') || undefined;
      const [found, invitations] = await Promise.all([
        apps.list(actorOf(person), { after, limit: pageLength + 1 }),
        appInvitations.received(person.session.account.id),
      ]);
      const list = found.slice(0, pageLength);
      const next = found.length > pageLength ? (list.at(-1)?.name ?? null) : null;
      await showPage(pages, ctx, person, (frame) =>
        appsView(frame, { apps: list, next, invitations }),
      );
    }),
  );

  const showNew = async (
    ctx: Context,
    person: Person,
    rest: Omit<AppNewProps, 'hasOpenApi'> = {},
    status = 200,
  ) => {
    const hasOpenApi = (await apps.openResources()).length > 0;
    await showPage(pages, ctx, person, (frame) => appNew(frame, { hasOpenApi, ...rest }), {
      status,
    });
  };

  router.get(paths.create, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.create, recent: true }, (person) =>
      showNew(ctx, person),
    ),
  );

  /** The app that the same form already created: it was sent twice. */
  const createdBefore = async (
    actor: AppActor,
    name: string,
    displayName: string,
  ): Promise<App | undefined> => {
    const app = await ifThere(() => apps.find(actor, name));
    return app?.displayName === displayName.trim() ? app : undefined;
  };

  router.post(paths.create, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(paths.create), recent: true },
      async (person, { display_name: displayName = '', name: typed }) => {
        const actor = actorOf(person);
        // Derived without chance, so that a form that is sent twice finds the app that it created.
        const name = typed?.trim() || plainNameFrom(displayName);
        const refuse = async ({ problems, general, status }: Refusal<keyof typeof fields>) => {
          const before = status === 409 && name && (await createdBefore(actor, name, displayName));
          if (before)
            return showPage(
              pages,
              ctx,
              person,
              (frame) => appAlreadyCreated(frame, { app: before }),
              {
                status,
              },
            );
          await showNew(
            ctx,
            person,
            { values: { display_name: displayName, name: typed }, problems, problem: general },
            status,
          );
        };
        await tryForm(
          async () => {
            if (displayName.trim() && !name)
              throw new OAuthError(
                'invalid_request',
                'Enter a name: the display name has too few letters from a to z and digits for one.',
                { parameter: 'name' },
              );
            // Read before the secret exists: if this failed later, the secret would be lost.
            const [resource] = await apps.openResources();
            const { app, client, secret } = await apps.create(actor, { displayName, name });
            // Without them the code asks for every scope: nothing may fail now that the secret exists.
            const roles = await appRoles.list(actor, app.name).catch(() => []);
            await showPage(
              pages,
              ctx,
              person,
              (frame) =>
                appClientCreated(frame, {
                  app,
                  client,
                  created: 'app',
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
