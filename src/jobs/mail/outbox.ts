import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database } from '../../../db/database.ts';
import { byPerson } from '../../domain/accounts/sessions.ts';
import { recordEvent } from '../../domain/audit/events.ts';
import type { MailWriting } from './writing.ts';

/** An email that was not sent, since there is no mail server. */
export interface UnsentMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  createdAt: Date;
}

const maxShown = 100;

/**
 * Reads the emails that an installation without a mail server would have sent, newest first. Each is written now, with its
 * link from the sealed value; those that have become pointless are left out. An event records who read them.
 */
export const createReadOutbox =
  ({ database: { kysely }, writing }: { database: Database; writing: MailWriting }) =>
  async (reader: string, ip: string | undefined): Promise<UnsentMail[]> => {
    await byPerson(reader, ip, () =>
      recordEvent(kysely, {
        action: 'account.outbox_viewed',
        target: { kind: 'account', id: reader },
      }),
    );
    const mails = await kysely
      .selectFrom('mail')
      .select(['id', 'kind', 'account_id', 'recipient', 'secret', 'details', 'created_at'])
      .where('sent_at', 'is', null)
      .where('kind', 'in', writing.kinds)
      .where(
        'created_at',
        '>',
        sql<Date>`now() - ${sql.lit(lifetimes.outbox)} * interval '1 second'`,
      )
      .orderBy('created_at', 'desc')
      .limit(maxShown)
      .execute();
    const shown: UnsentMail[] = [];
    for (const { created_at: createdAt, ...mail } of mails) {
      const written = await writing.write(mail);
      if (written) {
        const { to, subject, text } = written;
        shown.push({ id: mail.id, to, subject, text, createdAt });
      }
    }
    return shown;
  };
