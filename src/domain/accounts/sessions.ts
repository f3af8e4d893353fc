import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { endPasswordLogins } from '../grants/password-logins.ts';
import { plainAddress } from '../limits/ip-address.ts';

/** A person who is signed in in a browser. */
export interface Session {
  /** Public to its owner: the cookie is another value. */
  id: string;
  account: { id: string; name: string; email: string | null; roles: string[] };
  signedInAt: Date;
  /** The password was given lately enough to approve a device or to change credentials. */
  recent: boolean;
}

/** A session as its owner sees it in a list. */
export interface SessionDescription {
  id: string;
  signed_in_at: Date;
  last_seen_at: Date;
  ip: string | null;
  user_agent: string | null;
}

/** Where a sign-in comes from. */
export interface SignInOrigin {
  ip?: string | undefined;
  userAgent?: string | undefined;
}

const maxUserAgentLength = 512;

const seconds = (count: number) => `interval '${count} seconds'`;

/** Of a session `s`: neither of its two lifetimes is over. */
const active = `s.expires_at > now() and s.last_seen_at > now() - ${seconds(lifetimes.idleSession)}`;

/** When it was seen is written once a minute at most: most requests write nothing. */
const find: Statement = {
  name: 'session-find',
  text: `with found as (
      select s.id, s.signed_in_at, a.id as account_id, a.name, a.email, a.roles
      from session s join account a on a.id = s.account_id
      where s.digest = $1::bytea and ${active} and a.disabled_at is null
    ), seen as (
      update session s set last_seen_at = now() from found
      where s.id = found.id and s.last_seen_at < now() - interval '1 minute'
    )
    select id, account_id as "accountId", name, email, roles, signed_in_at as "signedInAt",
      signed_in_at > now() - ${seconds(lifetimes.recentSignIn)} as recent
    from found`,
};

const list: Statement = {
  name: 'session-list',
  text: `select s.id, s.signed_in_at, s.last_seen_at, s.ip, s.user_agent
    from session s join account a on a.id = s.account_id
    where s.account_id = $1::uuid and ${active} and a.disabled_at is null
    order by s.last_seen_at desc, s.id`,
};

type SessionRow = Pick<Session, 'id' | 'signedInAt' | 'recent'> & { accountId: string } & Omit<
    Session['account'],
    'id'
  >;

/**
 * The sessions of people in browsers. They are in Postgres, since Redis may bring back what was ended.
 * A session is over a while after its sign-in and a while after its last request, by the database's
 * clock, and as soon as its account is disabled.
 */
export function createSessions({
  database,
  most = 20,
}: {
  database: Database;
  /** How many an account has at most: a new one ends those seen least lately. */
  most?: number | undefined;
}) {
  const { kysely } = database;

  return {
    /**
     * Signs a person in: `value` is for the cookie, and stored as a digest alone. Throws `access_denied`
     * where the account is not there or disabled.
     */
    begin: (
      accountId: string,
      { ip, userAgent }: SignInOrigin,
      connection: Connection = kysely,
    ): Promise<{ value: string; id: string }> =>
      orUnavailable(() =>
        inTransaction(connection, async (transaction) => {
          // Holds the account: whoever disables it now waits, and then finds the new session to end.
          const account = await transaction
            .updateTable('account')
            .set({ last_sign_in_at: sql<Date>`now()` })
            .where('id', '=', accountId)
            .where('disabled_at', 'is', null)
            .returning('id')
            .executeTakeFirst();
          if (!account) throw new OAuthError('access_denied', 'The account cannot be used.');
          const value = randomAlphanumeric(lengthOf256Bits);
          const { id } = await transaction
            .insertInto('session')
            .values({
              digest: sha256(value),
              account_id: accountId,
              expires_at: sql<Date>`now() + ${sql.raw(seconds(lifetimes.session))}`,
              ip: ip ? plainAddress(ip) : null,
              user_agent: userAgent?.replaceAll('\0', '').slice(0, maxUserAgentLength) || null,
            })
            .returning('id')
            .executeTakeFirstOrThrow();
          const ended = await endOldest(transaction, accountId, id, most);
          await byPerson(accountId, ip, () =>
            recordEvent(transaction, {
              action: 'account.signed_in',
              target: { kind: 'account', id: accountId },
              details: { session_id: id, ...(ended > 0 && { ended_sessions: ended }) },
            }),
          );
          return { value, id };
        }),
      ),

    /** The session of a cookie while it is active. */
    async find(value: string): Promise<Session | undefined> {
      if (!looksLikeValue(value)) return undefined;
      const [row] = await orUnavailable(() => database.query<SessionRow>(find, [sha256(value)]));
      if (!row) return undefined;
      const { id, signedInAt, recent, accountId, name, email, roles } = row;
      return { id, account: { id: accountId, name, email, roles }, signedInAt, recent };
    },

    /** The active ones, latest seen first. */
    list: async (accountId: string): Promise<SessionDescription[]> =>
      isUuid(accountId)
        ? orUnavailable(() => database.query<SessionDescription>(list, [accountId]))
        : [],

    /** Ends one of the account's; false where it has none of that id. A person signs out of their own. */
    async end(
      accountId: string,
      sessionId: string,
      { signedOut = false }: { signedOut?: boolean } = {},
    ): Promise<boolean> {
      if (!isUuid(accountId) || !isUuid(sessionId)) return false;
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const { numDeletedRows } = await transaction
            .deleteFrom('session')
            .where('id', '=', sessionId)
            .where('account_id', '=', accountId)
            .executeTakeFirst();
          if (numDeletedRows === 0n) return false;
          await byPerson(accountId, undefined, () =>
            recordEvent(
              transaction,
              signedOut
                ? {
                    action: 'account.signed_out',
                    target: { kind: 'account', id: accountId },
                    details: { session_id: sessionId },
                  }
                : { action: 'session.ended', target: { kind: 'session', id: sessionId } },
            ),
          );
          return true;
        }),
      );
    },

    /** Ends all of the account's and its logins by password, for those who administer it. Gives how many sessions there were. */
    async endAll(accountId: string): Promise<number> {
      if (!isUuid(accountId)) return 0;
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await holdAccount(transaction, accountId);
          const ended = await endSessions(transaction, accountId);
          await recordEvent(transaction, {
            action: 'session.others_ended',
            target: { kind: 'account', id: accountId },
            details: { ended, kept: null },
          });
          await endPasswordLogins(transaction, accountId);
          return ended;
        }),
      );
    },

    /** A person ends all of theirs but one, and all logins by password. Gives how many sessions there were. */
    async endOthers(accountId: string, exceptSessionId: string): Promise<number> {
      if (!isUuid(accountId) || !isUuid(exceptSessionId)) return 0;
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await holdAccount(transaction, accountId);
          const ended = await endSessions(transaction, accountId, exceptSessionId);
          if (ended > 0)
            await byPerson(accountId, undefined, () =>
              recordEvent(transaction, {
                action: 'session.others_ended',
                target: { kind: 'account', id: accountId },
                details: { ended, kept: exceptSessionId },
              }),
            );
          await byPerson(accountId, undefined, () => endPasswordLogins(transaction, accountId));
          return ended;
        }),
      );
    },
  };
}

/** Holds an account until the transaction ends: what is done to what it has comes one after another. */
export const holdAccount = (transaction: Connection, accountId: string) =>
  transaction
    .selectFrom('account')
    .select('id')
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .execute();

/** Ends an account's sessions, all but one where one is named. Pass a transaction that holds the account. */
export async function endSessions(
  transaction: Connection,
  accountId: string,
  exceptSessionId?: string,
): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('session')
    .where('account_id', '=', accountId)
    .$if(exceptSessionId !== undefined, (query) => query.where('id', '<>', String(exceptSessionId)))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Ends those that an account was seen with least lately, beyond so many, and never the new one. */
async function endOldest(
  transaction: Connection,
  accountId: string,
  newest: string,
  most: number,
): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('session')
    .where('id', 'in', (query) =>
      query
        .selectFrom('session')
        .select('id')
        .where('account_id', '=', accountId)
        .where('id', '<>', newest)
        .orderBy('last_seen_at', 'desc')
        .orderBy('id')
        .offset(most - 1),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Gives a session another value: whoever had a copy of the cookie has it no more. Nothing where it is gone. */
export async function renewSession(
  transaction: Connection,
  accountId: string,
  sessionId: string,
): Promise<string | undefined> {
  const value = randomAlphanumeric(lengthOf256Bits);
  const { numUpdatedRows } = await transaction
    .updateTable('session')
    .set({ digest: sha256(value) })
    .where('id', '=', sessionId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return numUpdatedRows > 0n ? value : undefined;
}

/** Ends the session that a browser had before it signed in again. Whose it was does not matter. */
export async function revokeReplaced(transaction: Connection, value: string | undefined) {
  if (!value || !looksLikeValue(value)) return;
  const ended = await transaction
    .deleteFrom('session')
    .where('digest', '=', sha256(value))
    .returning('id')
    .executeTakeFirst();
  if (ended)
    await recordEvent(transaction, {
      action: 'session.ended',
      target: { kind: 'session', id: ended.id },
      details: { because: 'the browser signed in again' },
    });
}

/** Runs what a person does to what is theirs; events that are recorded meanwhile name them. */
export const byPerson = <Result>(
  accountId: string,
  ip: string | undefined,
  run: () => Result,
): Result => actingAs({ kind: 'account', id: accountId, ip }, run);

const looksLikeValue = (value: string): boolean =>
  value.length === lengthOf256Bits && /^[0-9A-Za-z]+$/.test(value);

export type Sessions = ReturnType<typeof createSessions>;
