import type { Connection } from '../../../../db/schema.ts';
import { recordMail } from '../../mail/outbox.ts';
import { administrators } from '../administrators.ts';

/** Seconds in which administrators get at most one email about people who wait. */
const pause = 3_600;

/** Notifies the administrators that someone waits. The email says how many do when it is sent. */
export async function notifyOfWaiting(transaction: Connection): Promise<void> {
  const period = Math.floor(Date.now() / 1000 / pause);
  for (const { id } of await administrators(transaction))
    await recordMail(transaction, {
      kind: 'registration_waiting',
      accountId: id,
      details: {},
      once: `registration-waiting:${id}:${period}`,
    });
}
