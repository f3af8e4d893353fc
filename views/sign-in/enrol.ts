import { html } from 'hono/html';
import { recoveryCodesPanel } from '../account/recovery-codes.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { passkeyForm, passkeyScript } from '../components/passkey.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface SignInEnrolProps {
  /** Where the person goes afterwards. */
  returnTo: string;
  /** The key of the authenticator app in groups, the same sealed, and an image with its QR code. */
  key: string;
  sealed: string;
  qrCode: string;
  /** Whether passkeys can be used at this address. */
  passkeys: boolean;
  problem?: string | undefined;
  problems?: Problems<'code'> | undefined;
}

/** Where people set up the second factor that they need before they go on. */
export function signInEnrol(frame: Frame, props: SignInEnrolProps): Html {
  const { returnTo, problem, problems } = props;
  const fields = fieldsOf({ order: ['code'], problems, focusFirst: false });
  const hidden = html`<input type="hidden" name="return_to" value="${returnTo}">`;
  return cardPage(frame, {
    title: 'Set up a second factor',
    lead: 'You need one to go on: a passkey, or an app that shows codes.',
    problem,
    problems,
    body: html`${
      props.passkeys &&
      html`${passkeyForm(frame, {
        action: '/sign-in/enrol/passkey',
        kind: 'create',
        label: 'Create a passkey',
        fields: hidden,
      })}${passkeyScript(frame)}`
    }
    <h2>Authenticator app</h2>
    <p>Scan this code with your app, then enter the code that the app shows.</p>
    <img class="qr" src="${props.qrCode}" width="200" height="200" alt="QR code with the key below">
    <p class="sub">Cannot scan it? Enter this key in the app: <code class="key">${props.key}</code></p>
    ${postForm(
      frame,
      '/sign-in/enrol',
      html`${hidden}<input type="hidden" name="key" value="${props.sealed}">
      ${field({
        ...fields('code'),
        label: 'Code',
        autocomplete: 'one-time-code',
        attributes: html` inputmode="numeric"`,
      })}
      <button type="submit" class="wide">Confirm and go on</button>`,
      { noValidate: true },
    )}`,
  });
}

/** Shows the recovery codes of a person who has set up their second factor, only this once. */
export const enrolRecoveryCodes = (
  frame: Frame,
  { codes, returnTo }: { codes: readonly string[]; returnTo: string },
): Html =>
  cardPage(frame, {
    title: 'Your recovery codes',
    lead: 'Your second factor is set up. If you lose it, these codes let you sign in.',
    body: recoveryCodesPanel(frame, { codes, doneHref: returnTo, done: 'Go on' }),
  });
