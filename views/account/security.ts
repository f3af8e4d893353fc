import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { ago } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** How a person signs in. Each section is a panel with a heading. */
export function accountSecurity(frame: Frame, { sections }: { sections: readonly Html[] }): Html {
  return accountPage(frame, {
    title: 'Sign-in and security',
    narrow: true,
    crumbs: crumbs([['Account', '/account']]),
    body: html`${sections}`,
  });
}

/** The section about the password. */
export const passwordSection = (
  frame: Frame,
  { changedAt }: { changedAt: Date | null },
): Html => html`<section class="panel row" aria-labelledby="password">
  <div><h2 id="password">Password</h2>
  <p>${changedAt ? html`Changed ${ago(changedAt, frame.now)}` : 'You have no password yet.'}</p></div>
  <a class="button plain" href="/account/password">Change password</a>
</section>`;
