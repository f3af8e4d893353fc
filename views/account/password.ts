import { html } from 'hono/html';
import { field, hiddenUsername } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { newPasswordFields } from '../components/new-password.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountPasswordProps {
  problem?: string | undefined;
  /** The field that the problem is about; without one it is about the whole. */
  field?: 'current' | 'password' | 'repeat' | undefined;
  /** For the person's password manager. */
  email: string | null;
}

/** Where a person changes the password. */
export function accountPassword(frame: Frame, props: AccountPasswordProps): Html {
  const problemOf = (name: string) => (props.field === name ? props.problem : undefined);
  const general = props.field ? undefined : props.problem;
  const describedBy = general ? 'problem' : undefined;
  return accountPage(frame, {
    title: 'Password',
    lead: 'A new password signs you out everywhere but here. Your devices stay connected.',
    problem: general,
    body: html`<section class="panel" aria-label="Change your password">
      ${postForm(
        frame,
        '/account/password',
        html`${hiddenUsername(props.email || frame.person?.name)}
        ${field({
          name: 'current',
          label: 'Current password',
          type: 'password',
          autocomplete: 'current-password',
          problem: problemOf('current'),
          autofocus: problemOf('current') !== undefined,
          describedBy,
        })}
        ${newPasswordFields({
          problem: problemOf('password'),
          repeatProblem: problemOf('repeat'),
          describedBy,
        })}
        <button type="submit">Change password</button>`,
      )}
    </section>`,
  });
}
