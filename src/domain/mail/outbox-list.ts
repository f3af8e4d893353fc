import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';

/** An email, without its text and its link. */
export interface ListedMail {
  id: string;
  kind: string;
  /** The account that it is to; null if it went to an address only. */
  account_id: string | null;
  /** `dropped`: it will not be sent, since no server took it for days, or there is none. */
  state: 'waiting' | 'sent' | 'dropped';
  attempts: number;
  created_at: Date;
  sent_at: Date | null;
  /** When it is tried again; null unless it waits. */
  next_attempt_at: Date | null;
}

/** Emails that are listed at once. */
const most = 100;

/** Lists the newest emails, those that wait first. Sent ones are kept for a while only. */
export const createMailList =
  ({ database: { kysely } }: { database: Pick<Database, 'kysely'> }) =>
  async (): Promise<ListedMail[]> => {
    const columns = kysely
      .selectFrom('mail')
      .select(['id', 'kind', 'account_id', 'attempts', 'created_at', 'sent_at'])
      .select([
        sql<
          ListedMail['state']
        >`case when sent_at is not null then 'sent' when isfinite(next_attempt_at) then 'waiting' else 'dropped' end`.as(
          'state',
        ),
        sql<Date | null>`case when sent_at is null and isfinite(next_attempt_at) then next_attempt_at end`.as(
          'next_attempt_at',
        ),
      ]);
    const [waiting, newest] = await Promise.all([
      columns
        .where('sent_at', 'is', null)
        .where('next_attempt_at', '<', sql<Date>`'infinity'::timestamptz`)
        .orderBy('next_attempt_at')
        .limit(most)
        .execute(),
      columns.orderBy('created_at', 'desc').limit(most).execute(),
    ]);
    return [...waiting, ...newest.filter(({ state }) => state !== 'waiting')].slice(0, most);
  };

export type MailList = ReturnType<typeof createMailList>;
