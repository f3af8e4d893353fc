/**
 * EMAIL: answers people who forgot their password, and sends what the domain has recorded, with reminders of tokens that
 * expire soon. Without a mail server no email is sent, and none is kept for later; administrators of an embedded installation
 * read them on a page.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mailDelivery } from '../../../config/mails.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Database } from '../../../db/database.ts';
import type { Sender } from '../../../views/mails/mail.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import type { PasswordResets } from '../../domain/accounts/password-resets.ts';
import type { Log } from '../../http/log.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { batchSize, remindOfExpiry } from './reminders.ts';
import { dropMails, sendMails } from './sending.ts';
import { type MailTransport, senderOf } from './transport.ts';
import { createMailWriting } from './writing.ts';

/** How emails are sent, and in whose name. */
export interface Mailing {
  transport: MailTransport;
  sender: Sender;
}

type MailSettings = Pick<Settings, 'SMTP_URL' | 'MAIL_FROM' | 'BRAND_NAME' | 'BRAND_COLOR'> &
  Partial<Pick<Settings, 'SUPPORT_URL' | 'SUPPORT_EMAIL' | 'LANGUAGES'>>;

/** In whose name emails are written. */
export const mailSender = (settings: MailSettings, issuer: string): Sender => ({
  brand: settings.BRAND_NAME,
  color: settings.BRAND_COLOR,
  url: urlOf(issuer, ''),
  links: { supportUrl: settings.SUPPORT_URL, supportEmail: settings.SUPPORT_EMAIL },
  languages: settings.LANGUAGES,
});

/** Undefined if SMTP_URL is unset. The SMTP client is loaded only if it is used: a start without it is faster. */
export async function openMailing(
  settings: MailSettings,
  issuer: string,
): Promise<Mailing | undefined> {
  if (!settings.SMTP_URL) return undefined;
  const { openSmtp } = await import('./smtp.ts');
  return {
    transport: openSmtp(settings.SMTP_URL, senderOf({ ...settings, issuer })),
    sender: mailSender(settings, issuer),
  };
}

/** Creates the job; `run` runs one turn. */
export function createMailJob({
  database,
  keyring,
  log,
  mailing,
  passwordResets,
}: {
  database: Database;
  keyring: Keyring;
  log: Log;
  mailing: Mailing | undefined;
  passwordResets: Pick<PasswordResets, 'answer'>;
}) {
  /** Sends what is due. */
  const deliver = async (stop: AbortSignal): Promise<void> => {
    await passwordResets.answer();
    if (!mailing) return dropMails(database);
    const { transport } = mailing;
    await sendMails({ database, transport, writing: writingOf(mailing), log }, stop);
  };

  let writing: ReturnType<typeof createMailWriting> | undefined;
  const writingOf = ({ sender }: Mailing) => {
    writing ??= createMailWriting({ database, keyring, sender });
    return writing;
  };

  let turnsToSearch = 0;
  const run = async (stop: AbortSignal): Promise<void> => {
    if (mailing && turnsToSearch-- <= 0) {
      const reminded = await remindOfExpiry(database);
      if (reminded > 0) log.info({ reminded }, 'tokens expire soon: their owners are reminded');
      turnsToSearch = reminded < batchSize ? mailDelivery.turnsBetweenReminders - 1 : 0;
    }
    await deliver(stop);
  };

  const closing = new AbortController();
  // Not within the wait budget of the request that queued an email: those of many others can follow.
  const outside = AsyncLocalStorage.snapshot();
  let delivering: Promise<void> | undefined;
  let isAskedAgain = false;

  const deliverInTurns = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      await deliver(closing.signal).catch((err: unknown) =>
        log.warn({ err }, 'emails could not be sent right away; this is repeated'),
      );
    } while (isAskedAgain && !closing.signal.aborted);
    delivering = undefined;
  };

  return {
    run,

    /**
     * Sends what a request has just queued, without being waited for: people wait for links and codes. Another turn follows
     * if one is running, since it may have read the database before.
     */
    notify(): void {
      if (closing.signal.aborted) return;
      isAskedAgain = true;
      delivering ??= outside(deliverInTurns);
    },

    async close(): Promise<void> {
      closing.abort();
      await delivering;
    },
  };
}

export type MailJob = ReturnType<typeof createMailJob>;
