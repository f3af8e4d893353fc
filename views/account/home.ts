import { html } from 'hono/html';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { support } from '../components/support.ts';
import { ago } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { type SessionShown, sessionsPanel } from './sessions.ts';

export interface AccountHomeProps {
  name: string;
  email: string | null;
  passwordChangedAt: Date | null;
  sessions: SessionShown[];
  /** The session of this browser. */
  currentSessionId: string;
  /** Whether the person can register OAuth clients here. */
  mayRegisterClients: boolean;
  /** Whether the person is an administrator, who asks no other one. */
  isAdministrator: boolean;
  problems?: Problems<'name'> | undefined;
}

/** A person's account: profile, password, sessions. */
export function accountHome(frame: Frame, props: AccountHomeProps): Html {
  const { passwordChangedAt, problems } = props;
  const fields = fieldsOf({
    order: ['name'],
    values: { name: props.name },
    problems,
    focusFirst: false,
  });
  return accountPage(frame, {
    title: 'Account',
    problems,
    narrow: true,
    body: html`<section class="panel" aria-labelledby="profile">
      <h2 id="profile">Profile</h2>
      ${postForm(
        frame,
        '/account/profile',
        html`${field({
          ...fields('name'),
          label: 'Name',
          autocomplete: 'name',
          hint: 'Shown to apps that you sign in to.',
        })}
        <div class="field"><p class="label">Email</p>
          <p class="fixed">${props.email ? html`<bdi>${props.email}</bdi>` : 'None'}</p>
          <p class="hint">${
            props.isAdministrator
              ? html`As an administrator, change it with <code>writ accounts update</code> or the API.`
              : html`To change it, ask ${support(frame.brand)}.`
          }</p></div>
        <button type="submit">Save</button>`,
        { noValidate: true },
      )}
    </section>
    <section class="panel row" aria-labelledby="password">
      <div><h2 id="password">Password</h2>
      <p>${passwordChangedAt ? html`Changed ${ago(passwordChangedAt, frame.now)}` : 'You have no password yet.'}</p></div>
      <a class="button plain" href="/account/password">Change password</a>
    </section>
    ${sessionsPanel(frame, props.sessions, props.currentSessionId)}
    ${
      props.mayRegisterClients &&
      html`<section class="panel row" aria-labelledby="clients">
      <div><h2 id="clients">OAuth clients</h2>
      <p>Programs that you registered, which ask people for access.</p></div>
      <a class="button plain" href="/account/clients">Manage clients</a>
    </section>`
    }
    <section class="panel row" aria-labelledby="delete">
      <div><h2 id="delete">Delete account</h2>
      <p>Your profile, tokens and connections are deleted. You cannot undo this.</p></div>
      <a class="button plain bad" href="/account/delete">Delete account</a>
    </section>`,
  });
}
