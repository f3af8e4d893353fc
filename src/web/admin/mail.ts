import { adminMail } from '../../../views/admin/mail.ts';
import type { MailList } from '../../domain/mail/outbox-list.ts';
import type { MailDelivery } from '../sign-in/forgot.ts';
import type { Console } from './console.ts';

interface Dependencies {
  listMails: MailList;
  mailDelivery: MailDelivery;
}

/** `/admin/mail`: the emails that wait, that were sent lately, and that will not be sent. Neither texts nor links. */
export const mailPages = ({ page }: Console, { listMails, mailDelivery }: Dependencies): void =>
  page('/admin/mail', 'diagnostics:read', async (call) => {
    const mails = (await listMails()).map((mail) => ({
      kind: mail.kind,
      accountId: mail.account_id,
      state: mail.state,
      attempts: mail.attempts,
      createdAt: mail.created_at,
      nextAttemptAt: mail.next_attempt_at,
    }));
    await call.show((frame) => adminMail(frame, { mails, hasServer: mailDelivery === 'email' }));
  });
