import type Router from '@koa/router';
import type { Context } from 'koa';
import { type AppSettingsProps, appSettings } from '../../../views/apps/settings.ts';
import type { AppActor, AppsDomain } from '../../domain/apps/types.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { actorOf, named, pathIn, showPage } from './page.ts';

interface Dependencies {
  pages: Pages;
  /** Whether clients can register themselves here. */
  clientsRegister: boolean;
  apps: Pick<AppsDomain['apps'], 'find' | 'update' | 'disable' | 'enable' | 'delete'>;
  appClients: Pick<AppsDomain['appClients'], 'list'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
}

/** Each field of the forms, with the parameter that it stands for. */
const fields = { name: 'name', display_name: 'display_name' };

/** `/apps/{app}/settings`: the names of an app; it is disabled and deleted here. */
export function appSettingsPages(
  router: Router,
  { pages, clientsRegister, apps, appClients, appRoles }: Dependencies,
): void {
  const path = '/apps/:app';
  const pathOf = (ctx: Context) => pathIn(named(ctx, 'app'), '/settings');

  const show = async (
    ctx: Context,
    person: Person,
    rest: Pick<AppSettingsProps, 'values' | 'problems' | 'problem'> = {},
    status = 200,
  ) => {
    const actor = actorOf(person);
    const app = await apps.find(actor, named(ctx, 'app'));
    const [clients, roles] = await Promise.all([
      appClients.list(actor, app.name),
      appRoles.list(actor, app.name),
    ]);
    const props: AppSettingsProps = {
      app,
      clients,
      members: app.members,
      clientsRegister,
      roles: roles.filter(({ builtIn }) => !builtIn).map(({ name }) => name),
      ...rest,
    };
    await showPage(pages, ctx, person, (frame) => appSettings(frame, props), { status });
  };

  router.get(`${path}/settings`, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  const action = (
    name: string,
    done: NoticeName,
    run: (actor: AppActor, app: string, form: Form) => Promise<unknown>,
    { recent = true, next = pathOf }: { recent?: boolean; next?: (ctx: Context) => string } = {},
  ) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent }, (person, form) =>
        tryForm(
          async () => {
            await run(actorOf(person), named(ctx, 'app'), form);
            seeOther(ctx, withNotice(next(ctx), done));
          },
          ({ problems, general, status }: Refusal<keyof typeof fields>) =>
            show(
              ctx,
              person,
              {
                ...(name === 'settings' && { values: { display_name: '', ...form } }),
                problems,
                problem: general,
              },
              status,
            ),
          fields,
        ),
      ),
    );

  action(
    'settings',
    'app_saved',
    (actor, app, { display_name: displayName = '' }) => apps.update(actor, app, { displayName }),
    { recent: false },
  );
  action(
    'disable',
    'app_disabled',
    (actor, app) => apps.disable(actor, app),
    // Disabling asks for no fresh sign-in: it must not be delayed.
    { recent: false },
  );
  action('enable', 'app_enabled', (actor, app) => apps.enable(actor, app));
  action(
    'delete',
    'app_deleted',
    async (actor, app, { name = '' }) => {
      const found = await apps.find(actor, app);
      if (name.trim() !== found.name)
        throw new OAuthError(
          'invalid_request',
          `Type the name of the app to delete it: ${found.name}`,
          {
            parameter: 'name',
          },
        );
      await apps.delete(actor, app);
    },
    { next: () => '/apps' },
  );
}
