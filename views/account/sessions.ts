import { html } from 'hono/html';
import { deviceTitle } from '../components/device-name.ts';
import { facts } from '../components/facts.ts';
import { postForm, signOutForm } from '../components/form.ts';
import { screenIcon } from '../components/icons.ts';
import { momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface SessionShown {
  id: string;
  signedInAt: Date;
  lastSeenAt: Date;
  ip: string | null;
  userAgent: string | null;
}

export interface AccountSessionsProps {
  sessions: SessionShown[];
  currentId: string;
}

/** Where a person is signed in, and the means to end that. */
export function accountSessions(frame: Frame, { sessions, currentId }: AccountSessionsProps): Html {
  const others = sessions.filter(({ id }) => id !== currentId);
  const sorted = [...sessions.filter(({ id }) => id === currentId), ...others];
  return accountPage(frame, {
    title: 'Sign-ins',
    lead: 'Browsers in which you are signed in. If you do not know one, sign it out and change your password.',
    body: html`<ul class="list">${sorted.map(
      (session) => html`<li class="panel">${item(frame, session, session.id === currentId)}</li>`,
    )}</ul>
    ${
      others.length > 0 &&
      html`<section class="panel row" aria-labelledby="others">
        <div><h2 id="others">Everywhere else</h2><p>Keeps you signed in here, and nowhere else.</p></div>
        ${postForm(frame, '/account/sessions/end-others', html`<button type="submit" class="plain">Sign out everywhere else</button>`)}
      </section>`
    }`,
  });
}

function item(frame: Frame, session: SessionShown, current: boolean): Html {
  return html`<div class="item">
    <div class="glyph">${screenIcon}</div>
    <div class="item-head"><h2>${deviceTitle(session.userAgent)}</h2>
      <p class="sub"><bdi>${session.ip ?? 'Address not known'}</bdi></p></div>
    ${current && html`<span class="badge">This browser</span>`}
  </div>
  ${facts([
    ['Last seen', momentFromNow(session.lastSeenAt, frame.now)],
    ['Signed in', momentFromNow(session.signedInAt, frame.now)],
  ])}
  ${
    current
      ? signOutForm(frame, 'plain small')
      : postForm(
          frame,
          '/account/sessions/end',
          html`<input type="hidden" name="session_id" value="${session.id}">
          <button type="submit" class="plain small">Sign out<span class="visually-hidden"> ${deviceTitle(session.userAgent)}</span></button>`,
          'inline',
        )
  }`;
}
