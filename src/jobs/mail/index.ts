/**
 * EMAIL: sends what the domain has recorded, and reminders of tokens that expire soon. Without a mail server no email is
 * sent, and none is kept for later.
 */

import { mailDelivery } from '../../../config/mails.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Database } from '../../../db/database.ts';
import type { Sender } from '../../../views/mails/mail.ts';
import type { Keyring } from '../../crypto/sealing.ts';
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
  Partial<Pick<Settings, 'SUPPORT_URL' | 'SUPPORT_EMAIL'>>;

/** Undefined if SMTP_URL is unset. The SMTP client is loaded only if it is used: a start without it is faster. */
export async function openMailing(
  settings: MailSettings,
  issuer: string,
): Promise<Mailing | undefined> {
  if (!settings.SMTP_URL) return undefined;
  const { openSmtp } = await import('./smtp.ts');
  return {
    transport: openSmtp(settings.SMTP_URL, senderOf({ ...settings, issuer })),
    sender: {
      brand: settings.BRAND_NAME,
      color: settings.BRAND_COLOR,
      url: urlOf(issuer, ''),
      links: { supportUrl: settings.SUPPORT_URL, supportEmail: settings.SUPPORT_EMAIL },
    },
  };
}

/** Creates the job; the function that it returns runs one turn. */
export function createMailJob({
  database,
  keyring,
  log,
  mailing,
}: {
  database: Database;
  keyring: Keyring;
  log: Log;
  mailing: Mailing | undefined;
}): (stop: AbortSignal) => Promise<void> {
  if (!mailing) return () => dropMails(database);
  const { transport, sender } = mailing;
  const writing = createMailWriting({ database, keyring, sender });
  let turnsToSearch = 0;
  return async (stop) => {
    if (turnsToSearch-- <= 0) {
      const reminded = await remindOfExpiry(database);
      if (reminded > 0) log.info({ reminded }, 'tokens expire soon: their owners are reminded');
      turnsToSearch = reminded < batchSize ? mailDelivery.turnsBetweenReminders - 1 : 0;
    }
    await sendMails({ database, transport, writing, log }, stop);
  };
}
