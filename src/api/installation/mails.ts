import * as z from 'zod';
import type { MailActs } from '../../domain/mail/outbox-acts.ts';
import type { MailList } from '../../domain/mail/outbox-list.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, time } from '../framework/schemas.ts';

export interface MailDependencies {
  listMails: MailList;
  mailActs: MailActs;
}

const mail = z
  .object({
    id: z.string().meta({ description: 'The ID of the email.' }),
    kind: z.string().meta({ description: 'What it is about, such as `token_expiring`.' }),
    account_id: z
      .string()
      .nullable()
      .meta({ description: 'The account that it is to; null if it went to an address only.' }),
    state: z.enum(['waiting', 'sent', 'dropped']).meta({
      description:
        '`dropped`: it will not be sent, since no server took it for days, or there is none.',
    }),
    attempts: count.meta({ description: 'How often it was tried.' }),
    created_at: time.meta({ description: 'When it was created.' }),
    sent_at: time.nullable().meta({ description: 'When the mail server took it.' }),
    next_attempt_at: time
      .nullable()
      .meta({ description: 'When it is tried again; null unless it waits.' }),
  })
  .meta({ id: 'Mail' });

/** `/mails`: the emails of the outbox. */
export const mailOperations = ({ listMails, mailActs }: MailDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/mails',
    tag: 'Diagnostics',
    operationId: 'listMails',
    summary: 'List emails',
    description:
      'Up to 100 emails, those that wait first, then the newest. Neither their texts nor their addresses.',
    scope: 'diagnostics:read',
    response: z.object({ items: z.array(mail) }).meta({ id: 'MailList' }),
    handle: async () => ({ items: await listMails() }),
  }),

  operation({
    method: 'post',
    path: '/mails/trial',
    tag: 'Diagnostics',
    operationId: 'sendTrialMail',
    summary: 'Send a trial email',
    description:
      'Sends an email to see whether emails arrive. A person gets it at their own address; a program names an account. An account gets at most one in a minute.',
    scope: 'accounts:support',
    body: z
      .strictObject({
        account_id: z
          .uuid()
          .optional()
          .meta({ description: 'The account that gets it. Default: the caller’s own.' }),
      })
      .meta({ id: 'TrialMail' }),
    errors: ['conflict', 'not_found'],
    audit: { action: 'mail.trial_sent', kind: 'account' },
    handle: ({ principal, body }) =>
      mailActs.sendTrial(principal.managementActor, { accountId: body.account_id }),
  }),

  operation({
    method: 'post',
    path: '/mails/retry',
    tag: 'Diagnostics',
    operationId: 'retryMails',
    summary: 'Send failed emails again',
    description:
      'Tries emails that the mail server did not take at once, in place of after a pause: one, or all that wait.',
    scope: 'accounts:support',
    body: z
      .strictObject({
        id: z.uuid().optional().meta({ description: 'Only this email.' }),
      })
      .meta({ id: 'MailRetry' }),
    response: z.object({
      retried: count.meta({ description: 'How many are tried again.' }),
    }),
    errors: ['conflict', 'not_found'],
    audit: { action: 'mail.retried', kind: 'mail' },
    handle: async ({ body }) => ({ retried: await mailActs.retry(body) }),
  }),
];
