/** THE SECOND FACTOR by a code, of an authenticator app or a recovery code: in a sign-in, and in a session. */
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { orUnavailable } from '../database/retry.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { type Authenticators, amrOfCode } from './authenticator.ts';
import { createFactorAttempts, FactorRefused } from './factor-attempts.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { PendingSignIn } from './pending-sign-in.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import { rememberBrowser } from './remembered-browsers.ts';
import { byPerson, lockAccount, proveInSession } from './sessions.ts';
import type { CompletionOrigin, SignInCompletion, SignInOutcome } from './sign-in-completion.ts';

/** A code that a person typed. */
export interface TypedCode {
  kind: 'authenticator' | 'recovery';
  code: string;
}

export function createFactorStep({
  database: { kysely },
  limits,
  knownBrowsers,
  authenticators,
  recoveryCodes,
  completion,
  rememberedBrowserDays,
}: {
  database: Pick<Database, 'kysely'>;
  limits: Limits;
  knownBrowsers: KnownBrowsers;
  authenticators: Pick<Authenticators, 'use' | 'describe'>;
  recoveryCodes: Pick<RecoveryCodes, 'use' | 'state'>;
  completion: Pick<SignInCompletion, 'continueSignIn'>;
  /** How long browsers can be remembered; 0: not. */
  rememberedBrowserDays: number;
}) {
  const attempt = createFactorAttempts({ limits });

  /** Uses the code in the transaction, then runs `then` in it. Throws FactorRefused. */
  const prove = async <Result>(
    {
      accountId,
      ip,
      isKnownBrowser,
    }: { accountId: string; ip: string | undefined; isKnownBrowser: boolean },
    { kind, code }: TypedCode,
    then: (transaction: Connection) => Promise<Result>,
  ): Promise<Result> => {
    const isGuessable = kind === 'authenticator';
    const succeeded = await attempt({ accountId, ip, isKnownBrowser, isGuessable });
    const factor = isGuessable ? authenticators : recoveryCodes;
    const result = await orUnavailable(() =>
      kysely.transaction().execute(async (transaction) => {
        await lockAccount(transaction, accountId);
        return byPerson(accountId, ip, async () => {
          if (!(await factor.use(transaction, accountId, code))) throw new FactorRefused('wrong');
          return then(transaction);
        });
      }),
    );
    await succeeded();
    return result;
  };

  return {
    /** The ways in which an account can prove a second factor by a code. */
    async waysOf(accountId: string): Promise<{ authenticator: boolean; recoveryCodes: boolean }> {
      const [authenticator, { left }] = await Promise.all([
        authenticators.describe(accountId),
        recoveryCodes.state(accountId),
      ]);
      return { authenticator: authenticator !== undefined, recoveryCodes: left > 0 };
    },

    /** Whether a person can choose that their browser is remembered. */
    canRemember: rememberedBrowserDays > 0,
    rememberedBrowserDays,

    /**
     * Continues a sign-in with a code. With `remember`, later sign-ins in this browser need none; `remembered` is for its
     * cookie. Throws FactorRefused and SignInExpired.
     */
    async signInWithCode(
      pending: PendingSignIn,
      typed: TypedCode,
      { remember, origin }: { remember: boolean; origin: CompletionOrigin },
    ): Promise<{ signIn: SignInOutcome; remembered: string | undefined }> {
      const account = { id: pending.accountId, passwordVersion: pending.passwordVersion };
      const isKnownBrowser = knownBrowsers.recognize(origin.knownBrowser, account) !== undefined;
      return prove(
        { accountId: account.id, ip: origin.ip, isKnownBrowser },
        typed,
        async (transaction) => {
          const remembered =
            remember && rememberedBrowserDays > 0
              ? await rememberBrowser(transaction, account, origin, rememberedBrowserDays)
              : undefined;
          const step = { done: 'factor', amr: amrOfCode, hasFactor: true } as const;
          const signIn = await completion.continueSignIn(pending, step, origin, transaction);
          return { signIn, remembered };
        },
      );
    },

    /**
     * Proves a second factor in a session, for what requires one. Returns the new value of the session; undefined if it
     * has ended. Throws FactorRefused.
     */
    raiseWithCode: (
      {
        accountId,
        sessionId,
        ip,
      }: { accountId: string; sessionId: string; ip: string | undefined },
      typed: TypedCode,
    ): Promise<string | undefined> =>
      prove({ accountId, ip, isKnownBrowser: true }, typed, (transaction) =>
        proveInSession(transaction, accountId, sessionId, amrOfCode),
      ),
  };
}

export type FactorStep = ReturnType<typeof createFactorStep>;
