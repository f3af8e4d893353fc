import type Router from '@koa/router';
import type { Context } from 'koa';
import { type SignInFactorProps, signInFactor } from '../../../views/sign-in/factor.ts';
import { FactorRefused } from '../../domain/accounts/factor-attempts.ts';
import type { FactorStep } from '../../domain/accounts/factor-step.ts';
import type { PendingSignIn } from '../../domain/accounts/pending-sign-in.ts';
import { type SignInCompletion, SignInExpired } from '../../domain/accounts/sign-in-completion.ts';
import { networkOf } from '../../domain/limits/ip-address.ts';
import type { PasskeysDomain } from '../../domain/passkeys/index.ts';
import { queryValue, readForm } from '../../http/form.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { readReturnTo, signInPath } from '../framework/return-to.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { factorPasskeyPages } from './factor-passkey.ts';
import { finishSignIn, originOf } from './finish.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  completion: Pick<SignInCompletion, 'openPending'>;
  factorStep: FactorStep;
  /** Absent if browsers allow this server no passkeys. */
  passkeys?: PasskeysDomain | undefined;
  /** Takes failed attempts for the log. */
  noteRefusal: RefusalLog['note'];
}

const path = '/sign-in/factor';

/** Who is asked: a person whose sign-in is not complete, or one who is signed in and confirms an action. */
interface Asked {
  accountId: string;
  /** The sign-in; undefined in a session. */
  pending: PendingSignIn | undefined;
}

/** `/sign-in/factor`: a person proves a second factor by a code. */
export function signInFactorPages(
  router: Router,
  { pages, cookies, completion, factorStep, passkeys, noteRefusal }: Dependencies,
): void {
  const asked = (ctx: Context, visitor: BrowserSession): Asked | undefined => {
    const origin = originOf(ctx, cookies, visitor);
    const pending = completion.openPending(cookies.get(ctx, 'pending_sign_in'), origin);
    const accountId = pending?.accountId ?? visitor.session?.account.id;
    return accountId === undefined ? undefined : { accountId, pending };
  };

  const startAgain = (ctx: Context, returnTo: string) =>
    seeOther(ctx, withNotice(signInPath(returnTo), 'sign_in_expired'));

  const show = async (
    ctx: Context,
    visitor: BrowserSession,
    { accountId, pending }: Asked,
    kind: SignInFactorProps['kind'] | undefined,
    {
      returnTo,
      status = 200,
      ...refused
    }: Pick<SignInFactorProps, 'returnTo' | 'problem' | 'problems'> & { status?: number },
  ) => {
    const [ways, ownPasskeys] = await Promise.all([
      factorStep.waysOf(accountId),
      passkeys?.list(accountId) ?? [],
    ]);
    const kinds = [
      ...(ownPasskeys.length > 0 ? (['passkey'] as const) : []),
      ...(ways.authenticator ? (['authenticator'] as const) : []),
      ...(ways.recoveryCodes ? (['recovery'] as const) : []),
    ];
    const shown = kinds.find((one) => one === kind) ?? kinds[0] ?? 'recovery';
    const to = (other: string) =>
      `${path}?${new URLSearchParams({ kind: other, return_to: returnTo })}`;
    await pages.show(
      ctx,
      // A sign-in that is not complete is not about the person who is signed in.
      pending ? { ...visitor, session: undefined } : visitor,
      (frame) =>
        signInFactor(frame, {
          kind: shown,
          returnTo,
          otherWays: kinds
            .filter((one) => one !== shown)
            .map((one) => ({ kind: one, href: to(one) })),
          rememberDays: pending ? factorStep.rememberedBrowserDays : 0,
          again: !pending,
          ...refused,
        }),
      { status, calls: shown === 'passkey' },
    );
  };

  if (passkeys)
    factorPasskeyPages(router, {
      pages,
      cookies,
      passkeys,
      noteRefusal,
      asked,
      startAgain,
      refuse: (ctx, visitor, person, refused) => show(ctx, visitor, person, 'passkey', refused),
    });

  router.get(path, async (ctx) => {
    const visitor = await pages.browserSession(ctx);
    const returnTo = readReturnTo(queryValue(ctx, 'return_to') ?? undefined);
    const person = asked(ctx, visitor);
    if (!person) return startAgain(ctx, returnTo);
    await show(ctx, visitor, person, kindOf(queryValue(ctx, 'kind')), { returnTo });
  });

  router.post(path, async (ctx) => {
    const form = await readForm(ctx);
    const visitor = await pages.browserSession(ctx);
    const returnTo = readReturnTo(form['return_to']);
    const person = asked(ctx, visitor);
    if (!person) return startAgain(ctx, returnTo);
    const kind = form['kind'] === 'recovery' ? 'recovery' : 'authenticator';
    const refuse = (refused: Pick<SignInFactorProps, 'problem' | 'problems'>, status: number) =>
      show(ctx, visitor, person, kind, { ...refused, returnTo, status });
    const messages = pages.messages(ctx);
    const { problems } = messages;
    if (!visitor.isOurs(ctx, form, 'anyone')) return refuse({ problem: problems.stale }, 403);
    const { code = '' } = form;
    if (code === '') return refuse({ problems: { code: problems.noCode } }, 400);
    try {
      if (person.pending) {
        const { signIn, remembered } = await factorStep.signInWithCode(
          person.pending,
          { kind, code },
          { remember: 'remember' in form, origin: originOf(ctx, cookies, visitor) },
        );
        if (remembered) cookies.set(ctx, 'remembered', remembered);
        return finishSignIn(ctx, cookies, signIn, returnTo);
      }
      const value = await factorStep.raiseWithCode(
        { accountId: person.accountId, sessionId: visitor.session?.id ?? '', ip: ctx.ip },
        { kind, code },
      );
      if (!value) return startAgain(ctx, returnTo);
      cookies.set(ctx, 'session', value);
      seeOther(ctx, returnTo);
    } catch (error) {
      if (error instanceof SignInExpired) return startAgain(ctx, returnTo);
      if (!(error instanceof FactorRefused)) throw error;
      noteRefusal(ctx, {
        reason: `second factor: ${error.reason}`,
        accountId: person.accountId,
        network: networkOf(ctx.ip),
        isAuthentication: true,
      });
      if (error.reason === 'limited')
        return refuse(
          { problem: tooManyAttempts(ctx, { retryAfter: error.retryAfter ?? 60 }, messages) },
          429,
        );
      await refuse(
        {
          problems: {
            code: kind === 'recovery' ? problems.wrongRecoveryCode : problems.wrongAppCode,
          },
        },
        400,
      );
    }
  });
}

const kinds = ['passkey', 'authenticator', 'recovery'] as const;

/** Undefined: the best way that the account has. */
const kindOf = (given: string | null): SignInFactorProps['kind'] | undefined =>
  kinds.find((kind) => kind === given);
