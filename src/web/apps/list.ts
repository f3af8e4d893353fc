import type Router from '@koa/router';
import type { Context } from 'koa';
import { appAlreadyCreated } from '../../../views/apps/already-created.ts';
import { appClientMade } from '../../../views/apps/client-created.ts';
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
}

const paths = { list: '/apps', make: '/apps/new' } as const;

/** How many apps stand on a page. */
const pageLength = 50;

/** Each with the parameter that it stands for. */
const fields = { display_name: 'display_name', name: 'name' };

/** `/apps`: those of a person, what they were invited to, and making one. */
export function appListPages(
  router: Router,
  { issuer, pages, apps, appInvitations }: Dependencies,
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

  const make = (ctx: Context, person: Person, props: AppNewProps = {}, status = 200) =>
    showPage(pages, ctx, person, (frame) => appNew(frame, props), { status });

  router.get(paths.make, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.make, recent: true }, (person) => make(ctx, person)),
  );

  /** The app that the same form has made already: it was sent twice. */
  const madeBefore = async (
    actor: AppActor,
    name: string,
    displayName: string,
  ): Promise<App | undefined> => {
    const app = await ifThere(() => apps.find(actor, name));
    return app?.displayName === displayName.trim() ? app : undefined;
  };

  router.post(paths.make, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(paths.make), recent: true },
      async (person, { display_name: displayName = '', name: typed }) => {
        const actor = actorOf(person);
        // Made here, and not by lot: a form that is sent twice must meet what it made before.
        const name = typed?.trim() || plainNameFrom(displayName);
        const refuse = async ({ status, ...rest }: Refusal<keyof typeof fields>) => {
          const before = status === 409 && name && (await madeBefore(actor, name, displayName));
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
          await make(ctx, person, { values: { display_name: displayName, name }, ...rest }, status);
        };
        await tryForm(
          async () => {
            if (displayName.trim() && !name)
              throw new OAuthError(
                'invalid_request',
                'No name can be made of this: choose one, of small letters and digits.',
                { parameter: 'name' },
              );
            // Before there is a secret, which a failure would leave with nobody.
            const [resource] = await apps.openResources();
            const { app, client, secret } = await apps.create(actor, { displayName, name });
            await showPage(
              pages,
              ctx,
              person,
              (frame) =>
                appClientMade(frame, {
                  app,
                  client,
                  made: 'app',
                  secret,
                  connect: resource && connectShown(issuer, client, resource, secret),
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
