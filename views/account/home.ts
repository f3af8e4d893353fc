import { html } from 'hono/html';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { fromNow, moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountHomeProps {
  name: string;
  email: string | null;
  /** How many are connected. */
  devices: number;
  /** How many personal access tokens work. */
  tokens: number;
  /** How many browsers are signed in. */
  sessions: number;
  problem?: string | undefined;
  passwordChangedAt: Date | null;
}

/** What a person's account is, and where the rest of it stands. */
export function accountHome(frame: Frame, props: AccountHomeProps): Html {
  return accountPage(frame, {
    title: 'Your account',
    problem: props.problem,
    body: html`<ul class="tiles">
      ${tile('/account/devices', String(props.devices), props.devices === 1 ? 'connected device' : 'connected devices')}
      ${tile('/account/tokens', String(props.tokens), props.tokens === 1 ? 'access token' : 'access tokens')}
      ${tile('/account/sessions', String(props.sessions), props.sessions === 1 ? 'signed-in browser' : 'signed-in browsers')}
    </ul>
    <section class="panel" aria-labelledby="profile">
      <h2 id="profile">About you</h2>
      ${postForm(
        frame,
        '/account/profile',
        html`${field({
          name: 'name',
          label: 'Name',
          value: props.name,
          autocomplete: 'name',
          describedBy: props.problem ? 'problem' : undefined,
          hint: 'Apps that you sign in to may show it.',
        })}
        <div class="field"><p class="label">E-mail</p>
          <p class="fixed">${props.email ? html`<bdi>${props.email}</bdi>` : 'None'}</p>
          <p class="hint">Whoever runs ${frame.brand.name} can change it.</p></div>
        <button type="submit">Save</button>`,
      )}
    </section>
    <section class="panel row" aria-labelledby="secret">
      <div><h2 id="secret">Password</h2>
      <p>${
        props.passwordChangedAt
          ? html`Changed ${fromNow(props.passwordChangedAt, frame.now)}, on ${moment(props.passwordChangedAt)}.`
          : 'You have no password yet.'
      }</p></div>
      <a class="button plain" href="/account/password">Change password</a>
    </section>
    <p class="fine"><a href="/account/delete">Delete your account</a></p>`,
  });
}

const tile = (href: string, count: string, label: string): Html =>
  html`<li><a href="${href}"><strong>${count}</strong> <span>${label}</span></a></li>`;
