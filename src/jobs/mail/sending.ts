import { sql } from 'kysely';
import { mailDelivery } from '../../../config/mails.ts';
import type { Database } from '../../../db/database.ts';
import type { Log } from '../../http/log.ts';
import { type MailTransport, NotSent } from './transport.ts';
import type { MailWriting, WaitingMail } from './writing.ts';

interface Dependencies {
  database: Database;
  transport: MailTransport;
  writing: MailWriting;
  log: Log;
}

const inSeconds = (seconds: number) => sql<Date>`now() + ${seconds} * interval '1 second'`;

/** A mail that will not be sent has its next attempt at no time at all. */
const never = sql<Date>`'infinity'::timestamptz`;

/**
 * Sends what waits, the longest first, until nothing is due, the server is away or the turn is over. Each mail is taken
 * in one statement and is nobody else's from then on, so that however many processes do this at once, one
 * of them sends it. A crash between the server's yes and ours sends it once more, under the same Message-ID.
 */
export async function sendMails(
  { database: { kysely }, transport, writing, log }: Dependencies,
  stop: AbortSignal,
): Promise<void> {
  await giveUp(kysely, log);
  const end = performance.now() + mailDelivery.turn * 1000;
  let sent = 0;
  const refused: unknown[] = [];
  for (let away = false; !away && !stop.aborted && performance.now() < end; ) {
    const mail = await take(kysely, writing.kinds);
    if (!mail) break;
    try {
      const written = await writing.write(mail);
      if (written)
        await transport.send(
          { ...written, id: mail.id },
          AbortSignal.any([stop, AbortSignal.timeout(mailDelivery.maxDuration * 1000)]),
        );
      await settle(kysely, mail.id, written !== undefined);
      if (written) sent++;
    } catch (error) {
      await putOff(kysely, mail);
      if (!(error instanceof NotSent)) throw error;
      away = error.serverAway;
      refused.push(error.cause);
    }
  }
  if (sent > 0) log.debug({ sent }, 'mails were sent');
  if (refused.length > 0 && !stop.aborted)
    log.warn(
      { err: refused[0], mails: refused.length },
      'mails could not be sent and are tried again later',
    );
}

/** While there is no server that takes mails, none waits for one: whoever names one later does not send what is long past. */
export async function dropMails({ kysely }: Database): Promise<void> {
  await kysely
    .updateTable('mail')
    .set({ next_attempt_at: never })
    .where('sent_at', 'is', null)
    .where('next_attempt_at', '<=', sql<Date>`now()`)
    .execute();
}

type Connection = Database['kysely'];

async function giveUp(kysely: Connection, log: Log): Promise<void> {
  const { numUpdatedRows } = await kysely
    .updateTable('mail')
    .set({ next_attempt_at: never })
    .where('sent_at', 'is', null)
    .where('next_attempt_at', '<=', sql<Date>`now()`)
    .where('created_at', '<', inSeconds(-mailDelivery.givenUpAfter))
    .executeTakeFirst();
  if (numUpdatedRows > 0n)
    log.warn(
      { mails: Number(numUpdatedRows) },
      'mails could not be sent for days and are given up',
    );
}

/** Of the kinds that this process knows how to write: during an upgrade, others are for the newer ones. */
const take = (
  kysely: Connection,
  kinds: readonly string[],
): Promise<(WaitingMail & { attempts: number }) | undefined> =>
  kysely
    .updateTable('mail')
    .set((eb) => ({
      attempts: eb('attempts', '+', 1),
      next_attempt_at: inSeconds(mailDelivery.taken),
    }))
    .where('id', '=', (mails) =>
      mails
        .selectFrom('mail')
        .select('id')
        .where('sent_at', 'is', null)
        .where('next_attempt_at', '<=', sql<Date>`now()`)
        .where('kind', 'in', kinds)
        .orderBy('next_attempt_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'kind', 'account_id', 'details', 'attempts'])
    .executeTakeFirst();

async function settle(kysely: Connection, id: string, sent: boolean): Promise<void> {
  await kysely
    .updateTable('mail')
    .set(sent ? { sent_at: sql<Date>`now()` } : { next_attempt_at: never })
    .where('id', '=', id)
    .execute();
}

async function putOff(
  kysely: Connection,
  { id, attempts }: WaitingMail & { attempts: number },
): Promise<void> {
  const { pauses } = mailDelivery;
  const pause = pauses[Math.min(attempts, pauses.length) - 1] ?? pauses[0];
  await kysely
    .updateTable('mail')
    .set({ next_attempt_at: inSeconds(pause) })
    .where('id', '=', id)
    .where('sent_at', 'is', null)
    .execute();
}
