import { html } from 'hono/html';
import { deviceTitle } from '../components/device-name.ts';
import { postForm } from '../components/form.ts';
import { screenIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { ago } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface SessionShown {
  id: string;
  signedInAt: Date;
  lastSeenAt: Date;
  ip: string | null;
  userAgent: string | null;
  /** How the person signed in, and what they have proven since (RFC 8176). */
  amr: readonly string[];
  /** The first use by another browser on another network, if there was one. */
  elsewhere: { at: Date; ip: string | null; userAgent: string | null } | null;
  /** The names of the apps that were entered from there, the last one first. */
  apps: string[];
}

/** Beyond this many, the others are folded. */
const shown = 5;

/** The browsers in which a person is signed in, this one first. */
export function sessionsPanel(frame: Frame, sessions: SessionShown[], currentId: string): Html {
  const others = sessions.filter(({ id }) => id !== currentId);
  const sorted = [...sessions.filter(({ id }) => id === currentId), ...others];
  const folded = sorted.slice(shown);
  const rows = (list: SessionShown[]) =>
    html`<ul class="rows">${list.map((session) => row(frame, session, session.id === currentId))}</ul>`;
  return html`<section class="panel" aria-labelledby="sessions">
    <h2 id="sessions">Sessions</h2>
    <p class="sub">Browsers in which you are signed in. If you do not recognize one, sign it out and change your password.</p>
    ${rows(sorted.slice(0, shown))}
    ${folded.length > 0 && html`<details><summary>${folded.length} more</summary>${rows(folded)}</details>`}
    ${
      others.length > 0 &&
      postForm(
        frame,
        '/account/sessions/end-others',
        html`<button type="submit" class="plain">Sign out everywhere else</button>`,
        'inline',
      )
    }
  </section>`;
}

/** The maximum number of apps that are named. */
const namedApps = 10;

const appNames = (apps: readonly string[]): Html =>
  html`<p class="sub">Signed in to: ${apps
    .slice(0, namedApps)
    .map((name, index) => html`${index > 0 && ', '}<bdi>${name}</bdi>`)}${
    apps.length > namedApps && ` and ${apps.length - namedApps} more`
  }</p>`;

/** How a person signed in, by what they have proven: "a password and a code". */
export function waysInWords(amr: readonly string[]): string {
  const has = (...values: string[]) => values.some((value) => amr.includes(value));
  const ways = [
    has('pwd') && 'a password',
    has('fed') && 'another provider',
    has('hwk', 'swk', 'user') && 'a passkey',
    has('otp') && 'a code',
  ].filter((way) => way !== false);
  return ways.length < 2 ? ways.join() : `${ways.slice(0, -1).join(', ')} and ${ways.at(-1)}`;
}

function row(
  frame: Frame,
  { id, userAgent, ip, amr, elsewhere, apps, ...times }: SessionShown,
  current: boolean,
): Html {
  const name = deviceTitle(userAgent);
  return html`<li><div class="row-head">
    <div class="glyph">${screenIcon}</div>
    <div class="row-name"><h3>${name}</h3>
      <p class="sub">${current ? 'This browser' : html`Last seen ${ago(times.lastSeenAt, frame.now)}`} · Signed in ${ago(times.signedInAt, frame.now)}${waysInWords(amr) && ` with ${waysInWords(amr)}`}${ip && html` · <bdi>${ip}</bdi>`}</p>
      ${elsewhere && warning(html`<p>${deviceTitle(elsewhere.userAgent)} used this session ${ago(elsewhere.at, frame.now)}${elsewhere.ip && html` from <bdi>${elsewhere.ip}</bdi>`}. If that was not you, sign it out and change your password.</p>`)}
      ${apps.length > 0 && appNames(apps)}</div>
    <div class="row-actions">${
      current
        ? html`<span class="badge">Current</span>`
        : postForm(
            frame,
            '/account/sessions/end',
            html`<input type="hidden" name="session_id" value="${id}">
          <button type="submit" class="plain small">Sign out<span class="visually-hidden"> ${name}</span></button>`,
            'inline',
          )
    }</div>
  </div></li>`;
}
