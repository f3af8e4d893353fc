import { html } from 'hono/html';
import { checkboxes } from '../components/controls.ts';
import { field, hiddenUsername } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { clockIcon } from '../components/icons.ts';
import { newPasswordFields } from '../components/new-password.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface InvitationProps {
  /** What the link holds. */
  value: string;
  account: { name: string; email: string | null };
  /** The link replaces a password that was there before. */
  hasPassword: boolean;
  problem?: string | undefined;
}

/** Where a person who was sent a link chooses a password. */
export function invitation(frame: Frame, props: InvitationProps): Html {
  const { account, hasPassword } = props;
  const { name } = frame.brand;
  return cardPage(frame, {
    title: hasPassword ? 'Choose a new password' : `Welcome to ${name}`,
    heading: hasPassword ? undefined : html`Welcome, <bdi>${account.name}</bdi>`,
    lead: hasPassword
      ? html`For the ${name} account of <bdi>${account.name}</bdi>. You will be signed out everywhere else.`
      : `Choose a password, and your ${name} account is ready.`,
    problem: props.problem,
    body: postForm(
      frame,
      '/invitation',
      html`<input type="hidden" name="value" value="${props.value}">
      ${
        account.email
          ? field({
              name: 'email',
              label: 'Your e-mail',
              type: 'email',
              value: account.email,
              autocomplete: 'username',
              readonly: true,
            })
          : hiddenUsername(account.name)
      }
      ${newPasswordFields({ describedBy: props.problem ? 'problem' : undefined, autofocus: true })}
      ${
        hasPassword &&
        checkboxes({
          legend: 'Devices, apps and access tokens',
          boxes: [
            {
              name: 'keep_access',
              label: 'Keep them connected',
              description:
                'Only if you are sure that nobody else knew your old password. Otherwise they are disconnected, and you connect again what you need.',
              checked: false,
            },
          ],
        })
      }
      <button type="submit" class="wide">${hasPassword ? 'Set the new password' : 'Set the password'}</button>`,
    ),
  });
}

/** Says that a link leads nowhere any more, or never did. */
export function invitationGone(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This link no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead: `It was used already, it has expired, or a newer one took its place.`,
    body: html`<p class="centred">Ask an administrator of ${frame.brand.name} for a new link. If you have set your password, you can sign in.</p>
    <a class="button wide" href="/sign-in">Go to sign-in</a>`,
  });
}
