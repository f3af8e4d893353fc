import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  type SignInProps,
  signInPaused,
  signIn as signInView,
} from '../../../views/sign-in/sign-in.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import { refusalOfSignIn, type SignIn, SignInRefused } from '../../domain/accounts/sign-in.ts';
import type { PasskeysDomain } from '../../domain/passkeys/index.ts';
import { queryValue, readForm } from '../../http/form.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { type BrowserSession, isFresh } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { noticeOf } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { rememberReturn } from '../framework/pending-return.ts';
import { readAgain, readReturnTo } from '../framework/return-to.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { finishSignIn, originOf } from './finish.ts';
import { passkeyAction, passkeySignInPages } from './passkey.ts';
import { createRequestingApp } from './requesting-app.ts';
import { type ProviderDependencies, providerSignInPages } from './with-provider.ts';

type Dependencies = Parameters<typeof createRequestingApp>[0] &
  ProviderDependencies & {
    pages: Pages;
    cookies: Cookies;
    signIn: SignIn['signIn'];
    accounts: Pick<Accounts, 'describe'>;
    /** Absent if browsers allow this server no passkeys. */
    passkeys?: PasskeysDomain | undefined;
    /** Takes failed attempts for the log. */
    noteRefusal: RefusalLog['note'];
  };

/** Why a person is asked to sign in, unless they came for that. */
const purposeOf = (returnTo: string): SignInProps['purpose'] =>
  purposes.find(([path]) => returnTo.startsWith(path))?.[1];

const purposes = [
  ['/consent', 'anApp'],
  ['/connect/authorize', 'anApp'],
  ['/device', 'device'],
  ['/apps/invitations/', 'invitation'],
  ['/apps', 'apps'],
  ['/account/tokens', 'tokens'],
  ['/account/security/connect', 'provider'],
] as const;

/** `/sign-in`. */
export function signInPages(router: Router, dependencies: Dependencies): void {
  const { pages, cookies, signIn, accounts, passkeys, noteRefusal } = dependencies;
  const requestingApp = createRequestingApp(dependencies);
  const providers = providerSignInPages(router, dependencies);

  const show = async (
    ctx: Context,
    browserSession: BrowserSession,
    {
      unknownPasskey,
      ...props
    }: Omit<
      SignInProps,
      'app' | 'purpose' | 'continueAs' | 'passkeys' | 'providers' | 'hasNoPassword'
    > & {
      /** The ID of a passkey that was refused. */
      unknownPasskey?: string | undefined;
    },
    status = 200,
  ) => {
    const app = await requestingApp(ctx, props.returnTo);
    const purpose = purposeOf(props.returnTo);
    const { id = '', name, email } = browserSession.session?.account ?? {};
    const continueAs = props.again ? undefined : email || name;
    // A person who is signed in is only offered what they have.
    const hasPasskeys =
      passkeys !== undefined &&
      (!props.again || (await passkeys.list(id)).some(({ user_verified }) => user_verified));
    const rpId = passkeys?.relyingParty.id ?? '';
    const choices = await providers.choices(ctx, props.again ? id : undefined);
    const hasNoPassword = props.again && (await accounts.describe(id))?.has_password === false;
    await pages.show(
      ctx,
      browserSession,
      (frame) =>
        signInView(frame, {
          ...props,
          app,
          purpose,
          continueAs,
          providers: choices,
          hasNoPassword,
          passkeys: hasPasskeys
            ? { action: passkeyAction(props.again), rpId, unknown: unknownPasskey }
            : undefined,
        }),
      {
        status,
        calls: hasPasskeys,
        notice: ctx.method === 'GET' ? noticeOf(ctx, pages.messages(ctx)) : undefined,
      },
    );
  };

  const showPaused = (ctx: Context, browserSession: BrowserSession) =>
    pages.show(ctx, browserSession, (frame) => signInPaused(frame, {}), { status: 429 });

  if (passkeys) passkeySignInPages(router, { pages, cookies, passkeys, noteRefusal, show });

  router.get('/sign-in', async (ctx) => {
    const browserSession = await pages.browserSession(ctx);
    const returnTo = readReturnTo(queryValue(ctx, 'return_to') ?? undefined);
    const again = readAgain(queryValue(ctx, 'again'));
    const email = queryValue(ctx, 'login_hint') ?? '';
    const { session } = browserSession;
    if (!session || queryValue(ctx, 'switch')) {
      rememberReturn(ctx, cookies, returnTo);
      const asksForAddress =
        email === '' && queryValue(ctx, 'way') !== 'password' && (await providers.asksForAddress());
      return show(ctx, browserSession, { returnTo, email, asksForAddress });
    }
    // The page that asked leads on to the second factor.
    if (isFresh(session, again) || (again === true && session.lacksFactor))
      return seeOther(ctx, returnTo);
    await show(ctx, browserSession, { returnTo, again: true, email: session.account.email ?? '' });
  });

  router.post('/sign-in', async (ctx) => {
    const form = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const { email = '', password = '' } = form;
    const messages = pages.messages(ctx);
    const { problems, signInRefused } = messages;
    const returnTo = readReturnTo(form['return_to']);
    const again = browserSession.session?.account.email?.toLowerCase() === email.toLowerCase();
    const refuse = (refused: string | NonNullable<SignInProps['problems']>, status: number) =>
      show(
        ctx,
        browserSession,
        {
          returnTo,
          email,
          again,
          ...(typeof refused === 'string' ? { problem: refused } : { problems: refused }),
        },
        status,
      );

    if (!browserSession.isOurs(ctx, form, 'anyone')) return refuse(problems.stale, 403);
    if (email !== '' && form['step'] === 'address') {
      if (await providers.route(ctx, browserSession, email, returnTo)) return;
      return show(ctx, browserSession, { returnTo, email, again });
    }
    if (email === '' || password === '')
      return refuse(
        {
          ...(email === '' && { email: problems.noEmail }),
          ...(password === '' && { password: problems.noPassword }),
        },
        400,
      );
    try {
      const origin = originOf(ctx, cookies, browserSession);
      const signedIn = await signIn({ email, password, ...origin });
      if (cookies.get(ctx, 'way')) cookies.set(ctx, 'way', 'password');
      finishSignIn(ctx, cookies, signedIn, returnTo);
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      noteRefusal(ctx, refusalOfSignIn(error, ctx.ip));
      if (error.reason === 'wrong') return refuse(signInRefused.wrong, 400);
      if (error.reason === 'busy') {
        ctx.set('Retry-After', '5');
        return refuse(signInRefused.busy, 503);
      }
      if (error.reason === 'paused') return showPaused(ctx, browserSession);
      return refuse(tooManyAttempts(ctx, { retryAfter: error.retryAfter ?? 60 }, messages), 429);
    }
  });
}
