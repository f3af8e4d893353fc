import type { Context } from 'koa';
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import type { Frame, Html } from '../../../views/layout/frame.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { noticeOf } from '../framework/notices.ts';
import type { Pages, Show } from '../framework/page-guards.ts';

/** The rights of an administrator. Throws `not_found` for everyone else: the console does not exist for them. */
function actorOf({ session: { account } }: Person): Caller {
  if (!account.roles.includes(administratorRole)) throw new OAuthError('not_found', '');
  return { kind: 'account', id: account.id, scopes: new Set(Object.keys(apiScopes)) };
}

type Run<Rest extends unknown[]> = (actor: Caller, person: Person, ...rest: Rest) => Promise<void>;

/** The guards of pages of the console: others get 404, and strangers sign in first. */
export const createAdminPages = (pages: Pages) => ({
  forAdministrator: (ctx: Context, returnTo: string, run: Run<[]>): Promise<void> =>
    pages.forPerson(ctx, { returnTo }, (person) => run(actorOf(person), person)),

  /** As `forAdministrator`, for a form. A change asks for a recent sign-in. */
  forForm: (
    ctx: Context,
    { returnTo, recent }: { returnTo: string; recent: boolean },
    run: Run<[Form]>,
  ): Promise<void> =>
    pages.forForm(ctx, { returnTo: () => returnTo, recent }, (person, form) =>
      run(actorOf(person), person, form),
    ),

  show: (
    ctx: Context,
    person: Person,
    view: (frame: Frame) => Html,
    rest: Show = {},
  ): Promise<void> =>
    pages.show(ctx, person, view, {
      current: 'admin',
      notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
      ...rest,
    }),
});
