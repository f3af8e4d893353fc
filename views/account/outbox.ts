import { html } from 'hono/html';
import { textBlock } from '../components/code-block.ts';
import { crumbs } from '../components/crumbs.ts';
import { moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** An email that was not sent. */
export interface UnsentMailShown {
  id: string;
  to: string;
  subject: string;
  text: string;
  createdAt: Date;
}

/** The emails that an installation without a mail server would have sent, for its administrators. */
export function accountOutbox(frame: Frame, { mails }: { mails: UnsentMailShown[] }): Html {
  return accountPage(frame, {
    title: 'Outbox',
    lead: html`<code>SMTP_URL</code> is not set, so no email is sent. These would have been, in the last 7 days.`,
    narrow: true,
    crumbs: crumbs([['Account', '/account']]),
    body:
      mails.length === 0
        ? html`<section class="panel" aria-label="Emails"><p>There is nothing here. An email appears when someone asks for a link or their account is used in a new way.</p></section>`
        : html`<p class="sub">Pass a link on only to the person whom it is for, after you made sure that it was them who asked: anyone who has it can use their account. Each time you open this page, the audit log records it.</p>
    ${mails.map(
      (
        { id, to, subject, text, createdAt },
        index,
      ) => html`<section class="panel" aria-labelledby="mail-${id}">
      <h2 id="mail-${id}"><bdi>${subject}</bdi></h2>
      <p class="sub">To <bdi>${to}</bdi> · ${moment(createdAt)}</p>
      <details${index === 0 && html` open`}><summary>Text<span class="visually-hidden"> of “<bdi>${subject}</bdi>” to <bdi>${to}</bdi></span></summary>
      ${textBlock(`Email to ${to}`, text)}</details>
    </section>`,
    )}`,
  });
}
