import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { deviceTitle } from '../components/device-name.ts';
import { postForm } from '../components/form.ts';
import { screenIcon } from '../components/icons.ts';
import { ago, briefly, fromNow } from '../components/time.ts';
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
  {
    changedAt,
    hasPassword,
    hasEmail,
  }: {
    changedAt: Date | null;
    hasPassword: boolean;
    /** A password alone signs no one in. */
    hasEmail: boolean;
  },
): Html => html`<section class="panel row" aria-labelledby="password">
  <div><h2 id="password">Password</h2>
  <p>${
    hasPassword
      ? changedAt
        ? html`Changed ${ago(changedAt, frame.now)}`
        : 'Set'
      : hasEmail
        ? 'You sign in without one.'
        : 'You sign in without one. A password needs an email address.'
  }</p></div>
  ${(hasPassword || hasEmail) && html`<a class="button plain" href="/account/password">${hasPassword ? 'Change password' : 'Set a password'}</a>`}
</section>`;

/** The section about the authenticator app. */
export const authenticatorSection = (
  frame: Frame,
  authenticator: { createdAt: Date; lastUsedAt: Date } | undefined,
): Html => html`<section class="panel row" aria-labelledby="authenticator">
  <div><h2 id="authenticator">Authenticator app</h2>
  <p>${
    authenticator
      ? html`Set up ${ago(authenticator.createdAt, frame.now)}, last used ${ago(authenticator.lastUsedAt, frame.now)}`
      : 'Sign in with a code from your phone after your password.'
  }</p></div>
  ${
    authenticator
      ? html`<a class="button plain bad" href="/account/security/authenticator/remove">Remove</a>`
      : html`<a class="button plain" href="/account/security/authenticator">Set up</a>`
  }
</section>`;

/** The section about the recovery codes, if the account has a second factor that they can replace. */
export const recoveryCodesSection = (
  frame: Frame,
  { left, createdAt }: { left: number; createdAt: Date | null },
): Html => html`<section class="panel row" aria-labelledby="recovery-codes">
  <div><h2 id="recovery-codes">Recovery codes</h2>
  <p>${createdAt ? html`${left} of 10 left, created ${ago(createdAt, frame.now)}` : 'You have none. Create them, in case you lose your phone.'}</p></div>
  <a class="button plain" href="/account/security/recovery-codes">${createdAt ? 'Replace' : 'Create'}</a>
</section>`;

export interface RememberedBrowserShown {
  userAgent: string | null;
  ip: string | null;
  lastUsedAt: Date;
  expiresAt: Date;
}

/** The section about browsers that are not asked for a second factor. */
export const rememberedBrowsersSection = (
  frame: Frame,
  browsers: readonly RememberedBrowserShown[],
): Html => html`<section class="panel" aria-labelledby="browsers">
  <h2 id="browsers">Remembered browsers</h2>
  <p class="sub">They are not asked for a second factor.</p>
  <ul class="rows">${browsers.map(
    ({ userAgent, ip, lastUsedAt, expiresAt }) => html`<li><div class="row-head">
    <div class="glyph">${screenIcon}</div>
    <div class="row-name"><h3>${deviceTitle(userAgent)}</h3>
      <p class="sub">Last used ${ago(lastUsedAt, frame.now)} · Asked again ${briefly(expiresAt, fromNow(expiresAt, frame.now))}${ip && html` · <bdi>${ip}</bdi>`}</p></div>
  </div></li>`,
  )}</ul>
  ${postForm(frame, '/account/security/forget-browsers', html`<button type="submit" class="plain">Forget all browsers</button>`, 'inline')}
</section>`;
