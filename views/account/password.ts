import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { field, fieldsOf, hiddenUsername, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { newPasswordFields } from '../components/new-password.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountPasswordProps {
  problems?: Problems<'current' | 'password' | 'repeat'> | undefined;
  /** For the person's password manager. */
  email: string | null;
}

/** Where a person changes their password. */
export function accountPassword(frame: Frame, { problems, email }: AccountPasswordProps): Html {
  const fields = fieldsOf({ order: ['current', 'password', 'repeat'], problems });
  return accountPage(frame, {
    title: 'Change password',
    lead: 'A new password signs you out everywhere else. Connected apps and devices stay connected.',
    problems,
    narrow: true,
    crumbs: crumbs([
      ['Account', '/account'],
      ['Sign-in and security', '/account/security'],
    ]),
    body: html`<section class="panel" aria-label="Change password">
      ${postForm(
        frame,
        '/account/password',
        html`${hiddenUsername(email || frame.person?.name)}
        ${field({
          ...fields('current'),
          label: 'Current password',
          type: 'password',
          autocomplete: 'current-password',
        })}
        ${newPasswordFields(fields)}
        <div class="form-end"><button type="submit">Change password</button><a class="button plain" href="/account/security">Cancel</a></div>`,
        { noValidate: true },
      )}
    </section>`,
  });
}
