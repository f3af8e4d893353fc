import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { postForm } from './form.ts';

export interface PasskeyFormProps {
  /** Where the answer goes; the options are at `options` below it. */
  action: string;
  kind: 'create' | 'get';
  label: Html | string;
  /** More fields of the form, before the button. */
  fields?: Html | undefined;
  /** Whether browsers also offer passkeys in the field for the email address. */
  autofill?: boolean | undefined;
  /** The look of the button. */
  look?: string | undefined;
}

/**
 * A form that a browser answers with a passkey. It is hidden until the script of passkeys runs in a browser that has them, so the
 * page needs another way besides.
 */
export const passkeyForm = (frame: Frame, props: PasskeyFormProps): Html =>
  html`${postForm(
    frame,
    props.action,
    html`<input type="hidden" name="credential" value="">
    ${props.fields}
    <button type="submit" class="${props.look ?? 'wide'}">${props.label}</button>
    <p class="fine" role="status"></p>`,
    {
      className: 'passkey',
      attributes: html` data-passkey="${props.kind}" data-messages="${JSON.stringify(frame.messages.passkeyScript)}"${props.autofill && html` data-autofill`} hidden`,
    },
  )}`;

/** The script of `passkeyForm` and `passkeySignal`; once a page, after them. */
export const passkeyScript = ({ brand }: Frame): Html =>
  html`<script src="${brand.assets.passkeys}" defer></script>`;

/** What password managers learn about passkeys of this server (WebAuthn §5.1.10), so they offer no removed ones. */
export type PasskeySignal =
  | { name: 'signalUnknownCredential'; rpId: string; credentialId: string }
  | {
      name: 'signalAllAcceptedCredentials';
      rpId: string;
      userId: string;
      allAcceptedCredentialIds: string[];
    };

export const passkeySignal = (signal: PasskeySignal): Html =>
  html`<div hidden data-passkey-signal="${JSON.stringify(signal)}"></div>`;
