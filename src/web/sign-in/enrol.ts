import type Router from '@koa/router';
import type { Context } from 'koa';
import { deviceTitle } from '../../../views/components/device-name.ts';
import {
  enrolRecoveryCodes,
  type SignInEnrolProps,
  signInEnrol,
} from '../../../views/sign-in/enrol.ts';
import { sha256 } from '../../crypto/digest.ts';
import { type Authenticators, amrOfCode } from '../../domain/accounts/authenticator.ts';
import { FactorRefused } from '../../domain/accounts/factor-attempts.ts';
import type { PendingSignIn } from '../../domain/accounts/pending-sign-in.ts';
import { type SignInCompletion, SignInExpired } from '../../domain/accounts/sign-in-completion.ts';
import { keyUri } from '../../domain/accounts/totp.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import type { PasskeysDomain } from '../../domain/passkeys/index.ts';
import { PasskeyRefused } from '../../domain/passkeys/refusal.ts';
import { queryValue, readForm } from '../../http/form.ts';
import { userAgentOf } from '../../http/text.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type BrowserSession, secretOfBrowser } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { answerOptions, seeOther } from '../framework/page-renderer.ts';
import { qrCode } from '../framework/qr.ts';
import { passkeyProblem } from '../framework/refusals.ts';
import { factorPath, readReturnTo, signInPath } from '../framework/return-to.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { finishSignIn, originOf, stepPath } from './finish.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  brandName: string;
  completion: Pick<SignInCompletion, 'openPending' | 'nextStep' | 'continueSignIn'>;
  authenticators: Pick<Authenticators, 'begin' | 'resume' | 'confirm'>;
  /** Undefined if browsers allow this server no passkeys. */
  passkeys: Pick<PasskeysDomain, 'registration'> | undefined;
}

const path = '/sign-in/enrol';

/** Who sets up a factor: a person whose sign-in is not complete, or one who is signed in without a factor. */
interface Enrolling {
  accountId: string;
  /** What the person is called in the app. */
  label: string;
  /** The session, or what stands for one until the sign-in is complete. */
  sessionId: string;
  /** The sign-in; undefined in a session. */
  pending: PendingSignIn | undefined;
}

/** What the key of an authenticator app is bound to while there is no session: a UUID that only this browser has. */
function standInFor(browser: string): string {
  const hex = sha256(`enrolment ${browser}`).toString('hex');
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...groups, hex.slice(20, 32)].join('-');
}

/** `/sign-in/enrol`: a person sets up the second factor that a policy or a client requires, and goes on. */
export function signInEnrolPages(router: Router, dependencies: Dependencies): void {
  const { pages, cookies, brandName, completion, authenticators, passkeys } = dependencies;

  const startAgain = (ctx: Context, returnTo: string) =>
    seeOther(ctx, withNotice(signInPath(returnTo), 'sign_in_expired'));

  /** Runs for a person who lacks a factor; others are led to where they go on. */
  const enrolling = async (
    ctx: Context,
    visitor: BrowserSession,
    returnTo: string,
    run: (person: Enrolling) => Promise<void>,
  ): Promise<void> => {
    const { session } = visitor;
    const origin = originOf(ctx, cookies, visitor);
    const pending = completion.openPending(cookies.get(ctx, 'pending_sign_in'), origin);
    if (pending) {
      // Who has a factor proves it, and does not set up another one with only the password.
      const next = await completion.nextStep(pending, origin).catch((error: unknown) => {
        if (error instanceof SignInExpired) return undefined;
        throw error;
      });
      if (next !== 'enrol')
        return seeOther(ctx, next ? stepPath(next, returnTo) : signInPath(returnTo));
      const { accountId } = pending;
      const sessionId = standInFor(secretOfBrowser(ctx, cookies));
      return run({ accountId, label: '', sessionId, pending });
    }
    if (!session) return startAgain(ctx, returnTo);
    if (session.hasFactor)
      return seeOther(ctx, session.factorAt === null ? factorPath(returnTo) : returnTo);
    // The page that asked leads here again.
    if (!session.recent) return seeOther(ctx, signInPath(returnTo, true));
    const { id: accountId, email, name } = session.account;
    return run({ accountId, label: email ?? name, sessionId: session.id, pending: undefined });
  };

  const show = (
    ctx: Context,
    visitor: BrowserSession,
    { accountId, label, sessionId, pending }: Enrolling,
    {
      returnTo,
      sealed,
      status = 200,
      ...refused
    }: Pick<SignInEnrolProps, 'returnTo' | 'problem' | 'problems'> & {
      sealed?: string | undefined;
      status?: number;
    },
  ) => {
    const setUp =
      (sealed && authenticators.resume(accountId, sessionId, sealed)) ||
      authenticators.begin(accountId, sessionId);
    const image = qrCode(keyUri(setUp.secret, { issuer: brandName, label: label || brandName }));
    return pages.show(
      ctx,
      // A sign-in that is not complete is not about the person who is signed in.
      pending ? { ...visitor, session: undefined } : visitor,
      (frame) =>
        signInEnrol(frame, {
          returnTo,
          key: setUp.secret.match(/.{1,4}/g)?.join(' ') ?? '',
          sealed: setUp.sealed,
          qrCode: `data:image/svg+xml;base64,${Buffer.from(image).toString('base64')}`,
          passkeys: passkeys !== undefined,
          ...refused,
        }),
      { status, calls: passkeys !== undefined },
    );
  };

  /** Completes the sign-in, and shows the recovery codes if there are new ones. */
  const goOn = async (
    ctx: Context,
    visitor: BrowserSession,
    { pending }: Enrolling,
    {
      amr,
      codes,
      returnTo,
      session,
    }: {
      amr: readonly string[];
      codes: string[] | undefined;
      returnTo: string;
      session?: string | undefined;
    },
  ): Promise<void> => {
    if (session) cookies.set(ctx, 'session', session);
    if (pending) {
      const origin = originOf(ctx, cookies, visitor);
      const step = { done: 'enrol', amr, hasFactor: true } as const;
      finishSignIn(ctx, cookies, await completion.continueSignIn(pending, step, origin), returnTo);
    } else seeOther(ctx, returnTo);
    if (!codes) return;
    const continued = ctx.response.get('Location');
    ctx.remove('Location');
    await pages.show(ctx, { ...visitor, session: undefined }, (frame) =>
      enrolRecoveryCodes(frame, { codes, returnTo: continued }),
    );
  };

  router.get(path, async (ctx) => {
    const visitor = await pages.browserSession(ctx);
    const returnTo = readReturnTo(queryValue(ctx, 'return_to') ?? undefined);
    await enrolling(ctx, visitor, returnTo, (person) => show(ctx, visitor, person, { returnTo }));
  });

  router.post(path, async (ctx) => {
    const form = await readForm(ctx);
    const visitor = await pages.browserSession(ctx);
    const returnTo = readReturnTo(form['return_to']);
    await enrolling(ctx, visitor, returnTo, async (person) => {
      const { key: sealed = '', code = '' } = form;
      const refuse = (refused: Pick<SignInEnrolProps, 'problem' | 'problems'>, status: number) =>
        show(ctx, visitor, person, { ...refused, returnTo, sealed, status });
      const messages = pages.messages(ctx);
      const { problems } = messages;
      if (!visitor.isOurs(ctx, form, 'anyone')) return refuse({ problem: problems.stale }, 403);
      if (code === '') return refuse({ problems: { code: problems.noCode } }, 400);
      const { accountId, sessionId } = person;
      try {
        const confirmed = await authenticators.confirm({
          accountId,
          sessionId,
          sealed,
          code,
          ip: ctx.ip,
          onlyFirst: true,
        });
        const { session, recoveryCodes: codes } = confirmed;
        await goOn(ctx, visitor, person, { amr: amrOfCode, codes, returnTo, session });
      } catch (error) {
        // The key has expired, or a factor was set up in another tab.
        if (error instanceof SignInExpired) return startAgain(ctx, returnTo);
        if (error instanceof OAuthError && error.code === 'conflict')
          return startAgain(ctx, returnTo);
        if (!(error instanceof FactorRefused)) throw error;
        if (error.reason === 'limited')
          return refuse(
            { problem: tooManyAttempts(ctx, { retryAfter: error.retryAfter ?? 60 }, messages) },
            429,
          );
        await refuse(
          {
            problems: { code: problems.wrongAppCode },
          },
          400,
        );
      }
    });
  });

  if (!passkeys) return;
  const { registration } = passkeys;

  router.get(`${path}/passkey/options`, async (ctx) => {
    const visitor = await pages.browserSession(ctx);
    await enrolling(ctx, visitor, '/account', async ({ accountId }) =>
      answerOptions(ctx, await registration.options(accountId, secretOfBrowser(ctx, cookies))),
    );
  });

  router.post(`${path}/passkey`, async (ctx) => {
    const form = await readForm(ctx);
    const visitor = await pages.browserSession(ctx);
    const returnTo = readReturnTo(form['return_to']);
    await enrolling(ctx, visitor, returnTo, async (person) => {
      const { accountId, sessionId } = person;
      const refuse = (problem: string, status: number) =>
        show(ctx, visitor, person, { problem, returnTo, status });
      if (!visitor.isOurs(ctx, form, 'anyone'))
        return refuse(pages.messages(ctx).problems.stale, 403);
      try {
        const added = await actingAs({ kind: 'account', id: accountId, ip: ctx.ip }, () =>
          registration.add({
            accountId,
            sessionId,
            browser: secretOfBrowser(ctx, cookies),
            response: form['credential'] ?? '',
            device: deviceTitle(userAgentOf(ctx)),
            onlyFirst: true,
          }),
        );
        const { session, recoveryCodes: codes, amr } = added;
        await goOn(ctx, visitor, person, { amr, codes, returnTo, session });
      } catch (error) {
        if (error instanceof SignInExpired) return startAgain(ctx, returnTo);
        if (error instanceof OAuthError && error.code === 'conflict')
          return startAgain(ctx, returnTo);
        if (!(error instanceof PasskeyRefused)) throw error;
        await refuse(passkeyProblem(error, pages.messages(ctx)), 400);
      }
    });
  });
}
