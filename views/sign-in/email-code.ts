import { html } from 'hono/html';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { clockIcon, mailIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface EmailCodeProps {
  /** Where the person goes afterwards. */
  returnTo: string;
  problem?: string | undefined;
  problems?: Problems<'code'> | undefined;
  /** The code no longer works. */
  isExpired?: boolean | undefined;
}

/** Where a person enters the code that was sent to them, since their account does not know the browser. */
export function emailCode(frame: Frame, props: EmailCodeProps): Html {
  const { returnTo, problem, problems, isExpired } = props;
  const again =
    returnTo === '/account'
      ? '/sign-in'
      : `/sign-in?${new URLSearchParams({ return_to: returnTo })}`;
  if (isExpired)
    return cardPage(frame, {
      title: 'This code no longer works',
      symbol: symbol(clockIcon, 'neutral'),
      lead: 'It has expired, or there were too many wrong ones. Sign in again to get another code.',
      body: html`<a class="button wide" href="${again}">Sign in again</a>
      <p class="fine">No email arrives? Ask ${support(frame.brand)}.</p>`,
    });
  const fields = fieldsOf({ order: ['code'], problems });
  return cardPage(frame, {
    title: 'Check your email',
    symbol: symbol(mailIcon, 'neutral'),
    lead: 'Your account was not used in this browser before. Enter the code that we sent to your email address.',
    problem,
    problems,
    body: html`${postForm(
      frame,
      '/sign-in/email-code',
      html`<input type="hidden" name="return_to" value="${returnTo}">
      ${field({
        ...fields('code'),
        label: 'Code',
        autocomplete: 'one-time-code',
        hint: 'It works for 10 minutes.',
        describedBy: problem && 'problem',
        attributes: html`inputmode="numeric" spellcheck="false"`,
      })}
      <button type="submit" class="wide">Continue</button>`,
      { noValidate: true },
    )}
    <p class="fine">Nothing arrived? Look in your spam folder, or <a href="${again}">sign in again</a> in a minute for another code. No access to that mailbox? Ask ${support(frame.brand)}.</p>`,
  });
}
