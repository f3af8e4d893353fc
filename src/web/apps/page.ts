import type { Context } from 'koa';
import { appPath } from '../../../views/components/app.ts';
import type { Frame, Html } from '../../../views/layout/frame.ts';
import { canAssign } from '../../domain/apps/access.ts';
import type { App, AppActor, AppRole, AppsDomain } from '../../domain/apps/types.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { noticeOf } from '../framework/notices.ts';
import type { Pages, Show } from '../framework/page-guards.ts';

/** The person who is signed in. Their role in the app decides what they can do. */
export const actorOf = ({ session }: Person): AppActor => ({
  kind: 'account',
  accountId: session.account.id,
});

/** A parameter of the path of a request. */
export const named = (ctx: Context, what: 'app' | 'client' | 'key' | 'value'): string =>
  String(ctx['params'][what]);

/** The path of a page of an app. */
export const pathIn = (app: string, rest = ''): string => appPath({ name: app }, rest);

/** Shows a page of apps. */
export const showPage = (
  pages: Pages,
  ctx: Context,
  person: Person,
  view: (frame: Frame) => Html,
  show: Show = {},
): Promise<void> =>
  pages.show(ctx, person, view, {
    current: 'apps',
    notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
    ...show,
  });

/** The error for a member who opens a form that their role does not allow. */
export const notYours = (app: App, what: string): OAuthError =>
  new OAuthError('access_denied', `Your role ${app.role} does not allow you to ${what}.`);

/** The roles of an app, those that the member can give, and so the clients that they can change. */
export async function rolesFor(
  appRoles: Pick<AppsDomain['appRoles'], 'list'>,
  actor: AppActor,
  app: App,
): Promise<{ all: AppRole[]; givable: AppRole[]; mayManage(role: string): boolean }> {
  const all = await appRoles.list(actor, app.name);
  const own = all.find(({ name }) => name === app.role);
  const givable =
    own && app.manages !== 'nothing' ? all.filter((role) => canAssign(own, role)) : [];
  return { all, givable, mayManage: (role) => givable.some(({ name }) => name === role) };
}
