import type Router from '@koa/router';
import type { Context } from 'koa';
import type { SignInProps } from '../../../views/sign-in/sign-in.ts';
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
import { readReturnTo, signInPath } from '../framework/return-to.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { finishSignIn, originOf } from './finish.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  passkeys: PasskeysDomain;
  noteRefusal: RefusalLog['note'];
  /** Shows the sign-in page. */
  show: (
    ctx: Context,
    browserSession: BrowserSession,
    props: Omit<SignInProps, 'app' | 'purpose' | 'continueAs' | 'passkeys'> & {
      unknownPasskey?: string | undefined;
    },
    status: number,
  ) => Promise<void>;
}

/** Signs a person in with a passkey, in place of email address and password. */
const signInAction = '/sign-in/passkey';

/** The same for the person who is signed in, in place of the password. */
const againAction = '/sign-in/passkey/again';

export const passkeyAction = (again: boolean | undefined): string =>
  again ? againAction : signInAction;

/** `/sign-in/passkey`: sign-in with a passkey, from the sign-in page. */
export function passkeySignInPages(
  router: Router,
  { pages, cookies, passkeys, noteRefusal, show }: Dependencies,
): void {
  const { signIn, relyingParty } = passkeys;
  const [, ...related] = relyingParty.origins;

  // Browsers ask for it without cookies when a page of a related origin uses a passkey (WebAuthn §5.11).
  if (related.length > 0)
    router.get('/.well-known/webauthn', async (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=300');
      ctx.body = { origins: relyingParty.origins };
    });

  for (const path of [signInAction, againAction]) {
    const again = path === againAction;

    router.get(`${path}/options`, async (ctx) => {
      const { session } = await pages.browserSession(ctx);
      const browser = secretOfBrowser(ctx, cookies);
      if (again && !session) throw new OAuthError('not_found', '');
      const options = await signIn.options(browser, again ? session?.account.id : undefined);
      if (!options) throw new OAuthError('not_found', '');
      answerOptions(ctx, options);
    });

    // The page after a refused passkey was reloaded.
    router.get(path, async (ctx) => seeOther(ctx, '/sign-in'));

    router.post(path, async (ctx) => {
      const form = await readForm(ctx);
      const browserSession = await pages.browserSession(ctx);
      const returnTo = readReturnTo(form['return_to']);
      const { account } = browserSession.session ?? {};
      const refuse = (problem: string, status: number, unknownPasskey?: string) =>
        show(
          ctx,
          browserSession,
          { returnTo, again, email: (again && account?.email) || '', problem, unknownPasskey },
          status,
        );
      if (again && !account) return seeOther(ctx, signInPath(returnTo));
      if (!browserSession.isOurs(ctx, form, 'anyone'))
        return refuse(pages.messages(ctx).problems.stale, 403);
      const { credential = '' } = form;
      try {
        const outcome = await signIn.signIn({
          response: credential,
          origin: {
            ...originOf(ctx, cookies, browserSession),
            browser: secretOfBrowser(ctx, cookies),
          },
          accountId: again ? account?.id : undefined,
        });
        finishSignIn(ctx, cookies, outcome, returnTo);
      } catch (error) {
        if (!(error instanceof PasskeyRefused)) throw error;
        noteRefusal(ctx, refusalOfPasskey(error, ctx.ip));
        if (error.reason === 'limited')
          return refuse(
            tooManyAttempts(ctx, { retryAfter: error.retryAfter ?? 60 }, pages.messages(ctx)),
            429,
          );
        // The browser learns of a wrong signature as well: an answer must not say that a passkey is known.
        const unknown = error.reason === 'wrong' && !again;
        return refuse(
          passkeyProblem(error, pages.messages(ctx)),
          400,
          unknown ? idOf(credential) : undefined,
        );
      }
    });
  }
}

/** The ID of a passkey in the JSON of a browser. */
const idOf = (credential: string): string | undefined =>
  /"id":"([\w-]{16,1400})"/.exec(credential)?.[1];
