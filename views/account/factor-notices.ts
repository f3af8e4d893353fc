import { html } from 'hono/html';
import { postForm } from '../components/form.ts';
import { caution } from '../components/notice.ts';
import { moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface FactorNoticesProps {
  /** When the person needs a second factor to sign in; absent if they have one, or need none. */
  factorDueAt?: Date | undefined;
  /** When the second factors of the person are removed, as an administrator has planned. */
  factorsResetAt?: Date | undefined;
}

/** What a person should know about their second factors. */
export const factorNotices = (
  frame: Frame,
  { factorDueAt, factorsResetAt }: FactorNoticesProps,
): Html =>
  html`${
    factorDueAt &&
    caution(
      html`<p><strong>You need a second factor by ${moment(factorDueAt)}.</strong> From then on you set one up before anything else. <a href="/account/security">Set one up now</a>.</p>`,
    )
  }${
    factorsResetAt &&
    caution(html`<p><strong>Your second factors will be removed on ${moment(factorsResetAt)}</strong>, because an administrator has planned it. If you still have one, keep them.</p>
    ${postForm(frame, '/account/security/keep-factors', html`<button type="submit" class="plain">Keep my second factors</button>`, 'inline')}`)
  }`;
