/**
 * WHEN A SIGN-IN IS COMPLETE. Every way to sign in ends here, with what it has proven: a password, a link, a passkey,
 * another provider. The requirements, in their order, say what the person must do before the session begins.
 */
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { sha256 } from '../../crypto/digest.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { orUnavailable } from '../database/retry.ts';
import { networkOf } from '../limits/ip-address.ts';
import { recordMail } from '../mail/outbox.ts';
import { hasSecondFactor } from './account-factors.ts';
import type { FactorPolicy } from './factor-policy.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { passwordVersion } from './password-version.ts';
import type { NextStep, PendingSignIn, PendingSignIns } from './pending-sign-in.ts';
import { isRememberedBrowser } from './remembered-browsers.ts';
import {
  byPerson,
  hasProvenFactor,
  type Sessions,
  type SignInOrigin,
  type UpstreamSession,
} from './sessions.ts';

/** Where a sign-in comes from. */
export interface CompletionOrigin extends SignInOrigin {
  /** The mark from an earlier sign-in in this browser (`known-browsers.ts`). */
  knownBrowser?: string | undefined;
  /** The mark of a browser that is not asked for a second factor (`remembered-browsers.ts`). */
  rememberedBrowser?: string | undefined;
  /** A secret that only this browser has: a sign-in that is not complete continues in the same browser. */
  browser?: string | undefined;
}

/** The first thing that a person has proven. */
export interface FirstProof {
  accountId: string;
  /** How (RFC 8176): `pwd`, `hwk`, `swk`, `user`, `otp`, `mfa`, and `fed` for another identity provider. */
  amr: readonly string[];
  /** The version of the password that was proven: it must still be current. */
  passwordVersion?: string | null | undefined;
  /** A passkey with user verification, which needs no second factor. */
  isStrong: boolean;
  /** The account or the network had many wrong passwords. */
  isUnderAttack?: boolean | undefined;
  /** Steps that the proof makes unnecessary: a link that was sent by email proves as much as a code. */
  done?: readonly NextStep[] | undefined;
  /** The session at the other identity provider, for its sign-out. */
  upstream?: UpstreamSession | undefined;
  /** When the person proved it there, if that was before this sign-in: acts that need a recent sign-in ask again. */
  provenAt?: Date | undefined;
  origin: CompletionOrigin;
}

/** The result of a step of a sign-in in a browser. */
export type SignInOutcome = SignedIn | NeedsMore;

/** The person is signed in. */
export interface SignedIn {
  outcome: 'signed_in';
  accountId: string;
  /** Value of the session cookie. */
  value: string;
  /** Value of the cookie that marks this browser as known to the account. */
  knownBrowser: string;
}

/** The person must do more first. */
export interface NeedsMore {
  outcome: 'more';
  next: NextStep;
  /** Value of the cookie with what has been proven, valid for `lifetimes.pendingSignIn`. */
  pending: string;
}

/** The password was changed, the account disabled, or too much time has passed: the person signs in from the start. */
export class SignInExpired extends OAuthError {
  constructor() {
    super('access_denied', 'This sign-in is no longer valid. Sign in again.');
    this.name = 'SignInExpired';
  }
}

/** What the requirements know about the account. Its row is locked. */
export interface SignInFacts {
  passwordVersion: string | null;
  email: string | null;
  roles: readonly string[];
  /** Whether the account has signed in with its current password in this browser before. */
  isKnownBrowser: boolean;
  /** Whether the account has ever signed in. */
  hasSignedIn: boolean;
  hasSecondFactor: boolean;
  /** Whether a second factor is required, and the account has none. */
  mustEnrol: boolean;
}

/** Decides whether the person must take a step that is not done. */
export type Requirement = (
  transaction: Connection,
  pending: PendingSignIn & { origin: CompletionOrigin },
  facts: SignInFacts,
) => Promise<NextStep | undefined> | NextStep | undefined;

/** A second factor, unless it was proven in the session that the browser has, or the browser is remembered. */
const secondFactor: Requirement = async (transaction, pending, facts) => {
  const { accountId, passwordVersion: version, hasFactor, origin } = pending;
  if (hasFactor || !facts.hasSecondFactor) return undefined;
  if (await hasProvenFactor(transaction, accountId, origin.previous)) return undefined;
  const account = { id: accountId, passwordVersion: version };
  return (await isRememberedBrowser(transaction, account, origin.rememberedBrowser))
    ? undefined
    : 'factor';
};

/** Setting up a second factor that a policy requires, if the account has none (`factor-policy.ts`). */
const enrolment: Requirement = (_transaction, { hasFactor }, { mustEnrol }) =>
  mustEnrol && !hasFactor ? 'enrol' : undefined;

/** What has been proven; without the version of the password, the current one counts. */
type Progress = Omit<PendingSignIn, 'passwordVersion'> & {
  passwordVersion?: string | null | undefined;
};

export function createSignInCompletion({
  database: { kysely },
  sessions,
  knownBrowsers,
  pendingSignIns,
  codeRequirement = () => undefined,
  factorPolicy,
}: {
  database: Pick<Database, 'kysely'>;
  sessions: Pick<Sessions, 'begin'>;
  knownBrowsers: KnownBrowsers;
  pendingSignIns: PendingSignIns;
  /** Whether a sign-in needs a code by email. It comes first: with a password alone no one sets up a second factor. */
  codeRequirement?: Requirement | undefined;
  factorPolicy: Pick<FactorPolicy, 'rememberRequirement'>;
}) {
  /** The first that applies comes next. */
  const requirements: readonly Requirement[] = [secondFactor, enrolment];

  /** The account, locked: a factor that is added at the same time counts. Throws SignInExpired. */
  const lock = async (
    transaction: Connection,
    { accountId, passwordVersion: version }: Pick<Progress, 'accountId' | 'passwordVersion'>,
  ) => {
    const account = await transaction
      .selectFrom('account')
      .select([
        'email',
        'roles',
        sql<boolean>`last_sign_in_at is not null`.as('hasSignedIn'),
        hasSecondFactor('account.id').as('hasSecondFactor'),
        sql<string | null>`${sql.raw(passwordVersion)}`.as('passwordVersion'),
      ])
      .where('id', '=', accountId)
      .where('disabled_at', 'is', null)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!account || (version !== undefined && version !== account.passwordVersion))
      throw new SignInExpired();
    return account;
  };

  /** What is proven of the account that is locked now, and the first step that is required and not done. */
  const evaluate = async (
    transaction: Connection,
    progress: Progress,
    origin: CompletionOrigin,
  ): Promise<{ pending: PendingSignIn; facts: SignInFacts; next: NextStep | undefined }> => {
    const account = await lock(transaction, progress);
    const { passwordVersion: version } = account;
    const pending: PendingSignIn = { ...progress, passwordVersion: version };
    const { accountId, done } = pending;
    const marked = { id: accountId, passwordVersion: version };
    const required = await factorPolicy.rememberRequirement(transaction, accountId);
    const facts: SignInFacts = {
      ...account,
      mustEnrol: required?.isDue === true && !account.hasSecondFactor,
      isKnownBrowser: knownBrowsers.recognize(origin.knownBrowser, marked) !== undefined,
    };
    const steps = done.includes('email_code') ? requirements : [codeRequirement, ...requirements];
    for (const requirement of steps) {
      const next = await requirement(transaction, { ...pending, origin }, facts);
      if (next && !done.includes(next)) return { pending, facts, next };
    }
    return { pending, facts, next: undefined };
  };

  const advance = async (
    transaction: Connection,
    progress: Progress,
    origin: CompletionOrigin,
  ): Promise<SignInOutcome> => {
    const { pending, facts, next } = await evaluate(transaction, progress, origin);
    if (next)
      return { outcome: 'more', next, pending: pendingSignIns.seal(pending, origin.browser ?? '') };
    const { accountId, passwordVersion: version, done } = pending;
    const { amr, hasFactor, upstream, authTime, factorTime } = pending;
    const { ip, userAgent, previous } = origin;
    // A link and a code have told the person as much.
    if (facts.hasSignedIn && !facts.isKnownBrowser && !done.includes('email_code'))
      await mailNewSignIn(transaction, accountId, origin);
    const { value } = await sessions.begin(
      accountId,
      { ip, userAgent, previous, amr, hasFactor, upstream, authTime, factorTime },
      transaction,
    );
    return {
      outcome: 'signed_in',
      accountId,
      value,
      knownBrowser: knownBrowsers.remember(
        { id: accountId, passwordVersion: version },
        origin.knownBrowser,
      ),
    };
  };

  return {
    /**
     * Begins a session after a first proof, or says what must come first. It comes last in its transaction. Throws
     * SignInExpired if the account is disabled or has another password by now.
     */
    completeSignIn: (
      { isStrong, done = [], provenAt, origin, ...proof }: FirstProof,
      transaction: Connection = kysely,
    ): Promise<SignInOutcome> => {
      const authTime = provenAt && Math.floor(provenAt.getTime() / 1000);
      const factorTime = isStrong ? authTime : undefined;
      const proven = { ...proof, hasFactor: isStrong, authTime, factorTime, done };
      return orUnavailable(() =>
        inTransaction(transaction, (inside) => advance(inside, proven, origin)),
      );
    },

    /**
     * Whether a person must prove or set up a second factor, for which a program that takes their password cannot ask.
     */
    async needsFactor(transaction: Connection, accountId: string): Promise<boolean> {
      const byPassword: Progress = {
        accountId,
        amr: ['pwd'],
        hasFactor: false,
        done: ['email_code'],
      };
      return (await evaluate(transaction, byPassword, {})).next !== undefined;
    },

    /** The step that a sign-in needs next; undefined if none. Throws SignInExpired. */
    nextStep: (pending: PendingSignIn, origin: CompletionOrigin): Promise<NextStep | undefined> =>
      orUnavailable(() =>
        kysely
          .transaction()
          .execute(async (transaction) => (await evaluate(transaction, pending, origin)).next),
      ),

    /** What the browser has proven so far; undefined if the person must sign in from the start. */
    openPending: (
      value: string | undefined,
      { browser }: Pick<CompletionOrigin, 'browser'>,
    ): PendingSignIn | undefined => pendingSignIns.open(value, browser),

    /**
     * Continues a sign-in after a step, which `done` names. `hasFactor`: the step proved a second factor. Otherwise as
     * `completeSignIn`.
     */
    continueSignIn: (
      pending: PendingSignIn,
      step: { done: NextStep; amr: readonly string[]; hasFactor: boolean },
      origin: CompletionOrigin,
      transaction: Connection = kysely,
    ): Promise<SignInOutcome> =>
      orUnavailable(() =>
        inTransaction(transaction, (inside) =>
          advance(
            inside,
            {
              ...pending,
              amr: [...new Set([...pending.amr, ...step.amr])],
              hasFactor: pending.hasFactor || step.hasFactor,
              ...(step.hasFactor && { factorTime: undefined }),
              done: [...pending.done, step.done],
            },
            origin,
          ),
        ),
      ),
  };
}

/** Queues an email about a sign-in from an unknown browser: one a day for a network and program, however often it forgets. */
async function mailNewSignIn(
  transaction: Connection,
  accountId: string,
  { ip, userAgent }: CompletionOrigin,
): Promise<void> {
  const at = new Date().toISOString();
  const place = sha256(JSON.stringify([networkOf(ip), userAgent])).toString('base64url');
  await byPerson(accountId, ip, () =>
    recordMail(transaction, {
      kind: 'new_sign_in',
      accountId,
      details: { at, user_agent: userAgent?.slice(0, 512) ?? null },
      once: `new-sign-in:${accountId}:${place}:${at.slice(0, 10)}`,
    }),
  );
}

export type SignInCompletion = ReturnType<typeof createSignInCompletion>;
