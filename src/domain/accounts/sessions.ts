import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { signedIn } from '../../telemetry/channels.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import type { NewAuditEvent } from '../audit/types.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { revokePasswordLogins } from '../grants/password-logins.ts';
import { plainAddress } from '../limits/ip-address.ts';
import { recordMail } from '../mail/outbox.ts';
import { apiScopesOfPerson } from '../roles/api-scopes.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManageAccount } from '../roles/rules.ts';
import { secondFactorSql } from './account-factors.ts';
import { createFactorPolicy, type FactorPolicy, policiesSql } from './factor-policy.ts';
import { type EndedLogin, type EndedSessions, endSessions } from './session-end.ts';
import { isElsewhere, noteElsewhere, type SessionUse } from './session-use.ts';

/** A person who is signed in in a browser. */
export interface Session {
  /** Visible to the owner. The cookie holds a different, secret value. */
  id: string;
  account: {
    id: string;
    name: string;
    email: string | null;
    roles: string[];
    /** What these roles permit at Writ's own API. */
    apiScopes: ReadonlySet<string>;
  };
  signedInAt: Date;
  /**
   * The sign-in is recent enough to approve a device or change credentials, and so is the proof of a second factor if the
   * account has one.
   */
  recent: boolean;
  /** The sign-in is recent enough for that; only the proof of a second factor is missing or too old. */
  lacksFactor: boolean;
  /** What the person has proven in it (RFC 8176). */
  amr: string[];
  /** When a second factor, or a passkey with user verification, was last proven in it; null if never. */
  factorAt: Date | null;
  /** Whether the account has a second factor. */
  hasFactor: boolean;
  /**
   * A policy requires a second factor by now, the account has none, and none was proven in the session: its person sets one up
   * before anything else (`factor-policy.ts`).
   */
  mustEnrol: boolean;
}

/** A session as its owner sees it in a list. */
export interface SessionDescription {
  id: string;
  signed_in_at: Date;
  last_seen_at: Date;
  ip: string | null;
  user_agent: string | null;
  amr: string[];
  /** The first use by another browser on another network (`session-use.ts`); null if there was none. */
  elsewhere_at: Date | null;
  elsewhere_ip: string | null;
  elsewhere_user_agent: string | null;
}

/** Origin of a sign-in, shown in the list of sessions. */
export interface SignInOrigin {
  ip?: string | undefined;
  userAgent?: string | undefined;
  /**
   * The cookie value of the session that the browser had. If the same person signs in again, that session continues with a
   * new value; a session of another account ends.
   */
  previous?: string | undefined;
}

/** What a person has proven when a session begins. */
export interface Proven {
  /** How (RFC 8176). */
  amr: readonly string[];
  /** Whether that includes a second factor, or a passkey with user verification. */
  hasFactor: boolean;
  /** The session at another identity provider that the sign-in came from. */
  upstream?: UpstreamSession | undefined;
  /**
   * When, if it was proven earlier, in a session at another identity provider, and not in this sign-in. In seconds since the epoch;
   * `factorTime` is for what `hasFactor` says.
   */
  authTime?: number | undefined;
  factorTime?: number | undefined;
}

/** A session at another identity provider: signing out there ends the sessions that came from it. */
export interface UpstreamSession {
  /** The ID of the linked identity. */
  identityId: string;
  /** The `sid` there, if the provider has one. */
  sid: string | null;
}

export const maxUserAgentLength = 512;

const seconds = (count: number) => `interval '${count} seconds'`;

/** SQL condition: neither the absolute nor the idle lifetime of session `s` has expired. */
export const isActiveSession = `s.expires_at > now() and s.last_seen_at > now() - ${seconds(lifetimes.idleSession)}`;

/** Updates `last_seen_at` at most once a minute, so most requests write nothing. */
const find: Statement = {
  name: 'session-find',
  text: `with found as (
      select s.id, s.signed_in_at, s.amr, s.factor_at, s.ip, s.user_agent, s.elsewhere_at,
        a.id as account_id, a.name, a.email, a.roles,
        array(select distinct unnest(r.api_scopes) from role r where r.name = any(a.roles)) as api_scopes,
        s.signed_in_at > now() - ${seconds(lifetimes.recentSignIn)} as recent_sign_in,
        coalesce(s.factor_at > now() - ${seconds(lifetimes.recentSignIn)}, false) as recent_factor,
        f.has_factor, coalesce(p.is_due, false) as must_enrol, coalesce(p.is_new, false) as is_new_policy
      from session s join account a on a.id = s.account_id
      cross join lateral (select ${secondFactorSql('a.id')} as has_factor) f
      left join lateral (
        select bool_or(is_due) as is_due, bool_or(since is null) as is_new
        from (${policiesSql('$2::text', '$3::integer')}) applying
      ) p on s.factor_at is null and not f.has_factor
      where s.digest = $1::bytea and ${isActiveSession} and a.disabled_at is null
    ), seen as (
      update session s set last_seen_at = now() from found
      where s.id = found.id and s.last_seen_at < now() - interval '1 minute'
    )
    select id, account_id as "accountId", name, email, roles, api_scopes as "givenScopes", signed_in_at as "signedInAt",
      amr, factor_at as "factorAt", has_factor as "hasFactor",
      recent_sign_in and (recent_factor or not has_factor) as recent,
      recent_sign_in and has_factor and not recent_factor as "lacksFactor",
      must_enrol as "mustEnrol", is_new_policy as "isNewPolicy",
      ip, user_agent as "userAgent", elsewhere_at is not null as "isKnownElsewhere"
    from found`,
};

const list: Statement = {
  name: 'session-list',
  text: `select s.id, s.signed_in_at, s.last_seen_at, s.ip, s.user_agent, s.amr,
      s.elsewhere_at, s.elsewhere_ip, s.elsewhere_user_agent
    from session s join account a on a.id = s.account_id
    where s.account_id = $1::uuid and ${isActiveSession} and a.disabled_at is null
    order by s.last_seen_at desc, s.id`,
};

type SessionRow = Omit<Session, 'account'> & { accountId: string } & Omit<
    Session['account'],
    'id' | 'apiScopes'
  > &
  SessionUse & { isKnownElsewhere: boolean; isNewPolicy: boolean; givenScopes: string[] };

/**
 * Browser sessions. They live in Postgres, because Redis could restore a revoked one. A session expires a fixed
 * time after its sign-in or after its last request, by the database's clock, and when its account is disabled.
 */
export function createSessions({
  database,
  maxPerAccount = 20,
  factorPolicy = createFactorPolicy({ who: 'optional', days: 0 }),
}: {
  database: Database;
  /** Maximum sessions of an account. A new session revokes the least recently seen ones. */
  maxPerAccount?: number | undefined;
  /** Default: no second factor is required, except by roles. */
  factorPolicy?: Pick<FactorPolicy, 'who' | 'days' | 'rememberRequirement'> | undefined;
}) {
  const { kysely } = database;

  return {
    /**
     * Starts a session. Only `sign-in-completion.ts` calls it, which decides whether the person has proven enough.
     * `value` is for the cookie; only its digest is stored. Throws `access_denied` if the account does not exist or is
     * disabled.
     */
    begin: (
      accountId: string,
      {
        previous,
        amr = ['pwd'],
        hasFactor = false,
        upstream,
        authTime,
        factorTime,
        ...origin
      }: SignInOrigin & Partial<Proven>,
      connection: Connection = kysely,
    ): Promise<{ value: string; id: string }> =>
      orUnavailable(() =>
        inTransaction(connection, async (transaction) => {
          // Locks the account, so that a concurrent disable waits and then revokes the new session too.
          const account = await transaction
            .updateTable('account')
            .set({ last_sign_in_at: sql<Date>`now()` })
            .where('id', '=', accountId)
            .where('disabled_at', 'is', null)
            .returning('id')
            .executeTakeFirst();
          if (!account)
            throw new OAuthError('access_denied', 'The account is disabled or does not exist.');
          const value = randomAlphanumeric(lengthOf256Bits);
          const columns = { ...columnsOf(value, origin), ...columnsOfUpstream(upstream) };
          const recordSignIn = (sessionId: string, ended = 0) => {
            signedIn.publish({});
            return byPerson(accountId, origin.ip, () =>
              recordEvent(transaction, {
                action: 'account.signed_in',
                target: { kind: 'account', id: accountId },
                details: {
                  session_id: sessionId,
                  amr: [...amr],
                  ...(upstream && { identity: upstream.identityId }),
                  ...(ended > 0 && { ended_sessions: ended }),
                },
              }),
            );
          };
          const continued = await continueSession(transaction, accountId, previous, {
            columns,
            amr,
            hasFactor,
            authTime,
            factorTime,
          });
          if (continued) {
            await recordSignIn(continued);
            return { value, id: continued };
          }
          return endReplaced(transaction, accountId, { ...origin, previous }, async () => {
            const { id } = await transaction
              .insertInto('session')
              .values({
                ...columns,
                account_id: accountId,
                amr: [...amr],
                signed_in_at: timeOf(authTime),
                factor_at: hasFactor ? timeOf(factorTime) : null,
              })
              .returning('id')
              .executeTakeFirstOrThrow();
            return endOldest(transaction, accountId, id, maxPerAccount, async (ended) => {
              await recordSignIn(id, ended);
              return { value, id };
            });
          });
        }),
      ),

    /** Finds the active session of a cookie value. `use`: where it is used now. */
    async find(value: string, use?: SessionUse): Promise<Session | undefined> {
      if (!looksLikeValue(value)) return undefined;
      const { who, days } = factorPolicy;
      const [row] = await orUnavailable(() =>
        database.query<SessionRow>(find, [sha256(value), who, days]),
      );
      if (!row) return undefined;
      const {
        accountId,
        name,
        email,
        roles,
        givenScopes,
        ip,
        userAgent,
        isKnownElsewhere,
        isNewPolicy,
        ...session
      } = row;
      // The days that the policy leaves begin with this page.
      if (isNewPolicy)
        await orUnavailable(() => factorPolicy.rememberRequirement(kysely, accountId));
      if (use && !isKnownElsewhere && isElsewhere({ ip, userAgent }, use))
        await orUnavailable(() => noteElsewhere(kysely, { id: session.id, accountId }, use));
      return {
        ...session,
        account: {
          id: accountId,
          name,
          email,
          roles,
          apiScopes: apiScopesOfPerson(roles, givenScopes),
        },
      };
    },

    /** Lists the active sessions of an account, most recently seen first. */
    list: async (accountId: string): Promise<SessionDescription[]> =>
      isUuid(accountId)
        ? orUnavailable(() => database.query<SessionDescription>(list, [accountId]))
        : [],

    /** Revokes one session of the account; false if it has none with this id. */
    revoke: async (accountId: string, sessionId: string): Promise<boolean> =>
      (await end(accountId, sessionId, {
        action: 'session.ended',
        target: { kind: 'session', id: sessionId },
      })) !== undefined,

    /**
     * Signs a person out of the browser with this session. Returns the clients that were entered from it, so that the
     * browser can notify them as well; none if the session has ended already.
     */
    signOut: async (accountId: string, sessionId: string): Promise<EndedLogin[]> =>
      (await end(accountId, sessionId, {
        action: 'account.signed_out',
        target: { kind: 'account', id: accountId },
        details: { session_id: sessionId },
      })) ?? [],

    /**
     * Revokes all sessions, logins by password and remembered browsers of an account, on behalf of an administrator. Returns the number
     * of sessions. Throws `access_denied` if the actor is not allowed to manage the account.
     */
    async revokeAll(
      actor: ManagementActor,
      accountId: string,
      connection: Connection = kysely,
    ): Promise<number> {
      if (!isUuid(accountId)) return 0;
      return orUnavailable(() =>
        inTransaction(connection, async (transaction) => {
          await lockAccount(transaction, accountId);
          await requireMayManageAccount(transaction, actor, accountId);
          await forgetRemembered(transaction, accountId);
          return endSessionsOf(transaction, accountId, {}, async ({ ids: { length: revoked } }) => {
            await recordEvent(transaction, {
              action: 'session.others_ended',
              target: { kind: 'account', id: accountId },
              details: { ended: revoked, kept: null },
            });
            await mailEnd(transaction, accountId, { by: 'administrator', ended: revoked });
            await revokePasswordLogins(transaction, accountId);
            return revoked;
          });
        }),
      );
    },

    /**
     * Revokes all sessions of a person except one, all their logins by password, and all remembered browsers. Returns
     * the number of sessions.
     */
    async revokeOthers(accountId: string, exceptSessionId: string): Promise<number> {
      if (!isUuid(accountId) || !isUuid(exceptSessionId)) return 0;
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          await forgetRemembered(transaction, accountId);
          return byPerson(accountId, undefined, () =>
            endSessionsOf(
              transaction,
              accountId,
              { exceptSessionId },
              async ({ ids: { length: revoked } }) => {
                if (revoked > 0)
                  await recordEvent(transaction, {
                    action: 'session.others_ended',
                    target: { kind: 'account', id: accountId },
                    details: { ended: revoked, kept: exceptSessionId },
                  });
                await mailEnd(transaction, accountId, { by: 'person', ended: revoked });
                await revokePasswordLogins(transaction, accountId);
                return revoked;
              },
            ),
          );
        }),
      );
    },
  };

  /** Ends one session of an account, and records the event. Undefined if the account has no such session. */
  async function end(
    accountId: string,
    sessionId: string,
    event: NewAuditEvent,
  ): Promise<EndedLogin[] | undefined> {
    if (!isUuid(accountId) || !isUuid(sessionId)) return undefined;
    return orUnavailable(() =>
      kysely.transaction().execute((transaction) =>
        byPerson(accountId, undefined, () =>
          endSessions(
            transaction,
            (query) => query.where('id', '=', sessionId).where('account_id', '=', accountId),
            async ({ ids, logins }) => {
              if (ids.length === 0) return undefined;
              await recordEvent(transaction, event);
              return logins;
            },
          ),
        ),
      ),
    );
  }
}

/** Queues an email about sessions that were ended together. */
async function mailEnd(
  transaction: Connection,
  accountId: string,
  { by, ended }: { by: 'person' | 'administrator'; ended: number },
): Promise<void> {
  if (ended === 0) return;
  await recordMail(transaction, {
    kind: 'sessions_ended',
    accountId,
    details: { at: new Date().toISOString(), by, ended },
  });
}

/** The columns of a session that a sign-in sets. */
const columnsOf = (value: string, { ip, userAgent }: Omit<SignInOrigin, 'previous'>) => ({
  digest: sha256(value),
  expires_at: sql<Date>`now() + ${sql.raw(seconds(lifetimes.session))}`,
  ip: ip ? plainAddress(ip) : null,
  user_agent: userAgent?.replaceAll('\0', '').slice(0, maxUserAgentLength) || null,
  elsewhere_at: null,
  elsewhere_ip: null,
  elsewhere_user_agent: null,
});

/** A session that continues with another proof keeps the one that it came from. */
const columnsOfUpstream = (upstream: UpstreamSession | undefined) =>
  upstream && { identity_id: upstream.identityId, upstream_sid: upstream.sid };

/**
 * Locks an account until the transaction ends, so that changes of its sessions and tokens run one after another.
 */
export const lockAccount = (transaction: Connection, accountId: string) =>
  transaction
    .selectFrom('account')
    .select('id')
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .execute();

/** Signing out everywhere also ends what `remembered-browsers.ts` keeps. */
const forgetRemembered = (transaction: Connection, accountId: string) =>
  transaction.deleteFrom('remembered_browser').where('account_id', '=', accountId).execute();

/**
 * Ends the account's sessions, except the named one if given. The transaction must hold the account's lock. `then` comes
 * last in it (see `endSessions`).
 */
export const endSessionsOf = <Result>(
  transaction: Connection,
  accountId: string,
  {
    exceptSessionId,
    grantsRevokedByEpoch,
  }: { exceptSessionId?: string | undefined; grantsRevokedByEpoch?: boolean },
  then: (ended: EndedSessions) => Promise<Result>,
): Promise<Result> =>
  endSessions(
    transaction,
    (query) =>
      query
        .where('account_id', '=', accountId)
        .$if(exceptSessionId !== undefined, (some) =>
          some.where('id', '<>', String(exceptSessionId)),
        ),
    then,
    { ...(grantsRevokedByEpoch && { grantsRevokedByEpoch }) },
  );

/** Ends the least recently seen sessions above the maximum, and never the newest. */
const endOldest = <Result>(
  transaction: Connection,
  accountId: string,
  newest: string,
  maxSessions: number,
  then: (ended: number) => Promise<Result>,
): Promise<Result> =>
  endSessions(
    transaction,
    (sessions) =>
      sessions.where('id', 'in', (query) =>
        query
          .selectFrom('session')
          .select('id')
          .where('account_id', '=', accountId)
          .where('id', '<>', newest)
          .orderBy('last_seen_at', 'desc')
          .orderBy('id')
          .offset(maxSessions - 1),
      ),
    ({ ids }) => then(ids.length),
  );

/**
 * Gives a session a new cookie value, so that a copy of the old one no longer works. Undefined if the session is
 * gone.
 */
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

/** Whether an account's session is `Session.recent`. */
export async function isRecentSession(
  { kysely }: Pick<Database, 'kysely'>,
  accountId: string,
  sessionId: string,
): Promise<boolean> {
  const { rows } = await sql`select from session s
    where s.id = ${sessionId}::uuid and s.account_id = ${accountId}::uuid and ${sql.raw(isActiveSession)}
      and s.signed_in_at > now() - ${sql.raw(seconds(lifetimes.recentSignIn))}
      and (s.factor_at > now() - ${sql.raw(seconds(lifetimes.recentSignIn))}
        or not ${sql.raw(secondFactorSql('s.account_id'))})`.execute(kysely);
  return rows.length > 0;
}

/** Whether the active session of a browser is the account's, and a second factor was proven in it. */
export async function hasProvenFactor(
  transaction: Connection,
  accountId: string,
  value: string | undefined,
): Promise<boolean> {
  if (!value || !looksLikeValue(value)) return false;
  const row = await transaction
    .selectFrom('session as s')
    .select('s.id')
    .where('s.digest', '=', sha256(value))
    .where('s.account_id', '=', accountId)
    .where('s.factor_at', 'is not', null)
    .where(sql<boolean>`${sql.raw(isActiveSession)}`)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Records in a session that the person has proven a second factor, and gives it a new cookie value. Undefined if the
 * session is gone.
 */
export async function raiseSession(
  transaction: Connection,
  accountId: string,
  sessionId: string,
  amr: readonly string[],
): Promise<string | undefined> {
  const { numUpdatedRows } = await transaction
    .updateTable('session as s')
    .set({ amr: withAmr(amr), factor_at: sql<Date>`now()` })
    .where('s.id', '=', sessionId)
    .where('s.account_id', '=', accountId)
    .executeTakeFirst();
  return numUpdatedRows > 0n ? renewSession(transaction, accountId, sessionId) : undefined;
}

/** The same for a person who proves a factor that the account has: records the event. Runs as the person. */
export async function proveInSession(
  transaction: Connection,
  accountId: string,
  sessionId: string,
  amr: readonly string[],
): Promise<string | undefined> {
  const value = await raiseSession(transaction, accountId, sessionId, amr);
  if (value !== undefined)
    await recordEvent(transaction, {
      action: 'account.factor_proven',
      target: { kind: 'account', id: accountId },
      details: { session_id: sessionId, amr: [...amr] },
    });
  return value;
}

/**
 * Continues the session that the browser had, if it is active and of the same account: the person has entered the password
 * again, so it gets a new value and a new time of sign-in. The clients that were entered from it stay entered, and what was
 * proven in it stays proven. Returns its ID, if any.
 */
async function continueSession(
  transaction: Connection,
  accountId: string,
  previous: string | undefined,
  {
    columns,
    amr,
    hasFactor,
    authTime,
    factorTime,
  }: Proven & { columns: ReturnType<typeof columnsOf> },
): Promise<string | undefined> {
  if (!previous || !looksLikeValue(previous)) return undefined;
  const continued = await transaction
    .updateTable('session as s')
    .set({
      ...columns,
      signed_in_at: sql<Date>`greatest(s.signed_in_at, ${timeOf(authTime)})`,
      last_seen_at: sql<Date>`now()`,
      amr: withAmr(amr),
      ...(hasFactor && { factor_at: sql<Date>`greatest(s.factor_at, ${timeOf(factorTime)})` }),
    })
    .where('s.digest', '=', sha256(previous))
    .where('s.account_id', '=', accountId)
    .where(sql<boolean>`${sql.raw(isActiveSession)}`)
    .returning('s.id')
    .executeTakeFirst();
  return continued?.id;
}

/** SQL for a time of `Proven`: now, unless it was earlier. */
const timeOf = (seconds: number | undefined) =>
  seconds === undefined ? sql<Date>`now()` : sql<Date>`least(now(), to_timestamp(${seconds}))`;

/** SQL for what session `s` has proven, with more. */
const withAmr = (amr: readonly string[]) =>
  sql<string[]>`array(select distinct unnest(s.amr || ${[...amr]}::text[]) order by 1)`;

/** Ends the session that the browser had before another person signed in. */
async function endReplaced<Result>(
  transaction: Connection,
  accountId: string,
  { previous, ip }: SignInOrigin,
  then: () => Promise<Result>,
): Promise<Result> {
  if (!previous || !looksLikeValue(previous)) return then();
  return endSessions(
    transaction,
    (query) => query.where('digest', '=', sha256(previous)),
    async ({ ids: [ended] }) => {
      if (ended)
        await byPerson(accountId, ip, () =>
          recordEvent(transaction, {
            action: 'session.ended',
            target: { kind: 'session', id: ended },
            details: { because: 'the browser signed in again' },
          }),
        );
      return then();
    },
  );
}

/** Runs `run` with a person as the actor of recorded events. */
export const byPerson = <Result>(
  accountId: string,
  ip: string | undefined,
  run: () => Result,
): Result => actingAs({ kind: 'account', id: accountId, ip }, run);

const looksLikeValue = (value: string): boolean =>
  value.length === lengthOf256Bits && /^[0-9A-Za-z]+$/.test(value);

export type Sessions = ReturnType<typeof createSessions>;
