import { html } from 'hono/html';
import { postForm } from '../components/form.ts';
import { caution } from '../components/notice.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { securityCrumbs } from './authenticator.ts';

export interface RecoveryCodesProps {
  codes: readonly string[];
  /** The person has just set up a second factor. */
  isFirst: boolean;
}

/** The codes as a text file. */
const textOf = ({ brand, person, messages }: Frame, codes: readonly string[]): string =>
  [
    messages.recoveryCodes.fileTitle(brand.name, person ? (person.email ?? person.name) : ''),
    messages.recoveryCodes.fileText,
    '',
    ...codes,
    '',
  ].join('\r\n');

/** New recovery codes, and the link with which the person goes on. */
export function recoveryCodesPanel(
  frame: Frame,
  { codes, doneHref, done }: { codes: readonly string[]; doneHref: string; done: string },
): Html {
  const { recoveryCodes: said } = frame.messages;
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(textOf(frame, codes))}`;
  return html`<section class="panel" aria-labelledby="codes">
      <h2 id="codes">${said.heading}</h2>
      ${caution(html`<p>${said.caution}</p>`)}
      <ol class="recovery-codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
      <div class="form-end"><a class="button" href="${file}" download="${said.file}">${said.download}</a><a class="button plain" href="${doneHref}">${done}</a></div>
    </section>`;
}

/** Shows new recovery codes, only this once. */
export function recoveryCodesShown(frame: Frame, { codes, isFirst }: RecoveryCodesProps): Html {
  return accountPage(frame, {
    title: 'Your recovery codes',
    lead: isFirst
      ? 'Your second factor is set up. If you lose it, these codes let you sign in after your password.'
      : 'Your old codes no longer work.',
    narrow: true,
    crumbs: securityCrumbs,
    body: recoveryCodesPanel(frame, { codes, doneHref: '/account/security', done: 'Done' }),
  });
}

/** Asks whether recovery codes are really to be replaced. */
export function recoveryCodesReplacement(frame: Frame, { left }: { left: number }): Html {
  return accountPage(frame, {
    title: left > 0 ? 'Replace your recovery codes?' : 'Create recovery codes',
    lead:
      left > 0
        ? 'You get ten new codes. Your old ones no longer work.'
        : 'You get ten codes. Each lets you sign in once without your second factor.',
    narrow: true,
    crumbs: securityCrumbs,
    body: html`<section class="panel" aria-label="Recovery codes">
      ${postForm(
        frame,
        '/account/security/recovery-codes',
        html`<div class="form-end"><button type="submit">${left > 0 ? 'Replace' : 'Create'}</button><a class="button plain" href="/account/security">Cancel</a></div>`,
      )}
    </section>`,
  });
}
