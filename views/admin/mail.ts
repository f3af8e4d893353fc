import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { postForm } from '../components/form.ts';
import { count } from '../components/number.ts';
import { sentenceCase } from '../components/sentence-case.ts';
import { table } from '../components/table.ts';
import { ago, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

export interface MailShown {
  id: string;
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

const words = (kind: string): string => sentenceCase(kind.replaceAll('_', ' '));

/** The emails of the installation: those that wait first. */
export const adminMail = (
  frame: Frame,
  {
    mails,
    hasServer,
    email,
    problem,
  }: {
    mails: MailShown[];
    hasServer: boolean;
    /** The address of the person who looks. */
    email: string | null;
    problem?: string | undefined;
  },
): Html => {
  const mayAct = hasServer && can(frame, 'accounts:support');
  const failed = mails.filter(({ state, attempts }) => state === 'waiting' && attempts > 0);
  const maySeePeople = can(frame, 'accounts:read');
  return adminPage(frame, {
    section: 'mail',
    title: 'Mail',
    lead: hasServer
      ? 'Emails that wait come first. An email that the mail server does not take is tried for three days.'
      : 'No email is sent, since SMTP_URL is not set. These would have been.',
    problem,
    body: html`${mayAct && actions(frame, { email, failed: failed.length })}${
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
              html`${stateOf(mail, frame.now)}${
                mayAct &&
                mail.state === 'waiting' &&
                mail.attempts > 0 &&
                retry(frame, 'Try now', mail.id)
              }`,
              ago(mail.createdAt, frame.now),
            ]),
          })}</section>`
    }`,
  });
};

const retry = (frame: Frame, label: string, id = ''): Html =>
  postForm(
    frame,
    '/admin/mail/retry',
    html`<input type="hidden" name="id" value="${id}"><button type="submit" class="plain">${label}</button>`,
  );

const actions = (
  frame: Frame,
  { email, failed }: { email: string | null; failed: number },
): Html => html`<section class="panel" aria-labelledby="trial">
  <h2 id="trial">Do emails arrive?</h2>
  ${
    email
      ? html`<p class="sub">A trial email goes to your address, <bdi>${email}</bdi>.</p>${postForm(frame, '/admin/mail/trial', html`<button type="submit">Send a trial email</button>`)}`
      : html`<p class="sub">A trial email goes to your own address. Your account has none: add one first.</p>`
  }
  ${failed > 1 && retry(frame, `Try all ${count(failed)} that failed now`)}
</section>`;
