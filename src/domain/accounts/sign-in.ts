import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import {
  decoyHash,
  type HashLane,
  mayBeTruncated,
  type PasswordHasher,
  passwordHasher,
  QueueFullError,
} from '../../crypto/password.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { insertGrant } from '../grants/approved-access.ts';
import { trimPasswordLogins } from '../grants/password-logins.ts';
import { networkOf } from '../limits/ip-address.ts';
import { LimitReached, type Limits } from '../limits/rate-limits.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { laneOfPerson, laneOfStranger } from './password-hashing.ts';
import { normalizePassword, passwordLength } from './password-policy.ts';
import { passwordVersion } from './password-version.ts';
import { byPerson } from './sessions.ts';
import { type Attempt, createAttempts, type Delay, TooManyInARow } from './sign-in-attempts.ts';
import type { CompletionOrigin, SignInCompletion, SignInOutcome } from './sign-in-completion.ts';

/** A refused sign-in. Without the password, no reason reveals whether the account exists. */
export class SignInRefused extends Error {
  readonly reason: 'wrong' | 'limited' | 'paused' | 'busy' | 'needs_factor';
  /** Seconds to wait. */
  readonly retryAfter: number | undefined;
  /** The account with the given address, only for the log: the response must not reveal that it exists. */
  accountId: string | undefined;

  constructor(
    reason: SignInRefused['reason'],
    { retryAfter, ...options }: ErrorOptions & { retryAfter?: number } = {},
  ) {
    super(sentences[reason], options);
    this.name = 'SignInRefused';
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** A refused sign-in as it is logged: with the actual reason and the network. */
export const refusalOfSignIn = ({ reason, accountId }: SignInRefused, ip: string) => ({
  reason: `sign-in: ${reason}`,
  accountId,
  network: networkOf(ip),
  isAuthentication: true,
});

const sentences: Record<SignInRefused['reason'], string> = {
  wrong: 'The email address or password is incorrect.',
  limited: 'Too many attempts. Try again later.',
  paused:
    'After too many wrong passwords, this account only accepts sign-ins from browsers that it has been used in before.',
  needs_factor:
    'This account needs a second factor, for which this program cannot ask. Sign in in a browser, and give the program a personal access token.',
  busy: 'Too many people are signing in at the moment. Try again in a few seconds.',
};

/** Email address, password and origin of a sign-in. */
export interface SignInRequest extends CompletionOrigin {
  email: string;
  password: string;
}

/**
 * The grant that a program gets when a person logs in with it, for one of Writ's own clients. `lifetime` is in
 * seconds.
 */
export interface LogIn {
  clientId: string;
  resource: string;
  lifetime: number;
}

const maxEmailLength = 320;

/** Always returns one row, so that known and unknown accounts take the same path. */
const find: Statement = {
  name: 'sign-in-find',
  text: `select lower($1::text) as email, a.id, a.password_hash as hash, ${passwordVersion} as "passwordVersion"
    from (select) as asked left join account a on lower(a.email) = lower($1::text) and a.disabled_at is null`,
};

/** An account whose password was correct, and the version of that password. */
interface CheckedAccount {
  id: string;
  passwordVersion: string | null;
  /** There were many wrong passwords for it, or from the network. */
  isUnderAttack: boolean;
}

interface SignInRow {
  email: string;
  id: string | null;
  hash: string | null;
  passwordVersion: string | null;
}

/**
 * Signs people in by email address and password. Unknown, disabled and password-less accounts are counted, looked
 * up and hashed exactly like others, and get the same response.
 */
export function createSignIn({
  database,
  completion,
  limits,
  knownBrowsers,
  hasher = passwordHasher,
  delay,
}: {
  database: Database;
  completion: Pick<SignInCompletion, 'completeSignIn' | 'needsFactor'>;
  limits: Limits;
  knownBrowsers: KnownBrowsers;
  hasher?: PasswordHasher | undefined;
  delay?: Delay | undefined;
}) {
  const attempts = createAttempts({ limits, delay });
  const decoy = decoyHash();

  const count = async (request: Parameters<typeof attempts.begin>[0]): Promise<Attempt> => {
    try {
      return await attempts.begin(request);
    } catch (cause) {
      if (!(cause instanceof LimitReached)) throw cause;
      const reason = cause instanceof TooManyInARow ? 'paused' : 'limited';
      throw new SignInRefused(reason, { retryAfter: cause.retryAfter, cause });
    }
  };

  /**
   * A hash with current parameters if the stored one is outdated. Skipped while the lane is full; a later sign-in
   * retries.
   */
  const rehashed = async (
    hash: string,
    password: string,
    lane: HashLane,
  ): Promise<string | undefined> => {
    if (!hasher.needsRehash(hash) || mayBeTruncated(hash, password)) return undefined;
    try {
      return await hasher.hash(password, lane);
    } catch (error) {
      if (error instanceof QueueFullError) return undefined;
      throw error;
    }
  };

  return {
    /**
     * Signs a person in by password, unless they must prove more. Throws SignInRefused, and `temporarily_unavailable`
     * if the database is unreachable.
     */
    async signIn(request: SignInRequest): Promise<SignInOutcome> {
      const { email: _email, password: _password, ...origin } = request;
      const { begun } = await begin(
        request,
        (transaction, { id, passwordVersion: version, isUnderAttack }) =>
          completion.completeSignIn(
            {
              accountId: id,
              amr: ['pwd'],
              passwordVersion: version,
              isStrong: false,
              isUnderAttack,
              origin,
            },
            transaction,
          ),
      );
      return begun;
    },

    /**
     * Logs a person in for a program that takes their password instead of using a browser. There is no session; the
     * login is a grant, which is revoked together with the person's sessions (`grants/password-logins.ts`).
     * Programs have no known-browser mark. Throws as `signIn`.
     */
    async logIn(
      request: Pick<SignInRequest, 'email' | 'password' | 'ip' | 'userAgent'>,
      { clientId, resource, lifetime }: LogIn,
    ): Promise<{ accountId: string; grantId: string }> {
      const { ip, userAgent } = request;
      const { account, begun } = await begin(request, async (transaction, { id }) => {
        if (await completion.needsFactor(transaction, id)) throw new SignInRefused('needs_factor');
        await transaction
          .updateTable('account')
          .set({ last_sign_in_at: sql<Date>`now()` })
          .where('id', '=', id)
          .execute();
        const { grantId } = await insertGrant(
          transaction,
          {
            accountId: id,
            clientId,
            openIdScope: [],
            resources: new Map([[resource, []]]),
            device: { ip: ip ?? null, userAgent: userAgent ?? null },
          },
          Date.now() / 1000 + lifetime,
        );
        await byPerson(id, ip, () =>
          recordEvent(transaction, {
            action: 'account.signed_in',
            target: { kind: 'account', id },
            details: { client_id: clientId, grant_id: grantId },
          }),
        );
        await byPerson(id, ip, () => trimPasswordLogins(transaction, id));
        return grantId;
      });
      return { accountId: account.id, grantId: begun };
    },
  };

  /**
   * Verifies the password, then calls `start` in the transaction that confirms that the password is still current.
   */
  async function begin<Begun>(
    request: SignInRequest,
    start: (transaction: Connection, account: CheckedAccount) => Promise<Begun>,
  ): Promise<{ account: CheckedAccount; begun: Begun }> {
    const found: { accountId?: string } = {};
    try {
      return await check(request, start, found);
    } catch (error) {
      if (error instanceof SignInRefused) error.accountId = found.accountId;
      throw error;
    }
  }

  async function check<Begun>(
    { email: given, password: typed, ip, knownBrowser }: SignInRequest,
    start: (transaction: Connection, account: CheckedAccount) => Promise<Begun>,
    attempted: { accountId?: string },
  ): Promise<{ account: CheckedAccount; begun: Begun }> {
    const address = given.trim();
    if (!isUsableText(address, maxEmailLength) || !isUsableText(typed, 2 * passwordLength.max))
      throw new SignInRefused('wrong');
    const password = normalizePassword(typed);
    const [found] = await orUnavailable(() => database.query<SignInRow>(find, [address]));
    const { email, id, hash, passwordVersion: version } = found as SignInRow;
    if (id !== null) attempted.accountId = id;
    const account = id !== null && hash !== null ? { id, passwordVersion: version } : undefined;
    const known = account && knownBrowsers.recognize(knownBrowser, account);
    const attempt = await count({ email, ip, knownBrowser: known });
    const lane =
      account && known !== undefined ? laneOfPerson(account.id, ip) : laneOfStranger(email, ip);
    let matches: boolean;
    try {
      matches = await hasher.verify(account && hash !== null ? hash : decoy, password, lane);
    } catch (cause) {
      await attempt.abandoned();
      throw cause instanceof QueueFullError ? new SignInRefused('busy', { cause }) : cause;
    }
    if (!matches || !account || hash === null) throw new SignInRefused('wrong');
    await attempt.succeeded();
    const checked = { ...account, isUnderAttack: attempt.isUnderAttack };
    const newHash = await rehashed(hash, password, lane);
    const begun = await orUnavailable(() =>
      database.kysely.transaction().execute(async (transaction) => {
        // The verified password must still be current, and the account enabled.
        const { numUpdatedRows } = await transaction
          .updateTable('account')
          .set({ password_hash: newHash ?? sql<string>`password_hash` })
          .where('id', '=', account.id)
          .where('disabled_at', 'is', null)
          .where(sql<boolean>`${sql.raw(passwordVersion)} is not distinct from ${version}`)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new SignInRefused('wrong');
        return start(transaction, checked);
      }),
    );
    return { account: checked, begun };
  }
}

const isUsableText = (text: string, maxLength: number): boolean =>
  text.length > 0 && text.length <= maxLength && !text.includes('\0') && text.isWellFormed();

export type SignIn = ReturnType<typeof createSignIn>;
