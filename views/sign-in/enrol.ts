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
  const { enrol: said, fields: labels } = frame.messages;
  const fields = fieldsOf({ order: ['code'], problems, focusFirst: false });
  const hidden = html`<input type="hidden" name="return_to" value="${returnTo}">`;
  return cardPage(frame, {
    title: said.title,
    lead: said.lead,
    problem,
    problems,
    body: html`${
      props.passkeys &&
      html`${passkeyForm(frame, {
        action: '/sign-in/enrol/passkey',
        kind: 'create',
        label: said.createPasskey,
        fields: hidden,
      })}${passkeyScript(frame)}`
    }
    <h2 class="divided">${said.app}</h2>
    <p>${said.scan}</p>
    <img class="qr" src="${props.qrCode}" width="200" height="200" alt="${said.qr}">
    <p class="sub">${said.key(html`<code class="key">${props.key}</code>`)}</p>
    ${postForm(
      frame,
      '/sign-in/enrol',
      html`${hidden}<input type="hidden" name="key" value="${props.sealed}">
      ${field({
        ...fields('code'),
        label: labels.code,
        autocomplete: 'one-time-code',
        attributes: html` inputmode="numeric"`,
      })}
      <button type="submit" class="wide">${said.confirm}</button>`,
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
    title: frame.messages.enrol.codesTitle,
    lead: frame.messages.enrol.codesLead,
    body: recoveryCodesPanel(frame, { codes, doneHref: returnTo, done: frame.messages.enrol.goOn }),
  });
