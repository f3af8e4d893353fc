import { html } from 'hono/html';
import { checkbox } from '../components/controls.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { support } from '../components/support.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface SignInFactorProps {
  /** What the person is asked for. */
  kind: 'authenticator' | 'recovery';
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

/** Where people prove a second factor by a code. */
export function signInFactor(frame: Frame, props: SignInFactorProps): Html {
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
      ${
        rememberDays > 0 &&
        checkbox(
          'remember',
          `Do not ask again in this browser for ${rememberDays} ${rememberDays === 1 ? 'day' : 'days'}`,
        )
      }
      <button type="submit" class="wide">${again ? 'Continue' : 'Sign in'}</button>`,
      { noValidate: true },
    )}
    ${props.otherWays.map(({ label, href }) => html`<a class="button plain wide" href="${href}">${label}</a>`)}
    <p class="fine">${
      isRecovery
        ? html`No codes left? Ask ${support(frame.brand)} for help.`
        : html`Lost your phone? Use a recovery code, or ask ${support(frame.brand)} for help.`
    }</p>`,
  });
}
