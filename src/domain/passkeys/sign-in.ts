import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { attempts as allowed } from '../../../config/attempts.ts';
import type { PendingSignIn } from '../accounts/pending-sign-in.ts';
import { rememberBrowser } from '../accounts/remembered-browsers.ts';
import { proveInSession } from '../accounts/sessions.ts';
import { createAttempts } from '../accounts/sign-in-attempts.ts';
import {
  type CompletionOrigin,
  type SignInCompletion,
  SignInExpired,
  type SignInOutcome,
} from '../accounts/sign-in-completion.ts';
import { networkOf } from '../limits/ip-address.ts';
import { LimitReached, type Limits } from '../limits/rate-limits.ts';
import type { Assertions } from './assertions.ts';
import type { Challenged } from './challenges.ts';
import { PasskeyRefused } from './refusal.ts';

/** The answer of a browser that was asked for a passkey. */
interface Answer {
  /** JSON, as `PublicKeyCredential.toJSON()` returns it. */
  response: string;
  origin: CompletionOrigin & { browser: string };
}

/**
 * Signs people in with passkeys: without a password, again in a session, and as a second factor after a password. A network has
 * a limit for refused ones; no one can use up the attempts of an account, since an answer that is not its owner's is not counted
 * for it.
 */
export function createPasskeySignIn({
  assertions,
  completion,
  limits,
  rememberedBrowserDays,
}: {
  assertions: Assertions;
  completion: Pick<SignInCompletion, 'completeSignIn' | 'continueSignIn'>;
  limits: Limits;
  /** How long browsers can be remembered; 0: not. */
  rememberedBrowserDays: number;
}) {
  const fromAddress = limits.limit('passkey-address', allowed.fromAddress);
  const rightOfAccount = limits.limit('passkey-right', allowed.rightOfAccount);
  const { resetWrongInARow } = createAttempts({ limits });

  /** Verifies an answer within the limits. */
  const check = async ({ response, origin }: Answer, challenged: Challenged) => {
    const network = networkOf(origin.ip);
    try {
      await fromAddress.consume(network);
      const checked = await assertions.check(response, challenged);
      await Promise.all([
        fromAddress.giveBack(network),
        rightOfAccount.consume(checked.passkey.account_id),
        checked.passkey.email !== null && resetWrongInARow(checked.passkey.email),
      ]);
      return checked;
    } catch (cause) {
      if (!(cause instanceof LimitReached)) throw cause;
      throw new PasskeyRefused('limited', { retryAfter: cause.retryAfter, cause });
    }
  };

  /** The account was disabled, or its password changed, in the meantime. */
  const unlessExpired = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    try {
      return await run();
    } catch (cause) {
      throw cause instanceof SignInExpired ? new PasskeyRefused('expired', { cause }) : cause;
    }
  };

  return {
    /**
     * What a browser asks for a passkey with. With `accountId`, of that account, whose person is signed in and confirms it;
     * undefined if it has none.
     */
    async options(
      browser: string,
      accountId?: string | undefined,
    ): Promise<PublicKeyCredentialRequestOptionsJSON | undefined> {
      if (accountId === undefined) return assertions.options({ purpose: 'sign-in', browser });
      const own = await assertions.ofAccount(accountId, { verified: true });
      return own.length === 0
        ? undefined
        : assertions.options({ purpose: 'again', browser, accountId }, own);
    },

    /**
     * The same for the second factor of an account: of a sign-in, or in a session. Undefined if it has no passkey.
     */
    async factorOptions(
      browser: string,
      accountId: string,
      purpose: 'factor' | 'raise' = 'factor',
    ): Promise<PublicKeyCredentialRequestOptionsJSON | undefined> {
      const own = await assertions.ofAccount(accountId);
      return own.length === 0
        ? undefined
        : assertions.options({ purpose, browser, accountId }, own);
    },

    /** Signs a person in without a password, or the signed-in person `accountId` again. Throws PasskeyRefused. */
    async signIn(answer: Answer & { accountId?: string | undefined }): Promise<SignInOutcome> {
      const { origin, accountId } = answer;
      const checked = await check(answer, {
        purpose: accountId === undefined ? 'sign-in' : 'again',
        browser: origin.browser,
        accountId,
      });
      return unlessExpired(() =>
        assertions.redeem(checked, origin.ip, (transaction, proof) =>
          completion.completeSignIn({ ...proof, isStrong: true, origin }, transaction),
        ),
      );
    },

    /**
     * Continues a sign-in whose password was right. With `remember`, later sign-ins in this browser need no second factor;
     * `remembered` is for its cookie. Throws PasskeyRefused.
     */
    async proveFactor(
      answer: Answer & { pending: PendingSignIn; remember?: boolean | undefined },
    ): Promise<{ signIn: SignInOutcome; remembered: string | undefined }> {
      const { origin, pending, remember = false } = answer;
      const { accountId, passwordVersion } = pending;
      const checked = await check(answer, {
        purpose: 'factor',
        browser: origin.browser,
        accountId,
      });
      return unlessExpired(() =>
        assertions.redeem(checked, origin.ip, async (transaction, { amr }) => {
          const remembered =
            remember && rememberedBrowserDays > 0
              ? await rememberBrowser(
                  transaction,
                  { id: accountId, passwordVersion },
                  origin,
                  rememberedBrowserDays,
                )
              : undefined;
          const step = { done: 'factor', amr, hasFactor: true } as const;
          const signIn = await completion.continueSignIn(pending, step, origin, transaction);
          return { signIn, remembered };
        }),
      );
    },

    /**
     * Proves a second factor in a session. Returns the new value of its cookie; undefined if it has ended. Throws
     * PasskeyRefused.
     */
    async raise(
      answer: Answer & { accountId: string; sessionId: string },
    ): Promise<string | undefined> {
      const { origin, accountId, sessionId } = answer;
      const { browser, ip } = origin;
      const checked = await check(answer, { purpose: 'raise', browser, accountId });
      return assertions.redeem(checked, ip, (transaction, { amr }) =>
        proveInSession(transaction, accountId, sessionId, amr),
      );
    },
  };
}

export type PasskeySignIn = ReturnType<typeof createPasskeySignIn>;
