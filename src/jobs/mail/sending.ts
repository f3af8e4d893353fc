import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
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

/** The next attempt of an email that will not be sent. */
const never = sql<Date>`'infinity'::timestamptz`;

/**
 * Sends waiting emails, oldest first, until none is due, the server is unreachable or the turn is over. One statement
 * claims an email, so only one of several processes sends it. After a crash between the acceptance by the server and our
 * commit it is sent again, with the same Message-ID.
 */
export async function sendMails(
  { database: { kysely }, transport, writing, log }: Dependencies,
  stop: AbortSignal,
): Promise<void> {
  await giveUp(kysely, log);
  const end = performance.now() + mailDelivery.turn * 1000;
  let sent = 0;
  const refused: unknown[] = [];
  for (let unreachable = false; !unreachable && !stop.aborted && performance.now() < end; ) {
    const mail = await claim(kysely, writing.kinds);
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
      unreachable = error.serverUnreachable;
      refused.push(error.cause);
    }
  }
  if (sent > 0) log.debug({ sent }, 'emails were sent');
  if (refused.length > 0 && !stop.aborted)
    log.warn(
      { err: refused[0], mails: refused.length },
      'emails could not be sent and will be retried',
    );
}

/**
 * Without a mail server no email waits: setting SMTP_URL later must not send old ones. Their links stay readable for the page
 * of administrators (`outbox.ts`) as long as it shows them.
 */
export async function dropMails({ kysely }: Database): Promise<void> {
  await kysely
    .updateTable('mail')
    .set({ secret: null })
    .where('secret', 'is not', null)
    .where('created_at', '<', inSeconds(-lifetimes.outbox))
    .execute();
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
    .set({ next_attempt_at: never, secret: null })
    .where('sent_at', 'is', null)
    .where('next_attempt_at', '<=', sql<Date>`now()`)
    .where('created_at', '<', inSeconds(-mailDelivery.givenUpAfter))
    .executeTakeFirst();
  if (numUpdatedRows > 0n)
    log.warn(
      { mails: Number(numUpdatedRows) },
      'emails could not be sent for days and are dropped',
    );
}

/** Claims an email of a kind that this process can write: during an upgrade newer processes send the others. */
const claim = (
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
    .returning(['id', 'kind', 'account_id', 'recipient', 'secret', 'details', 'attempts'])
    .executeTakeFirst();

async function settle(kysely: Connection, id: string, sent: boolean): Promise<void> {
  await kysely
    .updateTable('mail')
    .set({
      secret: null,
      ...(sent ? { sent_at: sql<Date>`now()` } : { next_attempt_at: never }),
    })
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
