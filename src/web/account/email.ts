import type Router from '@koa/router';
import type { Context } from 'koa';
import { emailLinkGone, emailVerified, verifyEmail } from '../../../views/account/email.ts';
import type { EmailVerification } from '../../domain/accounts/email-verification.ts';
import { readForm } from '../../http/form.ts';
import { logPathAs } from '../../http/log-text.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import { staleForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';

interface Dependencies {
  pages: Pages;
  emailVerification: EmailVerification;
}

/** `/email`: a person with a link that was sent to their address confirms it, in any browser. */
export function emailPages(router: Router, { pages, emailVerification }: Dependencies): void {
  const gone = (ctx: Context, browserSession: BrowserSession) =>
    pages.show(ctx, browserSession, (frame) => emailLinkGone(frame), { status: 404 });

  const show = async (
    ctx: Context,
    browserSession: BrowserSession,
    value: string,
    { problem, status = 200 }: { problem?: string; status?: number } = {},
  ) => {
    const found = await emailVerification.find(value);
    if (!found) return gone(ctx, browserSession);
    await pages.show(
      ctx,
      // The link is not about the person who is signed in.
      { ...browserSession, session: undefined },
      (frame) => verifyEmail(frame, { value, ...found, problem }),
      { status },
    );
  };

  router.get('/email/:value', async (ctx) => {
    logPathAs(ctx, '/email/[…]');
    await show(ctx, await pages.browserSession(ctx), String(ctx['params']['value']));
  });

  router.post('/email', async (ctx) => {
    const { value = '', ...form } = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return show(ctx, browserSession, value, { problem: staleForm, status: 403 });
    if (!(await emailVerification.confirm(value, ctx.ip))) return gone(ctx, browserSession);
    await pages.show(ctx, browserSession, (frame) => emailVerified(frame));
  });

  router.post('/account/email/verify', (ctx) =>
    pages.forForm(ctx, { returnTo: () => '/account' }, async (person) => {
      await emailVerification.request(person.session.account.id);
      seeOther(ctx, withNotice('/account', 'email_sent'));
    }),
  );
}
