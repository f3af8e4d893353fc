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
  const { fields: labels, forgot: said } = frame.messages;
  const { title } = said;
  if (delivery === 'none')
    return cardPage(frame, {
      title,
      lead: said.noneLead(support(frame)),
      body: html`<a class="button plain wide" href="/sign-in">${frame.messages.actions.backToSignIn}</a>`,
    });
  const fields = fieldsOf({ order: ['email'], values: { email }, problems });
  return cardPage(frame, {
    title,
    lead: delivery === 'email' ? said.lead : said.outboxLead(support(frame)),
    problem,
    problems,
    body: html`${postForm(
      frame,
      '/sign-in/forgot',
      html`${field({
        ...fields('email'),
        label: labels.email,
        type: 'email',
        autocomplete: 'username',
        describedBy: problem && 'problem',
      })}
      <button type="submit" class="wide">${delivery === 'email' ? said.send : said.ask}</button>`,
      { noValidate: true },
    )}
    <p class="fine"><a href="/sign-in">${frame.messages.actions.backToSignIn}</a></p>`,
  });
}

/** The response to every address. */
export function resetLinkSent(frame: Frame, { delivery }: { delivery: Delivery }): Html {
  const { forgot: said } = frame.messages;
  return cardPage(frame, {
    title: delivery === 'email' ? said.sentTitle : said.outboxTitle,
    symbol: symbol(mailIcon, 'neutral'),
    lead: delivery === 'email' ? said.sentLead : said.outboxSentLead(support(frame)),
    body: html`<ul class="fine left">
      ${delivery === 'email' && html`<li>${said.takesMinutes}</li>`}
      <li>${said.unchanged}</li>
      <li>${said.nothingArrived(support(frame))}</li>
    </ul>
    <a class="button plain wide" href="/sign-in">${frame.messages.actions.backToSignIn}</a>`,
  });
}

/** The link was used, has expired, or a newer one replaced it. */
export function resetLinkGone(frame: Frame, { isUsed }: { isUsed: boolean }): Html {
  const { actions, forgot: said, link } = frame.messages;
  return cardPage(frame, {
    title: isUsed ? said.usedTitle : link.gone,
    symbol: symbol(clockIcon, 'neutral'),
    lead: isUsed ? said.usedLead : said.goneLead,
    body: html`<div class="buttons">
      <a class="button wide${!isUsed && ' plain'}" href="${frame.person ? '/account' : '/sign-in'}">${frame.person ? actions.toAccount : actions.signIn}</a>
      <a class="button wide${isUsed && ' plain'}" href="/sign-in/forgot">${said.askAgain}</a>
    </div>`,
  });
}
