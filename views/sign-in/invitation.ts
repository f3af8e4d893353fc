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
  return cardPage(frame, {
    title: hasPassword ? 'Choose a new password' : 'Choose a password',
    heading: hasPassword ? undefined : html`Welcome, <bdi>${account.name}</bdi>`,
    lead: hasPassword
      ? html`For the ${name} account of <bdi>${account.name}</bdi>. You will be signed out everywhere else.`
      : `Choose a password to finish setting up your ${name} account.`,
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
              label: 'Email',
              type: 'email',
              value: account.email,
              autocomplete: 'username',
              readonly: true,
            })
          : hiddenUsername(account.name)
      }
      ${newPasswordFields(fieldsOf({ order: ['password', 'repeat'], problems }))}
      ${
        hasPassword &&
        checkboxes({
          legend: 'Apps, devices and access tokens',
          boxes: [
            {
              name: 'keep_access',
              label: 'Keep them connected',
              description:
                'Only if you are sure that no one else knew your old password. Otherwise their access is revoked, and you connect what you need again.',
              checked: false,
            },
          ],
        })
      }
      <button type="submit" class="wide">${hasPassword ? 'Set new password' : 'Set password'} and sign in</button>`,
      { noValidate: true },
    ),
  });
}

/** The link does not exist, was used, or has expired. */
export function invitationGone(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This link no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'It was already used, it has expired, or a newer link replaced it.',
    body: frame.person
      ? html`<p class="centred">You are signed in.</p>
    <a class="button wide" href="/account">Go to your account</a>`
      : html`<p class="centred">If you have set your password, you can sign in. Otherwise ask ${support(frame.brand)} for a new link.</p>
    <a class="button wide" href="/sign-in">Sign in</a>`,
  });
}
