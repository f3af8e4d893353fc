import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  type ForgotPasswordProps,
  forgotPassword,
  resetLinkGone,
  resetLinkSent,
} from '../../../views/sign-in/forgot.ts';
import type { SignInByLink } from '../../domain/accounts/link-sign-in.ts';
import type { PasswordResets } from '../../domain/accounts/password-resets.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { queryValue, readForm } from '../../http/form.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { passwordLinkPage } from './password-link.ts';

/** What becomes of emails: they are sent, administrators read them on a page, or there are none. */
export type MailDelivery = 'email' | 'outbox' | 'none';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  passwordResets: Pick<PasswordResets, 'request' | 'find' | 'checkPassword'>;
  signInByResetLink: SignInByLink;
  mailDelivery: MailDelivery;
  noteRefusal: RefusalLog['note'];
}

const path = '/sign-in/forgot';

/** `/sign-in/forgot`: a person asks for a link by email; `/sign-in/reset`: they set a new password with it. */
export function forgottenPasswordPages(
  router: Router,
  { pages, cookies, passwordResets, signInByResetLink, mailDelivery, noteRefusal }: Dependencies,
): void {
  const show = (
    ctx: Context,
    browserSession: BrowserSession,
    props: Omit<ForgotPasswordProps, 'delivery'> = {},
    status = 200,
  ) =>
    pages.show(
      ctx,
      { ...browserSession, session: undefined },
      (frame) => forgotPassword(frame, { ...props, delivery: mailDelivery }),
      { status },
    );

  router.get(path, async (ctx) => {
    const browserSession = await pages.browserSession(ctx);
    if (queryValue(ctx, 'sent') === null)
      return show(ctx, browserSession, { email: queryValue(ctx, 'login_hint') ?? undefined });
    await pages.show(ctx, { ...browserSession, session: undefined }, (frame) =>
      resetLinkSent(frame, { delivery: mailDelivery }),
    );
  });

  // The response is the same for every address.
  router.post(path, async (ctx) => {
    const { email = '', ...form } = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const messages = pages.messages(ctx);
    const { problems } = messages;
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return show(ctx, browserSession, { email, problem: problems.stale }, 403);
    if (mailDelivery === 'none') return show(ctx, browserSession, { email });
    if (email.trim() === '')
      return show(ctx, browserSession, { email, problems: { email: problems.noEmail } }, 400);
    try {
      await passwordResets.request({ email, ip: ctx.ip });
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      noteRefusal(ctx, { reason: 'forgotten password: limited' });
      const problem = tooManyAttempts(ctx, error, messages);
      return show(ctx, browserSession, { email, problem }, 429);
    }
    seeOther(ctx, `${path}?sent=1`);
  });

  passwordLinkPage(router, {
    pages,
    cookies,
    path: '/sign-in/reset',
    async find(value) {
      const found = await passwordResets.find(value);
      return found && !found.isUsed ? { account: found.account, hasPassword: true } : undefined;
    },
    checkPassword: (value, password) => passwordResets.checkPassword(value, password),
    signIn: signInByResetLink,
    async showGone(ctx, browserSession, value) {
      const isUsed = (await passwordResets.find(value))?.isUsed ?? false;
      await pages.show(ctx, browserSession, (frame) => resetLinkGone(frame, { isUsed }), {
        status: 404,
      });
    },
  });
}
