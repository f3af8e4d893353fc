import { adminMail } from '../../../views/admin/mail.ts';
import type { MailActs } from '../../domain/mail/outbox-acts.ts';
import type { MailList } from '../../domain/mail/outbox-list.ts';
import { tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { MailDelivery } from '../sign-in/forgot.ts';
import type { Call, Console } from './console.ts';

interface Dependencies {
  listMails: MailList;
  mailActs: MailActs;
  mailDelivery: MailDelivery;
}

const home = '/admin/mail';

/**
 * `/admin/mail`: the emails that wait, that were sent lately, and that will not be sent, without texts and links; a trial, and
 * sending again what failed.
 */
export function mailPages(
  { page, form: formAt }: Console,
  { listMails, mailActs, mailDelivery }: Dependencies,
): void {
  const show = async (call: Call, problem?: string, status = 200) => {
    const mails = (await listMails()).map((mail) => ({
      id: mail.id,
      kind: mail.kind,
      accountId: mail.account_id,
      state: mail.state,
      attempts: mail.attempts,
      createdAt: mail.created_at,
      nextAttemptAt: mail.next_attempt_at,
    }));
    const hasServer = mailDelivery === 'email';
    const { email } = call.person.session.account;
    await call.show((frame) => adminMail(frame, { mails, hasServer, email, problem }), { status });
  };

  page(home, 'diagnostics:read', (call) => show(call));

  formAt(`${home}/trial`, 'accounts:support', { back: home, recent: false }, (call) =>
    tryForm(
      async () => {
        await mailActs.sendTrial(call.actor);
        seeOther(call.ctx, withNotice(home, 'trial_mail_sent'));
      },
      ({ general, status }) => show(call, general, status),
    ),
  );

  formAt(`${home}/retry`, 'accounts:support', { back: home, recent: false }, (call) =>
    tryForm(
      async () => {
        await mailActs.retry({ id: call.form['id'] || undefined });
        seeOther(call.ctx, withNotice(home, 'mails_retried'));
      },
      ({ general, status }) => show(call, general, status),
    ),
  );
}
