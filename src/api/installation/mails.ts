import * as z from 'zod';
import type { MailList } from '../../domain/mail/outbox-list.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, time } from '../framework/schemas.ts';

export interface MailDependencies {
  listMails: MailList;
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
export const mailOperations = ({ listMails }: MailDependencies): Operation[] => [
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
];
