/**
 * RESETS OF SECOND FACTORS, for people who have lost theirs. An administrator plans a reset; the person gets an email
 * with a link that stops it, and the reset happens after a waiting time (FACTOR_RESET_HOURS) by the clock of the
 * database, by a job. So no administrator takes over an account unnoticed. The link is sealed and
 * nothing of it is stored; it works once, since it deletes the planned reset.
 */
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { type Keyring, SealError } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { recordMail } from '../mail/outbox.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { serverActor } from '../roles/server-actor.ts';
import { accountHasFactor, cancelFactorReset, removeAllFactors } from './account-factors.ts';
import { byPerson, endSessionsOf, lockAccount } from './sessions.ts';

/** A planned reset. */
export interface FactorReset {
  plannedAt: Date;
  dueAt: Date;
}

/** What a link that stops a reset says. */
interface StopClaim {
  accountId: string;
  resetId: string;
}

const place = { table: 'factor_reset', row: '', purpose: 'stop link' };

const maxLength = 2_000;

/** The value of a link that stops a reset. */
export const sealStopClaim = (keyring: Keyring, claim: StopClaim): string =>
  keyring.seal(place, JSON.stringify(claim)).toString('base64url');

function openStopClaim(keyring: Keyring, value: string): StopClaim | undefined {
  if (value.length > maxLength) return undefined;
  try {
    return JSON.parse(keyring.open(place, Buffer.from(value, 'base64url')).toString('utf8'));
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

export function createFactorResets({
  database: { kysely },
  keyring,
  waitingHours,
}: {
  database: Pick<Database, 'kysely'>;
  keyring: Keyring;
  waitingHours: number;
}) {
  /** Locks the account. Throws `not_found`, and `access_denied` if the actor is not allowed to manage it, or is its person. */
  const lockFor = async (transaction: Connection, actor: ManagementActor, accountId: string) => {
    const account = isUuid(accountId)
      ? await transaction
          .selectFrom('account')
          .select('roles')
          .where('id', '=', accountId)
          .where('deleted_at', 'is', null)
          .forNoKeyUpdate()
          .executeTakeFirst()
      : undefined;
    if (!account) throw new OAuthError('not_found', `There is no account ${accountId}.`);
    await requireMayManage(transaction, actor, account.roles);
    if (actor !== serverActor && actor.kind === 'account' && actor.id === accountId)
      throw new OAuthError(
        'access_denied',
        'You cannot reset your own second factors. Use a recovery code, or ask another administrator.',
      );
  };

  const find = (connection: Connection, accountId: string): Promise<FactorReset | undefined> =>
    connection
      .selectFrom('factor_reset')
      .select(['planned_at as plannedAt', 'due_at as dueAt'])
      .where('account_id', '=', accountId)
      .executeTakeFirst();

  /**
   * Removes the factors, ends the sessions and notifies the person. The transaction holds the lock of the account. A reset that
   * is still planned goes as well: it would remove factors that are set up later.
   */
  const reset = async (transaction: Connection, accountId: string): Promise<void> => {
    await transaction.deleteFrom('factor_reset').where('account_id', '=', accountId).execute();
    const removed = await removeAllFactors(transaction, accountId);
    await endSessionsOf(transaction, accountId, {}, async ({ ids }) => {
      await recordEvent(transaction, {
        action: 'account.factors_reset',
        target: { kind: 'account', id: accountId },
        details: { removed, ended_sessions: ids.length },
      });
      await recordMail(transaction, {
        kind: 'factors_reset',
        accountId,
        details: { at: new Date().toISOString() },
      });
    });
  };

  /** Does the reset of an account if its time has come. The transaction holds the lock of the account. */
  const applyIfDue = async (transaction: Connection, accountId: string): Promise<boolean> => {
    const { numDeletedRows } = await transaction
      .deleteFrom('factor_reset')
      .where('account_id', '=', accountId)
      .where('due_at', '<=', sql<Date>`now()`)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    await actingAs({ kind: 'system', id: null }, () => reset(transaction, accountId));
    return true;
  };

  /** The account of a link, if its reset is still planned. */
  const ofLink = ({ accountId, resetId }: StopClaim, connection: Connection) =>
    connection
      .selectFrom('factor_reset as r')
      .innerJoin('account as a', 'a.id', 'r.account_id')
      .select(['a.name', 'a.email', 'r.due_at as dueAt'])
      .where('r.account_id', '=', accountId)
      .where('r.id', '=', resetId)
      .executeTakeFirst();

  /** Deletes a planned reset on behalf of its person. */
  const stop = (accountId: string, ip: string | undefined, resetId?: string): Promise<boolean> =>
    byPerson(accountId, ip, () =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const { numDeletedRows } = await transaction
            .deleteFrom('factor_reset')
            .where('account_id', '=', accountId)
            .$if(resetId !== undefined, (query) => query.where('id', '=', String(resetId)))
            .executeTakeFirst();
          if (numDeletedRows === 0n) return false;
          await recordEvent(transaction, {
            action: 'account.factors_reset_stopped',
            target: { kind: 'account', id: accountId },
            details: { by: resetId === undefined ? 'session' : 'link' },
          });
          return true;
        }),
      ),
    );

  return {
    /**
     * Plans a reset, and queues the email with the link that stops it. A reset that is already planned keeps its time.
     * Without a waiting time it happens at once, and nothing is returned. Throws `not_found`, `access_denied`, and
     * `conflict` if the account has no second factor.
     */
    plan: (actor: ManagementActor, accountId: string): Promise<FactorReset | undefined> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockFor(transaction, actor, accountId);
          if (!(await accountHasFactor(transaction, accountId)))
            throw new OAuthError('conflict', 'The account has no second factor.');
          if (waitingHours === 0) {
            await reset(transaction, accountId);
            return undefined;
          }
          const planned = await transaction
            .insertInto('factor_reset')
            .values({
              account_id: accountId,
              due_at: sql<Date>`now() + ${waitingHours} * interval '1 hour'`,
            })
            .onConflict((conflict) => conflict.column('account_id').doNothing())
            .returning(['id', 'planned_at as plannedAt', 'due_at as dueAt'])
            .executeTakeFirst();
          if (!planned) return find(transaction, accountId);
          const { id, ...times } = planned;
          await recordMail(transaction, {
            kind: 'factors_reset_planned',
            accountId,
            details: { reset_id: id },
          });
          await recordEvent(transaction, {
            action: 'account.factors_reset_planned',
            target: { kind: 'account', id: accountId },
            details: { due_at: times.dueAt.toISOString() },
          });
          return times;
        }),
      ),

    /** Cancels a planned reset on behalf of an administrator. False if none is planned. Throws as `plan`. */
    cancel: (actor: ManagementActor, accountId: string): Promise<boolean> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockFor(transaction, actor, accountId);
          return cancelFactorReset(transaction, accountId);
        }),
      ),

    /** The planned reset of an account, if there is one. */
    find: (accountId: string): Promise<FactorReset | undefined> =>
      orUnavailable(() => find(kysely, accountId)),

    /** The account of a link that stops a reset, and when the reset would happen; undefined if it no longer can be stopped. */
    async findByLink(value: string) {
      const claim = openStopClaim(keyring, value);
      return claim && orUnavailable(() => ofLink(claim, kysely));
    },

    /** Stops a reset by its link. False if it no longer can be stopped. */
    async stopByLink(value: string, ip: string | undefined): Promise<boolean> {
      const claim = openStopClaim(keyring, value);
      return claim ? stop(claim.accountId, ip, claim.resetId) : false;
    },

    /** Stops the reset of a person who is signed in. False if none is planned. */
    stop: (accountId: string, ip: string | undefined): Promise<boolean> => stop(accountId, ip),

    /** Does all resets whose time has come, for a job. Returns their number. */
    async applyDue(): Promise<number> {
      const due = await kysely
        .selectFrom('factor_reset')
        .select('account_id')
        .where('due_at', '<=', sql<Date>`now()`)
        .orderBy('due_at')
        .limit(100)
        .execute();
      let applied = 0;
      for (const { account_id: id } of due)
        if (
          await kysely.transaction().execute(async (transaction) => {
            await lockAccount(transaction, id);
            return applyIfDue(transaction, id);
          })
        )
          applied++;
      return applied;
    },
  };
}

export type FactorResets = ReturnType<typeof createFactorResets>;
