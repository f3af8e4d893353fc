import { html } from 'hono/html';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { clockIcon, mailIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

/** What becomes of emails: they are sent, administrators read them on a page, or there are none. */
type Delivery = 'email' | 'outbox' | 'none';

export interface ForgotPasswordProps {
  delivery: Delivery;
  email?: string | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'email'> | undefined;
}

/** Where people who forgot their password ask for a link. */
export function forgotPassword(frame: Frame, props: ForgotPasswordProps): Html {
  const { delivery, email, problem, problems } = props;
  const title = 'Forgot your password?';
  if (delivery === 'none')
    return cardPage(frame, {
      title,
      lead: html`This installation sends no email. Ask ${support(frame.brand)} for a link to set a new password.`,
      body: html`<a class="button plain wide" href="/sign-in">Back to sign-in</a>`,
    });
  const fields = fieldsOf({ order: ['email'], values: { email }, problems });
  return cardPage(frame, {
    title,
    lead:
      delivery === 'email'
        ? 'Enter your email address, and we send you a link to set a new password.'
        : html`This installation sends no email. Ask for a link here; ${support(frame.brand)} finds it in the outbox and can pass it on.`,
    problem,
    problems,
    body: html`${postForm(
      frame,
      '/sign-in/forgot',
      html`${field({
        ...fields('email'),
        label: 'Email',
        type: 'email',
        autocomplete: 'username',
        describedBy: problem && 'problem',
      })}
      <button type="submit" class="wide">${delivery === 'email' ? 'Send a link' : 'Ask for a link'}</button>`,
      { noValidate: true },
    )}
    <p class="fine"><a href="/sign-in">Back to sign-in</a></p>`,
  });
}

/** The response to every address. */
export const resetLinkSent = (frame: Frame, { delivery }: { delivery: Delivery }): Html =>
  cardPage(frame, {
    title: delivery === 'email' ? 'Check your email' : 'Your request is in the outbox',
    symbol: symbol(mailIcon, 'neutral'),
    lead:
      delivery === 'email'
        ? `If an account with a password has this address, a link is on its way. It works once, for 30 minutes.`
        : html`If an account with a password has this address, there is a link now that works once, for 30 minutes. Ask ${support(frame.brand)} for it.`,
    body: html`<ul class="fine left">
      ${delivery === 'email' && html`<li>It can take a few minutes. Look in your spam folder as well.</li>`}
      <li>Your password stays as it is until you set a new one.</li>
      <li>Nothing arrived, or no access to that mailbox? Ask ${support(frame.brand)}.</li>
    </ul>
    <a class="button plain wide" href="/sign-in">Back to sign-in</a>`,
  });

/** The link was used, has expired, or a newer one replaced it. */
export const resetLinkGone = (frame: Frame, { isUsed }: { isUsed: boolean }): Html =>
  cardPage(frame, {
    title: isUsed ? 'This link was already used' : 'This link no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead: isUsed
      ? 'A new password was set with it. Sign in with that password.'
      : 'It has expired, or a newer link replaced it. Your password is unchanged.',
    body: html`<div class="buttons">
      <a class="button wide${!isUsed && ' plain'}" href="${frame.person ? '/account' : '/sign-in'}">${frame.person ? 'Go to your account' : 'Sign in'}</a>
      <a class="button wide${isUsed && ' plain'}" href="/sign-in/forgot">Ask for a new link</a>
    </div>`,
  });
