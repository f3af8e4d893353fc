import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Messages } from '../../../views/messages/index.ts';
import {
  type RegisterProps,
  type RegistrationProps,
  registerSent,
  register as registerView,
  registrationGone,
  registration as registrationView,
  registrationWaits,
} from '../../../views/sign-in/register.ts';
import type { Registration } from '../../domain/accounts/registration/registration.ts';
import type { SignInCompletion } from '../../domain/accounts/sign-in-completion.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { queryValue, readForm } from '../../http/form.ts';
import { logPathAs } from '../../http/log-text.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { rememberReturn, takeReturn } from '../framework/pending-return.ts';
import { registrationProblem } from '../framework/refusals.ts';
import { readReturnTo, signInPath } from '../framework/return-to.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { finishSignIn, originOf } from './finish.ts';
import type { MailDelivery } from './forgot.ts';
import { createRequestingApp } from './requesting-app.ts';

type Dependencies = Parameters<typeof createRequestingApp>[0] & {
  pages: Pages;
  cookies: Cookies;
  /** Undefined if people cannot register; these pages are then not reachable. */
  accountRegistration: Registration | undefined;
  completion: Pick<SignInCompletion, 'completeSignIn'>;
  noteRefusal: RefusalLog['note'];
  mailDelivery: MailDelivery;
};

/** `/register` and `/registration`: people create an account, with a link that is sent to their address. */
export function registerPages(router: Router, dependencies: Dependencies): void {
  const {
    pages,
    cookies,
    accountRegistration: registration,
    completion,
    noteRefusal,
  } = dependencies;
  const requestingApp = createRequestingApp(dependencies);
  const needsApproval = registration?.rules.mode === 'approval';
  const isOutbox = dependencies.mailDelivery === 'outbox';

  const saying = (messages: Messages) => ({
    messages,
    say: registrationProblem(messages, offered().rules.domains),
  });

  const offered = (): Registration => {
    if (!registration) throw new OAuthError('not_found', '');
    return registration;
  };

  const show = async (
    ctx: Context,
    browserSession: BrowserSession,
    props: Pick<RegisterProps, 'returnTo' | 'email' | 'problem' | 'problems'>,
    status = 200,
  ) => {
    const { domains } = offered().rules;
    const app = await requestingApp(ctx, props.returnTo);
    await pages.show(
      ctx,
      browserSession,
      (frame) =>
        registerView(frame, {
          ...props,
          app,
          domains: domains.length > 0 ? domains : undefined,
          needsApproval,
          isOutbox,
          // An app that asked for a new account accepts a new sign-in as well.
          signInHref: signInPath(props.returnTo, false, {
            switches: browserSession.session !== undefined,
          }),
        }),
      { status },
    );
  };

  router.get('/register', async (ctx) => {
    const browserSession = await pages.browserSession(ctx);
    const returnTo = readReturnTo(queryValue(ctx, 'return_to') ?? undefined);
    rememberReturn(ctx, cookies, returnTo);
    await show(ctx, browserSession, { returnTo, email: queryValue(ctx, 'login_hint') ?? '' });
  });

  router.post('/register', async (ctx) => {
    const form = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const { email = '' } = form;
    const returnTo = readReturnTo(form['return_to']);
    const again = (
      refused: Pick<RegisterProps, 'problem' | 'problems'>,
      status: number,
    ): Promise<void> => show(ctx, browserSession, { returnTo, email, ...refused }, status);
    const messages = pages.messages(ctx);
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return again({ problem: messages.problems.stale }, 403);
    try {
      await tryForm<'email'>(
        async () => {
          await offered().request({ email, ip: ctx.ip });
          await pages.show(ctx, browserSession, (frame) =>
            registerSent(frame, { email: email.trim(), isOutbox }),
          );
        },
        ({ problems, general, status }) => again({ problems, problem: general }, status),
        { email: 'email' },
        saying(messages),
      );
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      noteRefusal(ctx, { reason: 'registration: limited' });
      return again({ problem: tooManyAttempts(ctx, error, messages) }, 429);
    }
  });

  const gone = (ctx: Context, browserSession: BrowserSession) =>
    pages.show(ctx, browserSession, (frame) => registrationGone(frame), { status: 404 });

  const showForm = async (
    ctx: Context,
    browserSession: BrowserSession,
    props: Omit<RegistrationProps, 'email' | 'needsApproval'>,
    status = 200,
  ) => {
    const found = await offered().find(props.value);
    if (!found) return gone(ctx, browserSession);
    await pages.show(
      ctx,
      // The link is not about the person who is signed in.
      { ...browserSession, session: undefined },
      (frame) => registrationView(frame, { ...props, ...found, needsApproval }),
      { status },
    );
  };

  router.get('/registration/:value', async (ctx) => {
    logPathAs(ctx, '/registration/[…]');
    await showForm(ctx, await pages.browserSession(ctx), { value: String(ctx['params']['value']) });
  });

  router.post('/registration', async (ctx) => {
    const form = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    const { value = '', name = '', password = '', repeat = '' } = form;
    const acceptsTerms = 'terms' in form;
    const again = (
      refused: Pick<RegistrationProps, 'problem' | 'problems'>,
      status: number,
    ): Promise<void> =>
      showForm(ctx, browserSession, { value, name, acceptsTerms, ...refused }, status);
    const messages = pages.messages(ctx);
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return again({ problem: messages.problems.stale }, 403);
    await tryForm<'name' | 'password' | 'repeat' | 'terms'>(
      async () => {
        const registered = await offered().confirm({
          value,
          name,
          password,
          repeat,
          acceptsTerms,
          ip: ctx.ip,
        });
        if (!registered) return gone(ctx, browserSession);
        if (registered.isWaiting)
          return pages.show(ctx, { ...browserSession, session: undefined }, (frame) =>
            registrationWaits(frame),
          );
        const { accountId, passwordVersion } = registered;
        const signIn = await completion.completeSignIn({
          accountId,
          amr: ['pwd'],
          passwordVersion,
          isStrong: false,
          // The link was sent to the address, as a code would be.
          done: ['email_code'],
          origin: originOf(ctx, cookies, browserSession),
        });
        const returnTo = takeReturn(ctx, cookies);
        finishSignIn(
          ctx,
          cookies,
          signIn,
          returnTo === '/account' ? withNotice(returnTo, 'registered') : returnTo,
        );
      },
      ({ problems, general, status }) => again({ problems, problem: general }, status),
      { name: 'name', password: 'password', repeat: 'repeat', terms: 'terms' },
      saying(messages),
    );
  });
}
