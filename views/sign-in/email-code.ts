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
  const { actions, emailCode: said, fields: labels } = frame.messages;
  const again =
    returnTo === '/account'
      ? '/sign-in'
      : `/sign-in?${new URLSearchParams({ return_to: returnTo })}`;
  if (isExpired)
    return cardPage(frame, {
      title: said.expiredTitle,
      symbol: symbol(clockIcon, 'neutral'),
      lead: said.expiredLead,
      body: html`<a class="button wide" href="${again}">${actions.signInAgain}</a>
      <p class="fine">${said.noEmail(support(frame))}</p>`,
    });
  const fields = fieldsOf({ order: ['code'], problems });
  return cardPage(frame, {
    title: said.title,
    symbol: symbol(mailIcon, 'neutral'),
    lead: said.lead,
    problem,
    problems,
    body: html`${postForm(
      frame,
      '/sign-in/email-code',
      html`<input type="hidden" name="return_to" value="${returnTo}">
      ${field({
        ...fields('code'),
        label: labels.code,
        autocomplete: 'one-time-code',
        hint: said.hint,
        describedBy: problem && 'problem',
        attributes: html`inputmode="numeric" spellcheck="false"`,
      })}
      <button type="submit" class="wide">${actions.continue}</button>`,
      { noValidate: true },
    )}
    <p class="fine">${said.nothingArrived(again, support(frame))}</p>`,
  });
}
