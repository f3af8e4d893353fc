import type { Context } from 'koa';
import {
  type AdminApp,
  type AppProps,
  adminApp,
  adminAppPath,
  adminApps,
} from '../../../views/admin/apps.ts';
import { kindNames } from '../../../views/components/app.ts';
import type { App, AppActor, AppsDomain } from '../../domain/apps/types.ts';
import { readPage } from '../../http/cursor.ts';
import { queryValue } from '../../http/form.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { Call, Console } from './console.ts';
import { pageAsked, pagesAround } from './list.ts';

interface Dependencies {
  apps: Pick<AppsDomain['apps'], 'list' | 'find' | 'disable' | 'enable' | 'delete'>;
  appMembers: Pick<AppsDomain['appMembers'], 'list' | 'handOver'>;
  appClients: Pick<AppsDomain['appClients'], 'list'>;
}

const home = '/admin/apps';

/** Roles give the scope for the apps of everyone: their people act as operators. */
const operator: AppActor = { kind: 'operator' };

/** `/admin/apps`: the apps of everyone; another Owner, disabling and deleting. */
export function adminAppPages(
  { page, form: formAt }: Console,
  { apps, appMembers, appClients }: Dependencies,
): void {
  const nameOf = (ctx: Context) => String(ctx['params']['app']);
  const back = (ctx: Context) => adminAppPath(nameOf(ctx));

  const show = async (call: Call, rest: Pick<AppProps, 'problem'> = {}, status = 200) => {
    const app = await apps.find(operator, nameOf(call.ctx));
    const [members, clients] = await Promise.all([
      appMembers.list(operator, app.name),
      appClients.list(operator, app.name),
    ]);
    const props: AppProps = {
      ...rest,
      app: shown(app),
      members,
      clients: clients.map(({ clientId, displayName, kind, disabledAt }) => ({
        clientId,
        displayName,
        kind: kindNames[kind],
        disabled: disabledAt !== null,
      })),
    };
    await call.show((frame) => adminApp(frame, props), { status });
  };

  page(home, 'apps:read', async (call) => {
    const search = queryValue(call.ctx, 'search')?.trim() || undefined;
    const { items, next } = await readPage(
      pageAsked(call.ctx),
      (asked) => apps.list(operator, { ...asked, search }),
      ({ name }) => name,
    );
    const pages = pagesAround(call.ctx, home, next, { search });
    await call.show((frame) =>
      adminApps(frame, { apps: items.map(shown), filter: { search }, pages }),
    );
  });

  page(`${home}/:app`, 'apps:read', (call) => show(call));

  const change = (
    name: string,
    done: NoticeName,
    run: (app: string, form: Record<string, string>) => Promise<unknown>,
    next: (ctx: Context) => string = back,
  ) =>
    formAt(`${home}/:app/${name}`, 'apps:write', { back }, (call) =>
      tryForm(
        async () => {
          await run(nameOf(call.ctx), call.form);
          seeOther(call.ctx, withNotice(next(call.ctx), done));
        },
        ({ problems, general, status }: Refusal<'to'>) =>
          show(call, { problem: general ?? problems.to }, status),
        { to: 'to' },
      ),
    );

  change('transfer', 'app_handed_over', (app, form) =>
    appMembers.handOver(operator, app, { to: form['to'] ?? '', leave: false }),
  );
  change('disable', 'app_disabled', (app) => apps.disable(operator, app));
  change('enable', 'app_enabled', (app) => apps.enable(operator, app));
  change(
    'delete',
    'app_deleted',
    (app) => apps.delete(operator, app),
    () => home,
  );
}

const shown = (app: App): AdminApp => ({
  name: app.name,
  displayName: app.displayName,
  members: app.members,
  clients: app.clients,
  disabledAt: app.disabledAt,
  byMember: app.disabledBy === 'member',
  createdAt: app.createdAt,
});
