import type Router from '@koa/router';
import type { Context } from 'koa';
import type { PendingSignIn } from '../../domain/accounts/pending-sign-in.ts';
import type { PasskeysDomain } from '../../domain/passkeys/index.ts';
import { PasskeyRefused, refusalOfPasskey } from '../../domain/passkeys/refusal.ts';
import { readForm } from '../../http/form.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type BrowserSession, secretOfBrowser } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import type { Pages } from '../framework/page-guards.ts';
import { answerOptions, seeOther } from '../framework/page-renderer.ts';
import { passkeyProblem } from '../framework/refusals.ts';
import { readReturnTo } from '../framework/return-to.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { finishSignIn, originOf } from './finish.ts';

/** Who is asked: a person whose sign-in is not complete, or one who is signed in and confirms an action. */
interface Asked {
  accountId: string;
  /** The sign-in; undefined in a session. */
  pending: PendingSignIn | undefined;
}

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  passkeys: PasskeysDomain;
  noteRefusal: RefusalLog['note'];
  asked: (ctx: Context, visitor: BrowserSession) => Asked | undefined;
  startAgain: (ctx: Context, returnTo: string) => void;
  /** Shows the page again. */
  refuse: (
    ctx: Context,
    visitor: BrowserSession,
    person: Asked,
    refused: { returnTo: string; problem: string; status: number },
  ) => Promise<void>;
}

export const factorPasskeyPath = '/sign-in/factor/passkey';

/** `/sign-in/factor/passkey`: a person proves a second factor by a passkey, from the page of the second factor. */
export function factorPasskeyPages(router: Router, dependencies: Dependencies): void {
  const { pages, cookies, passkeys, noteRefusal, asked, startAgain, refuse } = dependencies;
  const { signIn } = passkeys;

  router.get(`${factorPasskeyPath}/options`, async (ctx) => {
    const person = asked(ctx, await pages.browserSession(ctx));
    const options =
      person &&
      (await signIn.factorOptions(
        secretOfBrowser(ctx, cookies),
        person.accountId,
        person.pending ? 'factor' : 'raise',
      ));
    if (!options) throw new OAuthError('not_found', '');
    answerOptions(ctx, options);
  });

  // The page after a refused passkey was reloaded.
  router.get(factorPasskeyPath, async (ctx) => seeOther(ctx, '/sign-in/factor'));

  router.post(factorPasskeyPath, async (ctx) => {
    const form = await readForm(ctx);
    const visitor = await pages.browserSession(ctx);
    const returnTo = readReturnTo(form['return_to']);
    const person = asked(ctx, visitor);
    if (!person) return startAgain(ctx, returnTo);
    const show = (problem: string, status: number) =>
      refuse(ctx, visitor, person, { returnTo, problem, status });
    if (!visitor.isOurs(ctx, form, 'anyone')) return show(pages.messages(ctx).problems.stale, 403);
    const answer = {
      response: form['credential'] ?? '',
      origin: { ...originOf(ctx, cookies, visitor), browser: secretOfBrowser(ctx, cookies) },
    };
    try {
      const { accountId, pending } = person;
      if (pending) {
        const remember = 'remember' in form;
        const proven = await signIn.proveFactor({ ...answer, pending, remember });
        if (proven.remembered) cookies.set(ctx, 'remembered', proven.remembered);
        return finishSignIn(ctx, cookies, proven.signIn, returnTo);
      }
      const sessionId = visitor.session?.id ?? '';
      const value = await signIn.raise({ ...answer, accountId, sessionId });
      if (!value) return startAgain(ctx, returnTo);
      cookies.set(ctx, 'session', value);
      seeOther(ctx, returnTo);
    } catch (error) {
      if (!(error instanceof PasskeyRefused)) throw error;
      noteRefusal(ctx, refusalOfPasskey(error, ctx.ip));
      if (error.reason === 'limited')
        return show(
          tooManyAttempts(ctx, { retryAfter: error.retryAfter ?? 60 }, pages.messages(ctx)),
          429,
        );
      await show(passkeyProblem(error, pages.messages(ctx)), 400);
    }
  });
}
