import { html } from 'hono/html';
import { checkbox } from '../components/controls.ts';
import { crumbs } from '../components/crumbs.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AuthenticatorProps {
  /** The key in Base32. */
  secret: string;
  /** The same, sealed. */
  sealed: string;
  /** The address of an image with its QR code. */
  qrCode: string;
  problems?: Problems<'code'> | undefined;
}

export const securityCrumbs = crumbs([
  ['Account', '/account'],
  ['Sign-in and security', '/account/security'],
]);

const inGroups = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? '';

/** Where a person sets up an authenticator app. */
export function authenticatorSetUp(frame: Frame, props: AuthenticatorProps): Html {
  const { problems } = props;
  const fields = fieldsOf({ order: ['code'], problems });
  return accountPage(frame, {
    title: 'Set up an authenticator app',
    lead: 'It shows a new code every 30 seconds, also without a connection. You need one each time you sign in.',
    problems,
    narrow: true,
    crumbs: securityCrumbs,
    body: html`<section class="panel" aria-labelledby="scan">
      <h2 id="scan">1. Scan the QR code</h2>
      <p>Open your authenticator app, add an account, and scan this code.</p>
      <img class="qr" src="${props.qrCode}" width="200" height="200" alt="QR code with the key below">
      <p class="sub">Cannot scan it? Enter this key in the app: <code class="key">${inGroups(props.secret)}</code></p>
    </section>
    <section class="panel" aria-labelledby="confirm">
      <h2 id="confirm">2. Enter the code that the app shows</h2>
      ${postForm(
        frame,
        '/account/security/authenticator',
        html`<input type="hidden" name="key" value="${props.sealed}">
        ${field({
          ...fields('code'),
          label: 'Code',
          autocomplete: 'one-time-code',
          attributes: html` inputmode="numeric"`,
        })}
        ${endOthersBox}
        <div class="form-end"><button type="submit">Confirm</button><a class="button plain" href="/account/security">Cancel</a></div>`,
        { noValidate: true },
      )}
    </section>`,
  });
}

/** Offers to sign out other browsers when a factor changes (OWASP ASVS 5.0 V7.4.3). */
const endOthersBox = checkbox('end_others', 'Sign out everywhere else');

/** Asks whether an authenticator app is really to be removed. */
export function authenticatorRemoval(
  frame: Frame,
  { isLastFactor }: { isLastFactor: boolean },
): Html {
  return accountPage(frame, {
    title: 'Remove the authenticator app?',
    lead: isLastFactor
      ? 'Your account is then protected by your password only. Your recovery codes are deleted.'
      : 'You can no longer sign in with its codes.',
    narrow: true,
    crumbs: securityCrumbs,
    body: html`<section class="panel" aria-label="Remove the authenticator app">
      ${postForm(
        frame,
        '/account/security/authenticator/remove',
        html`${endOthersBox}
        <div class="form-end"><button type="submit" class="bad">Remove</button><a class="button plain" href="/account/security">Cancel</a></div>`,
      )}
    </section>`,
  });
}
