import type Router from '@koa/router';
import type { Context } from 'koa';
import { type InvitationProps, invitation } from '../../../views/sign-in/invitation.ts';
import type { SignInByLink } from '../../domain/accounts/link-sign-in.ts';
import { PasswordRefused } from '../../domain/accounts/passwords.ts';
import { readForm } from '../../http/form.ts';
import { logPathAs } from '../../http/log-text.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { takeReturn } from '../framework/pending-return.ts';
import { passwordProblem } from '../framework/refusals.ts';
import { finishSignIn, originOf } from './finish.ts';

/** A link with which a person sets a password. */
interface PasswordLinkPage {
  pages: Pages;
  cookies: Cookies;
  path: '/invitation' | '/sign-in/reset';
  /** What the link is about; undefined if it does not work. */
  find: (value: string) => Promise<Pick<InvitationProps, 'account' | 'hasPassword'> | undefined>;
  /** Throws PasswordRefused. */
  checkPassword: (value: string, password: string) => Promise<void>;
  signIn: SignInByLink;
  /** Says that the link does not work, and why. */
  showGone: (ctx: Context, browserSession: BrowserSession, value: string) => Promise<void>;
}

/** The page of a link with which a person sets a password, after which they are signed in. */
export function passwordLinkPage(router: Router, options: PasswordLinkPage): void {
  const { pages, cookies, path, find, checkPassword, signIn, showGone } = options;

  const show = async (
    ctx: Context,
    browserSession: BrowserSession,
    value: string,
    refused: Pick<InvitationProps, 'problem' | 'problems'> = {},
    status = 200,
  ) => {
    const found = await find(value);
    if (!found) return showGone(ctx, browserSession, value);
    await pages.show(
      ctx,
      // The link is not about the person who is signed in.
      { ...browserSession, session: undefined },
      (frame) => invitation(frame, { action: path, value, ...found, ...refused }),
      { status },
    );
  };

  router.get(`${path}/:value`, async (ctx) => {
    logPathAs(ctx, `${path}/[…]`);
    await show(ctx, await pages.browserSession(ctx), String(ctx['params']['value']));
  });

  router.post(path, async (ctx) => {
    const { value = '', password = '', repeat = '', ...form } = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const messages = pages.messages(ctx);
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return show(ctx, browserSession, value, { problem: messages.problems.stale }, 403);
    const repeated = password === repeat ? {} : { repeat: messages.problems.repeat };
    const refuse = (problems: NonNullable<InvitationProps['problems']>) =>
      show(ctx, browserSession, value, { problems: { ...problems, ...repeated } }, 400);
    if (password === '') return refuse({ password: messages.problems.noNewPassword });
    try {
      if (password !== repeat) {
        await checkPassword(value, password);
        return refuse({});
      }
      const accepted = await signIn({
        value,
        password,
        keepAccess: 'keep_access' in form,
        origin: originOf(ctx, cookies, browserSession),
      });
      if (!accepted) return showGone(ctx, browserSession, value);
      const notice = accepted.revokedAccess ? 'welcome_again' : 'welcome';
      const returnTo = takeReturn(ctx, cookies);
      finishSignIn(
        ctx,
        cookies,
        accepted.signIn,
        returnTo === '/account' ? withNotice(returnTo, notice) : returnTo,
      );
    } catch (error) {
      if (!(error instanceof PasswordRefused)) throw error;
      return refuse({ password: passwordProblem(error, messages) });
    }
  });
}
