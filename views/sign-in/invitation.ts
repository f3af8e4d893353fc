import { html } from 'hono/html';
import { checkboxes } from '../components/controls.ts';
import { field, fieldsOf, hiddenUsername, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { clockIcon } from '../components/icons.ts';
import { newPasswordFields } from '../components/new-password.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface InvitationProps {
  /** Where the form is sent: the link is an invitation, or one that the person asked for. */
  action: '/invitation' | '/sign-in/reset';
  /** The value in the link. */
  value: string;
  account: { name: string; email: string | null };
  /** The link replaces an existing password. */
  hasPassword: boolean;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'password' | 'repeat'> | undefined;
}

/** Where a person with an invitation link chooses a password. */
export function invitation(frame: Frame, props: InvitationProps): Html {
  const { account, hasPassword, problem, problems } = props;
  const { name } = frame.brand;
  const { fields: labels, invitation: said } = frame.messages;
  return cardPage(frame, {
    title: hasPassword ? said.newTitle : said.title,
    heading: hasPassword ? undefined : said.welcome(html`<bdi>${account.name}</bdi>`),
    lead: hasPassword ? said.newLead(name, html`<bdi>${account.name}</bdi>`) : said.lead(name),
    problem,
    problems,
    body: postForm(
      frame,
      props.action,
      html`<input type="hidden" name="value" value="${props.value}">
      ${
        account.email
          ? field({
              name: 'email',
              label: labels.email,
              type: 'email',
              value: account.email,
              autocomplete: 'username',
              readonly: true,
            })
          : hiddenUsername(account.name)
      }
      ${newPasswordFields(frame, fieldsOf({ order: ['password', 'repeat'], problems }))}
      ${
        hasPassword &&
        checkboxes({
          legend: said.access,
          boxes: [
            {
              name: 'keep_access',
              label: said.keepAccess,
              description: said.keepAccessHint,
              checked: false,
            },
          ],
        })
      }
      <button type="submit" class="wide">${hasPassword ? said.setNew : said.set}</button>`,
      { noValidate: true },
    ),
  });
}

/** The link does not exist, was used, or has expired. */
export function invitationGone(frame: Frame, _props: Record<string, never> = {}): Html {
  const { actions, invitation: said, link } = frame.messages;
  return cardPage(frame, {
    title: link.gone,
    symbol: symbol(clockIcon, 'neutral'),
    lead: said.goneLead,
    body: frame.person
      ? html`<p class="centred">${said.signedIn}</p>
    <a class="button wide" href="/account">${actions.toAccount}</a>`
      : html`<p class="centred">${said.askForLink(support(frame))}</p>
    <a class="button wide" href="/sign-in">${actions.signIn}</a>`,
  });
}
