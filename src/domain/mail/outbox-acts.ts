import { sql } from 'kysely';
import { mailDelivery } from '../../../config/mails.ts';
import type { Database } from '../../../db/database.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { recordEvent } from '../audit/events.ts';
import { noteMail } from '../audit/request-context.ts';
import { isUuid } from '../database/text-checks.ts';
import type { Caller } from '../roles/management-actor.ts';
import { getsEmail, recordMail } from './outbox.ts';

/** Seconds in which an account gets at most one trial email. */
const pause = 60;

/** An email that failed and waits. One that was claimed within the last seconds is being sent. */
const failed = sql<boolean>`sent_at is null and attempts > 0 and isfinite(next_attempt_at) and next_attempt_at > now()
  and next_attempt_at not between now() + ${sql.lit(mailDelivery.taken - mailDelivery.maxDuration)} * interval '1 second'
    and now() + ${sql.lit(mailDelivery.taken)} * interval '1 second'`;

/** What administrators do about emails: a trial, and sending again what the mail server did not accept. */
export function createMailActs({
  database: { kysely },
  sendsEmails,
}: {
  database: Pick<Database, 'kysely'>;
  sendsEmails: boolean;
}) {
  const requireServer = () => {
    if (!sendsEmails)
      throw new OAuthError(
        'conflict',
        'This installation sends no email, since SMTP_URL is not set.',
      );
  };

  return {
    /**
     * Queues a trial email. A person sends it to themselves, a program to the account that it names. Throws `invalid_request` for
     * any other account, `not_found` for one that does not exist, and `conflict` without a mail server, for an account without an
     * email address, and for one that got a trial within a minute.
     */
    async sendTrial(actor: Caller, given: { accountId?: string | undefined } = {}) {
      requireServer();
      const own = actor.kind === 'account' ? actor.id : undefined;
      const accountId = given.accountId ?? own;
      if (accountId === undefined || (own !== undefined && accountId !== own))
        throw parameterError(
          'invalid_request',
          'account_id',
          own === undefined
            ? 'is needed: a program has no address of its own.'
            : 'must be your own account, or left out.',
        );
      if (!isUuid(accountId))
        throw new OAuthError('not_found', `There is no account ${accountId}.`);
      await kysely.transaction().execute(async (transaction) => {
        const account = await transaction
          .selectFrom('account')
          .select('email')
          .where('id', '=', accountId)
          .where('deleted_at', 'is', null)
          .forUpdate()
          .executeTakeFirst();
        if (!account) throw new OAuthError('not_found', `There is no account ${accountId}.`);
        if (!getsEmail(account.email))
          throw new OAuthError('conflict', 'The account has no address that gets email.');
        const recent = await transaction
          .selectFrom('mail')
          .select('id')
          .where('kind', '=', 'trial')
          .where('account_id', '=', accountId)
          .where('created_at', '>', sql<Date>`now() - ${sql.lit(pause)} * interval '1 second'`)
          .executeTakeFirst();
        if (recent)
          throw new OAuthError(
            'conflict',
            'A trial email was sent less than a minute ago. Look for it first, also among spam.',
          );
        await recordMail(transaction, { kind: 'trial', accountId, details: {} });
        await recordEvent(transaction, {
          action: 'mail.trial_sent',
          target: { kind: 'account', id: accountId },
        });
      });
    },

    /**
     * Lets emails that failed be tried at once: one, or all. Returns how many. Throws `not_found` for an email that does not
     * exist, and `conflict` for one that does not wait for another attempt.
     */
    async retry({ id }: { id?: string | undefined } = {}): Promise<number> {
      requireServer();
      return kysely.transaction().execute(async (transaction) => {
        const exists =
          id === undefined ||
          (isUuid(id) &&
            (await transaction
              .selectFrom('mail')
              .select('id')
              .where('id', '=', id)
              .executeTakeFirst()));
        if (!exists) throw new OAuthError('not_found', `There is no email ${id}.`);
        const due = await transaction
          .updateTable('mail')
          .set({ next_attempt_at: sql<Date>`now()` })
          .where(failed)
          .$if(id !== undefined, (mails) => mails.where('id', '=', id as string))
          .returning('id')
          .execute();
        if (id !== undefined && due.length === 0)
          throw new OAuthError(
            'conflict',
            'The email does not wait for another attempt: it was sent, is being sent, or was given up.',
          );
        if (due.length > 0) {
          await recordEvent(transaction, {
            action: 'mail.retried',
            details: { emails: due.length, ...(id !== undefined && { id }) },
          });
          noteMail();
        }
        return due.length;
      });
    },
  };
}

export type MailActs = ReturnType<typeof createMailActs>;
