import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { support } from '../components/support.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { type FactorNoticesProps, factorNotices } from './factor-notices.ts';
import { type SessionShown, sessionsPanel } from './sessions.ts';

/** The fields of the profile that people change themselves. */
export type ProfileField =
  | 'name'
  | 'given_name'
  | 'family_name'
  | 'nickname'
  | 'picture'
  | 'locale'
  | 'zoneinfo'
  | 'phone_number';

export interface AccountHomeProps extends FactorNoticesProps {
  profile: Record<ProfileField, string>;
  email: string | null;
  emailVerified: boolean;
  /** Whether the person can get a link to verify it. */
  canVerifyEmail: boolean;
  /** Whether the person can get a link to another address. */
  canChangeEmail: boolean;
  sessions: SessionShown[];
  /** The session of this browser. */
  currentSessionId: string;
  /** Whether the person can register OAuth clients here. */
  mayRegisterClients: boolean;
  /** Whether the person is an administrator, who asks no other one. */
  isAdministrator: boolean;
  /** Whether the person reads the emails that are not sent. */
  hasOutbox: boolean;
  problems?: Problems<ProfileField> | undefined;
}

/** A person's account: profile and sessions. */
export function accountHome(frame: Frame, props: AccountHomeProps): Html {
  const { problems } = props;
  const fields = fieldsOf<ProfileField>({
    order: [
      'name',
      'given_name',
      'family_name',
      'nickname',
      'picture',
      'locale',
      'zoneinfo',
      'phone_number',
    ],
    values: props.profile,
    problems,
    focusFirst: false,
  });
  const { name: _name, ...more } = props.profile;
  const isFilled = Object.values(more).some(Boolean) || Object.keys(problems ?? {}).length > 0;
  return accountPage(frame, {
    title: 'Account',
    problems,
    narrow: true,
    body: html`${factorNotices(frame, props)}<section class="panel" aria-labelledby="profile">
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
          <p class="fixed">${props.email ? html`<bdi>${props.email}</bdi>${props.emailVerified && html` ${badge('Verified', 'neutral')}`}` : 'None'}</p>
          <p class="hint">${
            props.canChangeEmail
              ? html`<a href="/account/email">Change email address</a>`
              : props.isAdministrator
                ? html`As an administrator, change it with <code>writ accounts update</code> or the API.`
                : html`To change it, ask ${support(frame)}.`
          }</p></div>
        <input type="hidden" name="whole" value="yes">
        <details${isFilled && html` open`}><summary>More about you</summary>
        <p class="hint">Optional. An app sees it only if you allow it to see your profile or your phone number.</p>
        ${field({ ...fields('given_name'), label: 'Given name', autocomplete: 'given-name', optional: true })}
        ${field({ ...fields('family_name'), label: 'Family name', autocomplete: 'family-name', optional: true })}
        ${field({ ...fields('nickname'), label: 'Nickname', autocomplete: 'nickname', optional: true })}
        ${field({ ...fields('picture'), label: 'Picture', autocomplete: 'photo', optional: true, hint: 'The URL of a picture, which begins with https://.' })}
        ${field({ ...fields('locale'), label: 'Language', autocomplete: 'language', optional: true, hint: 'A language tag, such as en or pt-BR.' })}
        ${field({ ...fields('zoneinfo'), label: 'Time zone', optional: true, hint: 'Such as Europe/London.' })}
        ${field({ ...fields('phone_number'), label: 'Phone number', autocomplete: 'tel', optional: true, hint: 'With the country, such as +44 20 7946 0018.' })}
        </details>
        <button type="submit">Save</button>`,
        { noValidate: true },
      )}
    </section>
    ${
      props.canVerifyEmail &&
      html`<section class="panel row" aria-labelledby="email">
      <div><h2 id="email">Email address</h2>
      <p>It is not verified yet. Some apps require a verified address.</p></div>
      ${postForm(frame, '/account/email/verify', html`<button type="submit" class="plain">Send a link</button>`)}
    </section>`
    }
    <section class="panel row" aria-labelledby="security">
      <div><h2 id="security">Sign-in and security</h2>
      <p>Your password, and what protects your account besides it.</p></div>
      <a class="button plain" href="/account/security">Manage</a>
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
    ${
      props.hasOutbox &&
      html`<section class="panel row" aria-labelledby="outbox">
      <div><h2 id="outbox">Outbox</h2>
      <p>Emails that this installation would have sent, with their links.</p></div>
      <a class="button plain" href="/account/outbox">Open the outbox</a>
    </section>`
    }
    <section class="panel row" aria-labelledby="data">
      <div><h2 id="data">Your data</h2>
      <p>What is held about you here, as a file: profile, sign-ins, connections, tokens and history, without passwords and keys.</p></div>
      ${postForm(frame, '/account/data', html`<button type="submit" class="plain">Download</button>`)}
    </section>
    <section class="panel row" aria-labelledby="delete">
      <div><h2 id="delete">Delete account</h2>
      <p>Your profile, tokens and connections are deleted. You cannot undo this.</p></div>
      <a class="button plain bad" href="/account/delete">Delete account</a>
    </section>`,
  });
}
