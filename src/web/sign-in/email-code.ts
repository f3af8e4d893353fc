import type Router from '@koa/router';
import type { Context } from 'koa';
import { type EmailCodeProps, emailCode } from '../../../views/sign-in/email-code.ts';
import type { SignInCodes } from '../../domain/accounts/sign-in-codes.ts';
import { type SignInCompletion, SignInExpired } from '../../domain/accounts/sign-in-completion.ts';
import { networkOf } from '../../domain/limits/ip-address.ts';
import { queryValue, readForm } from '../../http/form.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { readReturnTo, signInPath } from '../framework/return-to.ts';
import { finishSignIn, originOf } from './finish.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  completion: Pick<SignInCompletion, 'openPending'>;
  signInCodes: SignInCodes;
  noteRefusal: RefusalLog['note'];
}

const path = '/sign-in/email-code';

/** `/sign-in/email-code`: a person continues a sign-in with the code of an email. */
export function emailCodePages(
  router: Router,
  { pages, cookies, completion, signInCodes, noteRefusal }: Dependencies,
): void {
  const show = (
    ctx: Context,
    browserSession: BrowserSession,
    props: EmailCodeProps,
    status = 200,
  ) =>
    pages.show(ctx, { ...browserSession, session: undefined }, (frame) => emailCode(frame, props), {
      status,
    });

  const pendingOf = (ctx: Context, browserSession: BrowserSession) =>
    completion.openPending(
      cookies.get(ctx, 'pending_sign_in'),
      originOf(ctx, cookies, browserSession),
    );

  router.get(path, async (ctx) => {
    const browserSession = await pages.browserSession(ctx);
    const returnTo = readReturnTo(queryValue(ctx, 'return_to') ?? undefined);
    if (!pendingOf(ctx, browserSession)) return seeOther(ctx, signInPath(returnTo));
    await show(ctx, browserSession, { returnTo });
  });

  router.post(path, async (ctx) => {
    const { code = '', return_to, ...form } = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const returnTo = readReturnTo(return_to);
    const { problems } = pages.messages(ctx);
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return show(ctx, browserSession, { returnTo, problem: problems.stale }, 403);
    const pending = pendingOf(ctx, browserSession);
    if (!pending) return seeOther(ctx, signInPath(returnTo));
    if (code.trim() === '')
      return show(ctx, browserSession, { returnTo, problems: { code: problems.noEmailCode } }, 400);
    try {
      const origin = originOf(ctx, cookies, browserSession);
      const outcome = await signInCodes.enter(pending, code, origin);
      if (typeof outcome !== 'string') return finishSignIn(ctx, cookies, outcome, returnTo);
      noteRefusal(ctx, {
        reason: `sign-in code: ${outcome}`,
        accountId: pending.accountId,
        network: networkOf(ctx.ip),
        isAuthentication: true,
      });
      if (outcome === 'wrong')
        return show(
          ctx,
          browserSession,
          { returnTo, problems: { code: problems.wrongEmailCode } },
          400,
        );
      await show(ctx, browserSession, { returnTo, isExpired: true }, 400);
    } catch (error) {
      if (!(error instanceof SignInExpired)) throw error;
      seeOther(ctx, signInPath(returnTo));
    }
  });
}
