import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { field, fieldsOf, hiddenUsername, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { newPasswordFields } from '../components/new-password.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountPasswordProps {
  /** The person has no password yet: they sign in in another way. */
  isFirst?: boolean | undefined;
  problem?: string | undefined;
  problems?: Problems<'current' | 'password' | 'repeat'> | undefined;
  /** For the person's password manager. */
  email: string | null;
}

/** Where a person changes their password, or sets their first one. */
export function accountPassword(
  frame: Frame,
  { isFirst = false, problem, problems, email }: AccountPasswordProps,
): Html {
  const fields = fieldsOf({
    order: isFirst ? ['password', 'repeat'] : ['current', 'password', 'repeat'],
    problems,
  });
  const title = isFirst ? 'Set a password' : 'Change password';
  return accountPage(frame, {
    title,
    lead: isFirst
      ? 'You can sign in with it as well as in the ways that you have.'
      : 'A new password signs you out everywhere else. Connected apps and devices stay connected.',
    problem,
    problems,
    narrow: true,
    crumbs: crumbs([
      ['Account', '/account'],
      ['Sign-in and security', '/account/security'],
    ]),
    body: html`<section class="panel" aria-label="${title}">
      ${postForm(
        frame,
        '/account/password',
        html`${hiddenUsername(email || frame.person?.name)}
        ${
          !isFirst &&
          field({
            ...fields('current'),
            label: 'Current password',
            type: 'password',
            autocomplete: 'current-password',
          })
        }
        ${newPasswordFields(frame, fields)}
        <div class="form-end"><button type="submit">${isFirst ? 'Set password' : title}</button><a class="button plain" href="/account/security">Cancel</a></div>`,
        { noValidate: true },
      )}
    </section>`,
  });
}
