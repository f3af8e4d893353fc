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
  otherWays: readonly { kind: SignInFactorProps['kind']; href: string }[];
  /** For how many days this browser can be remembered; 0: it cannot. */
  rememberDays: number;
  /** The person is signed in, and confirms an action. */
  again?: boolean | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'code'> | undefined;
}

const remember = ({ messages }: Frame, days: number): Html | false =>
  days > 0 && checkbox('remember', messages.factor.remember(days));

const otherWays = (
  { messages }: Frame,
  { otherWays: ways }: Pick<SignInFactorProps, 'otherWays'>,
): Html[] =>
  ways.map(
    ({ kind, href }) =>
      html`<a class="button plain wide" href="${href}">${messages.factor.ways[kind]}</a>`,
  );

/** Where people prove a second factor. */
export function signInFactor(frame: Frame, props: SignInFactorProps): Html {
  if (props.kind === 'passkey') return byPasskey(frame, props);
  const { kind, again, problem, problems, rememberDays } = props;
  const { actions, factor: said, fields: labels } = frame.messages;
  const fields = fieldsOf({ order: ['code'], problems });
  const isRecovery = kind === 'recovery';
  return cardPage(frame, {
    title: isRecovery ? said.recoveryTitle : said.codeTitle,
    lead: isRecovery ? said.recoveryLead : said.codeLead,
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
              label: labels.recoveryCode,
              describedBy: problem && 'problem',
              attributes: html` autocapitalize="none" spellcheck="false"`,
            })
          : field({
              ...fields('code'),
              label: labels.code,
              autocomplete: 'one-time-code',
              describedBy: problem && 'problem',
              attributes: html` inputmode="numeric"`,
            })
      }
      ${remember(frame, rememberDays)}
      <button type="submit" class="wide">${again ? actions.continue : actions.signIn}</button>`,
      { noValidate: true },
    )}
    ${otherWays(frame, props)}
    <p class="fine">${(isRecovery ? said.noCodesLeft : said.lostPhone)(support(frame))}</p>`,
  });
}

/** By a passkey. */
function byPasskey(frame: Frame, { problem, returnTo, ...props }: SignInFactorProps): Html {
  const { factor: said } = frame.messages;
  return cardPage(frame, {
    title: said.passkeyTitle,
    lead: said.passkeyLead,
    problem,
    body: html`<p data-without-passkeys>${said.noPasskeys}</p>
    ${passkeyForm(frame, {
      action: '/sign-in/factor/passkey',
      kind: 'get',
      label: said.usePasskey,
      fields: html`<input type="hidden" name="return_to" value="${returnTo}">${remember(frame, props.rememberDays)}`,
    })}
    ${otherWays(frame, props)}
    <p class="fine">${(props.otherWays.length > 0 ? said.lostPasskeyOtherWays : said.lostPasskey)(support(frame))}</p>
    ${passkeyScript(frame)}`,
  });
}
