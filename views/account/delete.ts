import { html } from 'hono/html';
import { field, hiddenUsername } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountDeleteProps {
  /** For the person's password manager. */
  email: string | null;
  problem?: string | undefined;
  /** The problem is with the password. */
  wrongPassword?: boolean | undefined;
}

/** Where a person deletes their account. */
export function accountDelete(frame: Frame, props: AccountDeleteProps): Html {
  const { email, problem, wrongPassword } = props;
  return accountPage(frame, {
    title: 'Delete your account',
    lead: 'This cannot be undone.',
    problem: wrongPassword ? undefined : problem,
    body: html`<section class="panel danger-panel" aria-label="Delete your account">
      <p>This is deleted or ended:</p>
      <ul class="ending">
        <li>your name, your e-mail address and your password</li>
        <li>every browser that is signed in, every connected device and app</li>
        <li>your personal access tokens: what uses them is refused at once</li>
        <li>your memberships of apps, and what you were invited to</li>
      </ul>
      <p class="sub">The record of what was done here keeps a number in place of your name.</p>
      ${postForm(
        frame,
        '/account/delete',
        html`${hiddenUsername(email || frame.person?.name)}
        ${field({
          name: 'current',
          label: 'Your password',
          type: 'password',
          autocomplete: 'current-password',
          problem: wrongPassword ? problem : undefined,
          autofocus: wrongPassword === true,
        })}
        <div class="form-end"><button type="submit" class="danger">Delete my account</button><a class="button plain" href="/account">Cancel</a></div>`,
      )}
    </section>`,
  });
}
