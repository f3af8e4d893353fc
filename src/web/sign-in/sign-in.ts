import type Router from '@koa/router';
import type { Context } from 'koa';
import { signInPaused, signIn as signInView } from '../../../views/sign-in/sign-in.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import { refusalOfSignIn, type SignIn, SignInRefused } from '../../domain/accounts/sign-in.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import { queryValue, readForm } from '../../http/form.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { userAgentOf } from '../../http/text.ts';
import { type BrowserSession, isFresh } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { noticeOf, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { readAgain, readReturnTo, signInPath } from '../framework/return-to.ts';
import { waitingTime } from '../framework/waiting-time.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  signIn: SignIn['signIn'];
  sessions: Pick<Sessions, 'revoke'>;
  /** Told of failed attempts. */
  noteRefusal: RefusalLog['note'];
}

/** Why somebody is asked to sign in, where they did not come for that. */
const purposeOf = (returnTo: string): string | undefined =>
  purposes.find(([path]) => returnTo.startsWith(path))?.[1];

const purposes = [
  ['/consent', 'to go on to an app'],
  ['/connect/authorize', 'to go on to an app'],
  ['/device', 'to connect a device'],
  ['/apps/invitations/', 'to answer an invitation'],
  ['/apps', 'to go on to your apps'],
  ['/account/tokens', 'to go on to your tokens'],
] as const;

/** `/sign-in` and `/sign-out`. */
export function signInPages(
  router: Router,
  { pages, cookies, signIn, sessions, noteRefusal }: Dependencies,
): void {
  const show = (
    ctx: Context,
    browserSession: BrowserSession,
    props: { returnTo: string; email?: string | undefined; problem?: string; again?: boolean },
    status = 200,
  ) => {
    const purpose = purposeOf(props.returnTo);
    const { email, ...rest } = props;
    return pages.show(
      ctx,
      browserSession,
      (frame) =>
        signInView(frame, { ...rest, ...(email && { email }), ...(purpose && { purpose }) }),
      { status, notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined },
    );
  };

  const showPaused = (ctx: Context, browserSession: BrowserSession) =>
    pages.show(ctx, browserSession, (frame) => signInPaused(frame, {}), { status: 429 });

  router.get('/sign-in', async (ctx) => {
    const browserSession = await pages.browserSession(ctx);
    const returnTo = readReturnTo(queryValue(ctx, 'return_to') ?? undefined);
    const again = readAgain(queryValue(ctx, 'again'));
    const email = queryValue(ctx, 'login_hint') ?? '';
    const { session } = browserSession;
    if (!session || queryValue(ctx, 'switch'))
      return show(ctx, browserSession, { returnTo, email });
    if (isFresh(session, again)) return seeOther(ctx, returnTo);
    await show(ctx, browserSession, { returnTo, again: true, email: session.account.email ?? '' });
  });

  router.post('/sign-in', async (ctx) => {
    const form = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const { email = '', password = '' } = form;
    const returnTo = readReturnTo(form['return_to']);
    const again = browserSession.session?.account.email?.toLowerCase() === email.toLowerCase();
    const refuse = (problem: string, status: number) =>
      show(ctx, browserSession, { returnTo, email, problem, ...(again && { again }) }, status);

    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return refuse(
        'This page was out of date, or your browser does not keep cookies. Please try again.',
        403,
      );
    try {
      const known = cookies.get(ctx, 'known');
      const signedIn = await signIn({
        email,
        password,
        ip: ctx.ip,
        userAgent: userAgentOf(ctx) ?? undefined,
        ...(known && { knownBrowser: known }),
        ...(browserSession.sessionValue && { previous: browserSession.sessionValue }),
      });
      cookies.set(ctx, 'session', signedIn.value);
      cookies.set(ctx, 'known', signedIn.knownBrowser);
      seeOther(ctx, returnTo);
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      noteRefusal(ctx, refusalOfSignIn(error, ctx.ip));
      if (error.reason === 'wrong') return refuse(error.message, 400);
      if (error.reason === 'busy') {
        ctx.set('Retry-After', '5');
        return refuse(error.message, 503);
      }
      if (error.reason === 'paused') return showPaused(ctx, browserSession);
      ctx.set('Retry-After', String(error.retryAfter ?? 60));
      return refuse(
        `There were too many attempts. Try again in ${waitingTime(error.retryAfter ?? 60)}.`,
        429,
      );
    }
  });

  router.post('/sign-out', async (ctx) => {
    const form = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const { session } = browserSession;
    // Nobody is signed in: what was wanted holds already.
    if (session && browserSession.isOurs(ctx, form))
      await actingAs({ kind: 'account', id: session.account.id }, () =>
        sessions.revoke(session.account.id, session.id, { signedOut: true }),
      );
    else if (session) return seeOther(ctx, '/account');
    cookies.clear(ctx, 'session');
    seeOther(ctx, withNotice(signInPath('/account'), 'signed_out'));
  });
}
