import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { field, fieldsOf, hiddenUsername, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountDeleteProps {
  /** Without a password, the recent sign-in is proof enough. Default: they have one. */
  hasPassword?: boolean | undefined;
  /** For the person's password manager. */
  email: string | null;
  /** What prevents the deletion. */
  problem?: string | undefined;
  problems?: Problems<'current'> | undefined;
}

/** Where a person deletes their account. */
export function accountDelete(frame: Frame, props: AccountDeleteProps): Html {
  const { email, hasPassword = true, problem, problems } = props;
  // The consequences are read first.
  const fields = fieldsOf({ order: ['current'], problems, focusFirst: false });
  return accountPage(frame, {
    title: 'Delete account',
    lead: 'You cannot undo this.',
    problem,
    problems,
    narrow: true,
    crumbs: crumbs([['Account', '/account']]),
    body: html`<section class="panel danger-panel" aria-label="Delete account">
      <p>This deletes:</p>
      <ul class="ending">
        <li>your name, your email address, and every way to sign in</li>
        <li>your sessions, and the access of every connected app and device</li>
        <li>your personal access tokens: programs that use them are refused at once</li>
        ${frame.brand.apps !== false && html`<li>your memberships of apps, and your invitations to apps</li>`}
      </ul>
      <p class="sub">The audit log keeps an ID in place of your name.</p>
      ${postForm(
        frame,
        '/account/delete',
        html`${
          hasPassword &&
          html`${hiddenUsername(email || frame.person?.name)}
        ${field({
          ...fields('current'),
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
        })}`
        }
        <div class="form-end"><button type="submit" class="danger">Delete my account</button><a class="button plain" href="/account">Cancel</a></div>`,
        { noValidate: true },
      )}
    </section>`,
  });
}
