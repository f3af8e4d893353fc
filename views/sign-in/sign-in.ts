import { html } from 'hono/html';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { clockIcon } from '../components/icons.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface SignInProps {
  /** Where to go on afterwards. */
  returnTo: string;
  email?: string | undefined;
  problem?: string | undefined;
  /** Signed in already; the password is asked for once more. */
  again?: boolean | undefined;
  /** Why, as the end of a sentence: "to connect a device". */
  purpose?: string | undefined;
}

/** Where people give their e-mail address and password. */
export function signIn(frame: Frame, props: SignInProps): Html {
  const { email, problem, again, purpose } = props;
  const describedBy = problem ? 'problem' : undefined;
  const { name } = frame.brand;
  return cardPage(frame, {
    title: again ? 'Confirm it is you' : 'Sign in',
    lead: again
      ? `Please give your password once more${purpose ? ` ${purpose}` : ''}.`
      : `Use your ${name} account${purpose ? ` ${purpose}` : ''}.`,
    problem,
    body: html`${postForm(
      frame,
      '/sign-in',
      html`<input type="hidden" name="return_to" value="${props.returnTo}">
      ${field({
        name: 'email',
        label: 'E-mail',
        type: 'email',
        value: email,
        autocomplete: 'username',
        readonly: again === true && Boolean(email),
        autofocus: !email,
        describedBy,
      })}
      ${field({
        name: 'password',
        label: 'Password',
        type: 'password',
        autocomplete: 'current-password',
        autofocus: Boolean(email),
        describedBy,
      })}
      <button type="submit" class="wide">${again ? 'Continue' : 'Sign in'}</button>`,
    )}
    <p class="fine">${
      again
        ? html`Forgotten your password? Whoever runs ${name} can send you a link to set a new one.`
        : html`No account yet, or a forgotten password? Ask an administrator of ${name}: they can send you a link to set one.`
    }</p>`,
  });
}

/** Why a browser that the account does not know is not let in, whether or not there is such an account. */
export function signInPaused(frame: Frame, _props: Record<string, never> = {}): Html {
  const { name } = frame.brand;
  return cardPage(frame, {
    title: 'Sign-in from new browsers is paused',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'Too many wrong passwords in a row were tried for this e-mail address. Until its owner has signed in, we only accept browsers that it was used in before.',
    body: html`<ul class="fine left">
      <li>Sign in from a browser or phone in which you have signed in before: your password still works there, and that ends the pause.</li>
      <li>Or ask an administrator of ${name} for a link to set a new password: that ends the pause as well.</li>
    </ul>
    <a class="button plain wide" href="/sign-in">Back to sign-in</a>`,
  });
}
