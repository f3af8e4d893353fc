import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import {
  decoyHash,
  type HashTurn,
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
import { turnOfPerson, turnOfStranger } from './password-hashing.ts';
import { asTyped, passwordLength } from './password-policy.ts';
import { passwordVersion } from './passwords.ts';
import { byPerson, revokeReplaced, type Sessions } from './sessions.ts';
import { type Attempt, createAttempts, type Delay, TooManyInARow } from './sign-in-attempts.ts';

/** A sign-in was refused. No reason tells whether there is such an account. */
export class SignInRefused extends Error {
  readonly reason: 'wrong' | 'limited' | 'paused' | 'busy';
  /** Seconds to wait. */
  readonly retryAfter: number | undefined;
  /** The account whose address was given, for the log alone: the answer must not tell that there is one. */
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

/** A refused sign-in as the log has it: the true reason, and from which network. */
export const refusalOfSignIn = ({ reason, accountId }: SignInRefused, ip: string) => ({
  reason: `sign-in: ${reason}`,
  accountId,
  network: networkOf(ip),
  isAuthentication: true,
});

const sentences: Record<SignInRefused['reason'], string> = {
  wrong: 'The e-mail address or the password is not right.',
  limited: 'There were too many attempts; try again later.',
  paused:
    'After many wrong passwords in a row, this account takes sign-ins only from browsers that it knows.',
  busy: 'Too many people are signing in at the moment; try again in a few seconds.',
};

export interface SignInRequest {
  email: string;
  password: string;
  ip: string | undefined;
  userAgent: string | undefined;
  /** The mark that this browser got when somebody signed in in it before. */
  knownBrowser?: string | undefined;
  /** The session that the browser had: it ends. */
  previous?: string | undefined;
}

/** What a program that a person logs in with gets: a grant that lives so many seconds, for a client of Writ's own. */
export interface LogIn {
  clientId: string;
  resource: string;
  lifetime: number;
}

export interface SignedIn {
  accountId: string;
  /** For the cookie of the session. */
  value: string;
  /** For the cookie by which the account knows this browser. */
  knownBrowser: string;
}

const maxEmailLength = 320;

/** One row, whether there is such an account or not: what is compared is the same text either way. */
const find: Statement = {
  name: 'sign-in-find',
  text: `select lower($1::text) as email, a.id, a.password_hash as hash, ${passwordVersion} as "passwordVersion"
    from (select) as asked left join account a on lower(a.email) = lower($1::text) and a.disabled_at is null`,
};

/** The account whose password was right, and the moment of that password. */
interface CheckedAccount {
  id: string;
  passwordVersion: string | null;
}

interface SignInRow {
  email: string;
  id: string | null;
  hash: string | null;
  passwordVersion: string | null;
}

/**
 * Signs people in by e-mail address and password. Whether the account is unknown, disabled, without a
 * password or there: the same is counted, looked up and computed, and the answer is the same.
 */
export function createSignIn({
  database,
  sessions,
  limits,
  knownBrowsers,
  hasher = passwordHasher,
  delay,
}: {
  database: Database;
  sessions: Sessions;
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

  /** A hash of today's parameters in place of one of yesterday's. Where too much waits, another day. */
  const rehashed = async (
    hash: string,
    password: string,
    turn: HashTurn,
  ): Promise<string | undefined> => {
    if (!hasher.needsRehash(hash) || mayBeTruncated(hash, password)) return undefined;
    try {
      return await hasher.hash(password, turn);
    } catch (error) {
      if (error instanceof QueueFullError) return undefined;
      throw error;
    }
  };

  return {
    /** Throws SignInRefused, and `temporarily_unavailable` where the database is away. */
    async signIn(request: SignInRequest): Promise<SignedIn> {
      const { ip, userAgent, previous } = request;
      const { account, begun } = await begin(request, async (transaction, { id }) => {
        await byPerson(id, ip, () => revokeReplaced(transaction, previous));
        return sessions.begin(id, { ip, userAgent }, transaction);
      });
      return {
        accountId: account.id,
        value: begun.value,
        knownBrowser: knownBrowsers.remember(account),
      };
    },

    /**
     * Signs a person in for a program that takes their password, in place of a browser: it gets no session. Its login
     * is a grant, which ends with the person's sessions (`grants/password-logins.ts`). No program is known to an account as a
     * browser is. Throws as `signIn`.
     */
    async logIn(
      request: Pick<SignInRequest, 'email' | 'password' | 'ip' | 'userAgent'>,
      { clientId, resource, lifetime }: LogIn,
    ): Promise<{ accountId: string; grantId: string }> {
      const { ip, userAgent } = request;
      const { account, begun } = await begin(request, async (transaction, { id }) => {
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

  /** Checks the password, and begins what the person gets in the transaction that finds it to be the one of today. */
  async function begin<Begun>(
    request: SignInRequest,
    start: (transaction: Connection, account: { id: string }) => Promise<Begun>,
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
    start: (transaction: Connection, account: { id: string }) => Promise<Begun>,
    told: { accountId?: string },
  ): Promise<{ account: CheckedAccount; begun: Begun }> {
    const address = given.trim();
    if (!isReadable(address, maxEmailLength) || !isReadable(typed, 2 * passwordLength.max))
      throw new SignInRefused('wrong');
    const password = asTyped(typed);
    const [found] = await orUnavailable(() => database.query<SignInRow>(find, [address]));
    const { email, id, hash, passwordVersion: version } = found as SignInRow;
    if (id !== null) told.accountId = id;
    const account = id !== null && hash !== null ? { id, passwordVersion: version } : undefined;
    const known = account && knownBrowsers.recognise(knownBrowser, account);
    const attempt = await count({ email, ip, knownBrowser: known });
    const turn =
      account && known !== undefined ? turnOfPerson(account.id, ip) : turnOfStranger(email, ip);
    let right: boolean;
    try {
      right = await hasher.verify(account && hash !== null ? hash : decoy, password, turn);
    } catch (cause) {
      await attempt.abandoned();
      throw cause instanceof QueueFullError ? new SignInRefused('busy', { cause }) : cause;
    }
    if (!right || !account || hash === null) throw new SignInRefused('wrong');
    await attempt.succeeded();
    const newHash = await rehashed(hash, password, turn);
    const begun = await orUnavailable(() =>
      database.kysely.transaction().execute(async (transaction) => {
        // The password that was checked must be the one that holds now, and the account enabled.
        const { numUpdatedRows } = await transaction
          .updateTable('account')
          .set({ password_hash: newHash ?? sql<string>`password_hash` })
          .where('id', '=', account.id)
          .where('disabled_at', 'is', null)
          .where(sql<boolean>`${sql.raw(passwordVersion)} is not distinct from ${version}`)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new SignInRefused('wrong');
        return start(transaction, account);
      }),
    );
    return { account, begun };
  }
}

const isReadable = (text: string, maxLength: number): boolean =>
  text.length > 0 && text.length <= maxLength && !text.includes('\0') && text.isWellFormed();

export type SignIn = ReturnType<typeof createSignIn>;
