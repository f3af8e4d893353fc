import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { ago, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

export interface MailShown {
  /** `token_expiring`, … */
  kind: string;
  accountId: string | null;
  state: 'waiting' | 'sent' | 'dropped';
  attempts: number;
  createdAt: Date;
  nextAttemptAt: Date | null;
}

const stateOf = ({ state, attempts, nextAttemptAt }: MailShown, now: Date): Html => {
  if (state === 'sent') return html`Sent`;
  if (state === 'dropped') return badge('Not sent', 'bad');
  return html`${badge('Waiting', 'care')}${
    attempts > 0 &&
    nextAttemptAt &&
    html` <span class="aside">tried ${attempts === 1 ? 'once' : `${count(attempts)} times`}, again ${fromNow(nextAttemptAt, now)}</span>`
  }`;
};

const words = (kind: string): string =>
  `${kind.charAt(0).toUpperCase()}${kind.slice(1).replaceAll('_', ' ')}`;

/** The emails of the installation: those that wait first. */
export const adminMail = (
  frame: Frame,
  { mails, hasServer }: { mails: MailShown[]; hasServer: boolean },
): Html => {
  const maySeePeople = can(frame, 'accounts:read');
  return adminPage(frame, {
    section: 'mail',
    title: 'Mail',
    lead: hasServer
      ? 'Emails that wait come first. An email that the mail server does not take is tried for three days.'
      : 'No email is sent, since SMTP_URL is not set. These would have been.',
    body:
      mails.length === 0
        ? html`<section class="panel"><p class="sub">There are no emails.</p></section>`
        : html`<section class="panel flush" aria-label="Emails">${table({
            caption: 'Emails',
            columns: [
              { label: 'Email' },
              { label: 'To' },
              { label: 'State' },
              { label: 'Created', keep: true },
            ],
            rows: mails.map((mail) => [
              words(mail.kind),
              mail.accountId === null
                ? 'An address without an account'
                : maySeePeople
                  ? html`<a href="/admin/people/${mail.accountId}">A person</a>`
                  : 'A person',
              stateOf(mail, frame.now),
              ago(mail.createdAt, frame.now),
            ]),
          })}</section>`,
  });
};
