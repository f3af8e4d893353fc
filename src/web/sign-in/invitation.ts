import type Router from '@koa/router';
import type { Context } from 'koa';
import { invitationGone, invitation as invitationView } from '../../../views/sign-in/invitation.ts';
import type { Invitations } from '../../domain/accounts/invitations.ts';
import { PasswordRefused } from '../../domain/accounts/passwords.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import { readForm } from '../../http/form.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { signInPath } from '../framework/return-to.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  invitations: Pick<Invitations, 'find' | 'accept'>;
  sessions: Pick<Sessions, 'revoke'>;
}

/** `/invitation`: who has the link chooses the password of its account. */
export function invitationPages(
  router: Router,
  { pages, cookies, invitations, sessions }: Dependencies,
): void {
  const gone = (ctx: Context, browserSession: BrowserSession) =>
    pages.show(ctx, browserSession, (frame) => invitationGone(frame, {}), { status: 404 });

  const show = async (
    ctx: Context,
    browserSession: BrowserSession,
    value: string,
    { problem, status = 200 }: { problem?: string; status?: number } = {},
  ) => {
    const found = await invitations.find(value);
    if (!found) return gone(ctx, browserSession);
    await pages.show(
      ctx,
      // It is not about whoever happens to be signed in.
      { ...browserSession, session: undefined },
      (frame) => invitationView(frame, { value, ...found, ...(problem && { problem }) }),
      { status },
    );
  };

  router.get('/invitation/:value', async (ctx) =>
    show(ctx, await pages.browserSession(ctx), String(ctx['params']['value'])),
  );

  router.post('/invitation', async (ctx) => {
    const { value = '', password = '', repeat = '', ...form } = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const refuse = (problem: string, status = 400) =>
      show(ctx, browserSession, value, { problem, status });
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return refuse(
        'This page was out of date, or your browser does not keep cookies. Please try again.',
        403,
      );
    if (password !== repeat) return refuse('The two passwords are not the same.');
    try {
      if (!(await invitations.accept(value, password, { keepAccess: 'keep_access' in form })))
        return gone(ctx, browserSession);
    } catch (error) {
      if (!(error instanceof PasswordRefused)) throw error;
      return refuse(error.message);
    }
    // They sign in with it next, as whoever they are now, and not as who was signed in here before.
    const { session } = browserSession;
    if (session) await sessions.revoke(session.account.id, session.id, { signedOut: true });
    cookies.clear(ctx, 'session');
    seeOther(ctx, withNotice(signInPath('/account'), 'welcome'));
  });
}
