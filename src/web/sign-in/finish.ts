import type { Context } from 'koa';
import type { NextStep } from '../../domain/accounts/pending-sign-in.ts';
import type { CompletionOrigin, SignInOutcome } from '../../domain/accounts/sign-in-completion.ts';
import { userAgentOf } from '../../http/text.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import { secretOfBrowser } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { takeReturn } from '../framework/pending-return.ts';

/** The page of each step that can follow the first one. */
const pageOf: Record<NextStep, string> = {
  factor: '/sign-in/factor',
  enrol: '/sign-in/enrol',
  email_code: '/sign-in/email-code',
};

/** The page of a step, which returns to `returnTo` after the sign-in. */
export const stepPath = (step: NextStep, returnTo: string): string =>
  returnTo === '/account'
    ? pageOf[step]
    : `${pageOf[step]}?${new URLSearchParams({ return_to: returnTo })}`;

/** Where a sign-in comes from. */
export const originOf = (
  ctx: Context,
  cookies: Cookies,
  { sessionValue }: Pick<BrowserSession, 'sessionValue'>,
): CompletionOrigin => ({
  ip: ctx.ip,
  userAgent: userAgentOf(ctx) ?? undefined,
  previous: sessionValue,
  knownBrowser: cookies.get(ctx, 'known'),
  rememberedBrowser: cookies.get(ctx, 'remembered'),
  browser: secretOfBrowser(ctx, cookies),
});

/** Sets the cookies of a step of a sign-in, and goes on: to `returnTo`, or to the next step. */
export function finishSignIn(
  ctx: Context,
  cookies: Cookies,
  signIn: SignInOutcome,
  returnTo: string,
): void {
  if (signIn.outcome === 'more') {
    cookies.set(ctx, 'pending_sign_in', signIn.pending);
    seeOther(ctx, stepPath(signIn.next, returnTo));
    return;
  }
  cookies.set(ctx, 'session', signIn.value);
  cookies.set(ctx, 'known', signIn.knownBrowser);
  if (cookies.get(ctx, 'pending_sign_in')) cookies.clear(ctx, 'pending_sign_in');
  takeReturn(ctx, cookies);
  seeOther(ctx, returnTo);
}
