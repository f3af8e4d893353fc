/**
 * LOGOUT: notifies clients that a person has signed out, from what the domain has recorded (OpenID Connect Back-Channel Logout
 * 1.0). A process does so right after the request that ended the session, and the job repeats what failed.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
import { logoutDelivery } from '../../config/logout.ts';
import type { Database } from '../../db/database.ts';
import type { LogoutNotice, SendLogout } from '../domain/accounts/logout-notices.ts';
import { recordEvent } from '../domain/audit/events.ts';
import type { Log } from '../http/log.ts';

interface Dependencies {
  database: Database;
  send: SendLogout;
  log: Log;
}

type Connection = Database['kysely'];

const inSeconds = (seconds: number) => sql<Date>`now() + ${seconds} * interval '1 second'`;

/**
 * Creates the job. One statement claims a notice, so only one of several processes sends it. After a crash between the
 * answer of the client and our commit it is sent again.
 */
export function createLogoutJob({ database: { kysely }, send, log }: Dependencies) {
  /**
   * Sends what is due, oldest first, several at once. A client that fails is left alone for the rest of the turn, so it
   * delays no other one.
   */
  async function deliver(stop: AbortSignal): Promise<void> {
    const end = performance.now() + logoutDelivery.turn * 1000;
    const failing = new Map<string, unknown>();
    let delivered = 0;
    const worker = async () => {
      while (!stop.aborted && performance.now() < end) {
        const notice = await claim(kysely, [...failing.keys()]);
        if (!notice) return;
        const attempt = await send(notice);
        if (attempt.outcome === 'failed') {
          failing.set(notice.clientId, attempt.error);
          await putOff(kysely, notice);
          continue;
        }
        if (attempt.outcome === 'refused') {
          await settleRefused(kysely, notice);
          log.warn(
            { err: attempt.error, client: notice.clientId },
            'a client refused a logout token, which is not repeated',
          );
          continue;
        }
        await settle(kysely, notice.id);
        if (attempt.outcome === 'delivered') delivered++;
      }
    };
    await Promise.all(Array.from({ length: logoutDelivery.atOnce }, worker));
    if (delivered > 0) log.debug({ delivered }, 'clients were notified that a person signed out');
    for (const [client, err] of failing)
      log.warn({ err, client }, 'a client could not be notified that a person signed out');
  }

  /** Runs one turn of the job: gives up what has expired, and sends what is due. */
  const run = async (stop: AbortSignal): Promise<void> => {
    await giveUp(kysely, log);
    await deliver(stop);
  };

  const closing = new AbortController();
  // Not within the wait budget of the request that ended a session: the notices of many others can follow.
  const outside = AsyncLocalStorage.snapshot();
  let notifying: Promise<void> | undefined;
  let isAskedAgain = false;

  const notifyInTurns = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      await deliver(closing.signal).catch((err: unknown) =>
        log.warn(
          { err },
          'clients could not be notified that a person signed out; this is repeated',
        ),
      );
    } while (isAskedAgain && !closing.signal.aborted);
    notifying = undefined;
  };

  return {
    run,

    /**
     * Sends what is due, without being waited for. If it is sending already, another turn follows, because the running one may
     * have read the database before.
     */
    notify(): void {
      isAskedAgain = true;
      notifying ??= outside(notifyInTurns);
    },

    async close(): Promise<void> {
      closing.abort();
      await notifying;
    },
  };
}

/** Deletes what has expired, with an event for each client. */
async function giveUp(kysely: Connection, log: Log): Promise<void> {
  const clients = await kysely.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ clientId: string; notices: number }>`
      with expired as (delete from logout_notice where expires_at < now() returning client_id)
      select c.client_id as "clientId", count(*)::integer as notices
      from expired e join client c on c.id = e.client_id group by c.client_id order by 1`.execute(
      transaction,
    );
    for (const { clientId, notices } of rows)
      await recordEvent(transaction, {
        action: 'client.logout_undelivered',
        target: { kind: 'client', id: clientId },
        details: { notices },
      });
    return rows;
  });
  for (const { clientId, notices } of clients)
    log.warn(
      { client: clientId, notices },
      'a client could not be notified for a day that people signed out; this is given up',
    );
}

async function claim(
  kysely: Connection,
  except: readonly string[],
): Promise<LogoutNotice | undefined> {
  const { rows } = await sql<LogoutNotice>`
    update logout_notice n set attempts = n.attempts + 1, next_attempt_at = ${inSeconds(logoutDelivery.taken)}
    from client c
    where c.id = n.client_id and n.id = (
      select due.id from logout_notice due join client on client.id = due.client_id
      where due.next_attempt_at <= now() and due.expires_at >= now() and client.client_id <> all (${except}::text[])
      order by due.next_attempt_at limit 1 for update of due skip locked)
    returning n.id, c.client_id as "clientId", n.account_id as "accountId", n.sid, n.attempts`.execute(
    kysely,
  );
  return rows[0];
}

const settle = (kysely: Connection, id: string): Promise<unknown> =>
  kysely.deleteFrom('logout_notice').where('id', '=', id).execute();

/** Deletes a notice that its client refused, with an event: the person may still be signed in there. */
const settleRefused = (
  kysely: Connection,
  { id, clientId }: Pick<LogoutNotice, 'id' | 'clientId'>,
): Promise<void> =>
  kysely.transaction().execute(async (transaction) => {
    await settle(transaction, id);
    await recordEvent(transaction, {
      action: 'client.logout_refused',
      target: { kind: 'client', id: clientId },
    });
  });

async function putOff(kysely: Connection, { id, attempts }: LogoutNotice): Promise<void> {
  const { pauses } = logoutDelivery;
  const pause = pauses[Math.min(attempts, pauses.length) - 1] ?? pauses[0];
  await kysely
    .updateTable('logout_notice')
    .set({ next_attempt_at: inSeconds(pause) })
    .where('id', '=', id)
    .execute();
}

export type LogoutJob = ReturnType<typeof createLogoutJob>;
