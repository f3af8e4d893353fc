import { html } from 'hono/html';
import { checkbox } from '../components/controls.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { passkeyForm, passkeyScript } from '../components/passkey.ts';
import { support } from '../components/support.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface SignInFactorProps {
  /** What the person is asked for. */
  kind: 'passkey' | 'authenticator' | 'recovery';
  /** Where the person goes afterwards. */
  returnTo: string;
  /** Other ways to prove a second factor. */
  otherWays: readonly { label: string; href: string }[];
  /** For how many days this browser can be remembered; 0: it cannot. */
  rememberDays: number;
  /** The person is signed in, and confirms an action. */
  again?: boolean | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'code'> | undefined;
}

const remember = (days: number): Html | false =>
  days > 0 &&
  checkbox(
    'remember',
    `Do not ask again in this browser for ${days} ${days === 1 ? 'day' : 'days'}`,
  );

const otherWays = ({ otherWays: ways }: Pick<SignInFactorProps, 'otherWays'>): Html[] =>
  ways.map(({ label, href }) => html`<a class="button plain wide" href="${href}">${label}</a>`);

/** Where people prove a second factor. */
export function signInFactor(frame: Frame, props: SignInFactorProps): Html {
  if (props.kind === 'passkey') return byPasskey(frame, props);
  const { kind, again, problem, problems, rememberDays } = props;
  const fields = fieldsOf({ order: ['code'], problems });
  const isRecovery = kind === 'recovery';
  return cardPage(frame, {
    title: isRecovery ? 'Use a recovery code' : 'Enter a code',
    lead: isRecovery
      ? 'Enter one of the codes that you kept. It works only once.'
      : 'Open your authenticator app and enter the code that it shows.',
    problem,
    problems,
    body: html`${postForm(
      frame,
      '/sign-in/factor',
      html`<input type="hidden" name="return_to" value="${props.returnTo}">
      <input type="hidden" name="kind" value="${kind}">
      ${
        isRecovery
          ? field({
              ...fields('code'),
              label: 'Recovery code',
              describedBy: problem && 'problem',
              attributes: html` autocapitalize="none" spellcheck="false"`,
            })
          : field({
              ...fields('code'),
              label: 'Code',
              autocomplete: 'one-time-code',
              describedBy: problem && 'problem',
              attributes: html` inputmode="numeric"`,
            })
      }
      ${remember(rememberDays)}
      <button type="submit" class="wide">${again ? 'Continue' : 'Sign in'}</button>`,
      { noValidate: true },
    )}
    ${otherWays(props)}
    <p class="fine">${
      isRecovery
        ? html`No codes left? Ask ${support(frame.brand)} for help.`
        : html`Lost your phone? Use a recovery code, or ask ${support(frame.brand)} for help.`
    }</p>`,
  });
}

/** By a passkey. */
function byPasskey(frame: Frame, { problem, returnTo, ...props }: SignInFactorProps): Html {
  return cardPage(frame, {
    title: 'Use your passkey',
    lead: 'Your browser asks for the passkey or the security key that you added to your account.',
    problem,
    body: html`<p data-without-passkeys>This browser has no passkeys, or JavaScript is off. Choose another way, or open this page in a current browser with JavaScript.</p>
    ${passkeyForm(frame, {
      action: '/sign-in/factor/passkey',
      kind: 'get',
      label: 'Use the passkey',
      fields: html`<input type="hidden" name="return_to" value="${returnTo}">${remember(props.rememberDays)}`,
    })}
    ${otherWays(props)}
    <p class="fine">Lost your passkey? ${
      props.otherWays.length > 0 ? 'Use another way, or ask' : 'Ask'
    } ${support(frame.brand)} for help.</p>
    ${passkeyScript(frame)}`,
  });
}
