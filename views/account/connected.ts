import { html } from 'hono/html';
import { deviceTitle } from '../components/device-name.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { appIcon, keyIcon, terminalIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { type ScopeShown, scopeList } from '../components/scopes.ts';
import { support } from '../components/support.ts';
import { ago, moment, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** An app that a person gave access to their account, with all its logins. */
export interface AppShown {
  clientId: string;
  clientName: string;
  /** The person or app that published it; null if an operator registered it. */
  publisher: string | null;
  /** Whether it registered itself, under a name that no one has checked. */
  registeredItself?: boolean | undefined;
  /** A link that opens it. */
  openHref?: string | null | undefined;
  /** Its active logins, the newest first. */
  logins: { grantId: string; device: { userAgent: string | null; ip: string | null } | null }[];
  allowedAt: Date;
  lastUsedAt: Date | null;
  /** Null without logins. */
  expiresAt: Date | null;
  scopes: ScopeShown[];
  /** Single actions that it is limited to. */
  details: ScopeShown[];
}

/** A device that a person gave access to their account. */
export interface ConnectionShown {
  grantId: string;
  clientName: string;
  /** The person or app that published it; null if an operator registered it. */
  publisher: string | null;
  registeredItself?: boolean | undefined;
  device: { userAgent: string | null; ip: string | null } | null;
  approvedAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date;
  scopes: ScopeShown[];
  /** Single actions that it is limited to. */
  details: ScopeShown[];
  /** Why it was revoked, if it was: `reuse`. */
  revokedBecause: string | null;
  revokedAt: Date | null;
}

/** An id and a secret by which programs get tokens of a person. */
export interface KeyPairShown {
  id: string;
  clientId: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** A client that acts for a person, or did until they ended it. */
export interface AgentShown {
  clientId: string;
  clientName: string;
  /** The sentence that says what it is for; null if there is none. */
  purpose: string | null;
  /** The person or app that it belongs to; null if an operator registered it. */
  publisher: string | null;
  since: Date;
  lastUsedAt: Date | null;
  /** When the person ended it; null while it acts. */
  endedAt: Date | null;
}

export interface AccountConnectedProps {
  /** Clients that act for the person with tokens of others. */
  agents: AgentShown[];
  apps: AppShown[];
  devices: ConnectionShown[];
  /** Logins that were revoked because a token was used twice. */
  revoked: ConnectionShown[];
  keyPairs: KeyPairShown[];
}

/** What has access to a person's account: one line each, by kind. */
export function accountConnected(
  frame: Frame,
  { apps, devices, revoked, keyPairs, agents }: AccountConnectedProps,
): Html {
  const isEmpty =
    apps.length + devices.length + revoked.length + keyPairs.length + agents.length === 0;
  return accountPage(frame, {
    title: 'Connected apps and devices',
    lead: isEmpty ? undefined : 'They can use your account until you revoke their access.',
    narrow: true,
    actions: isEmpty
      ? undefined
      : html`<a class="button plain" href="/device">Connect a device</a>`,
    body: html`${revoked.map((connection) => html`<section class="panel">${revokedItem(frame, connection)}</section>`)}
    ${group(
      'apps',
      'Apps',
      apps.map((app) => appRow(frame, app)),
    )}
    ${group(
      'devices',
      'Devices and command lines',
      devices.map((device) => deviceRow(frame, device)),
    )}
    ${group(
      'agents',
      'Acting for you',
      agents.map((agent) => agentRow(frame, agent)),
      'Programs that got access from another one that you use, and use APIs on your behalf.',
    )}
    ${group(
      'keys',
      'Client keys',
      keyPairs.map((pair) => keyPairRow(frame, pair)),
      'Programs with these keys can call an API as you.',
    )}
    ${isEmpty && nothing()}`,
  });
}

const group = (id: string, title: string, rows: Html[], lead?: string): Html | '' =>
  rows.length === 0
    ? ''
    : html`<section class="panel" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
    ${lead && html`<p class="sub">${lead}</p>`}
    <ul class="rows lines">${rows}</ul></section>`;

interface Line {
  icon: Html;
  name: string;
  sub: Html;
  details: Html;
  revoke: Html;
}

/** Closes what Revoke opened, without a script. */
const cancel = html`<a class="button plain" href="/account/connected">Cancel</a>`;

/** One line; a click on it shows its details. What Revoke does is read before it is done. */
const line = ({ icon, name, sub, details, revoke }: Line): Html => html`<li class="line">
    <details class="line-more"><summary><span class="row-head">
      <span class="glyph">${icon}</span>
      <span class="row-name"><strong><bdi>${name}</bdi></strong><span class="sub">${sub}</span></span>
    </span></summary><div class="line-details">${details}</div></details>
    <details class="menu" name="revoke"><summary>Revoke<span class="visually-hidden"> <bdi>${name}</bdi>…</span></summary>
      <div class="menu-body">${revoke}</div></details>
  </li>`;

const lastUse = (lastUsedAt: Date | null, now: Date): Html =>
  lastUsedAt ? html`Last used ${ago(lastUsedAt, now)}` : html`Not used yet`;

type Fact = [string, Html];

/** How many browsers a person is logged in to an app with. */
const inBrowsers = (count: number): string =>
  count === 0 ? 'Not logged in' : count === 1 ? 'In 1 browser' : `In ${count} browsers`;

/** What a client that registered itself says of itself is not verified. */
const unverified = (
  frame: Frame,
  { registeredItself }: Pick<AppShown, 'registeredItself'>,
): Fact[] =>
  registeredItself
    ? [
        [
          frame.messages.app.registered,
          html`${frame.messages.app.byItself} <span class="aside">${frame.messages.app.notVerified(frame.brand.name)}</span>`,
        ],
      ]
    : [];

function appRow(frame: Frame, app: AppShown): Html {
  const { clientId, clientName, publisher, openHref, logins, lastUsedAt, scopes, details } = app;
  const access = [...scopes, ...details];
  const [newest] = logins;
  const { userAgent, ip } = newest?.device ?? {};
  return line({
    icon: appIcon,
    name: clientName,
    sub: html`${publisher && html`by <bdi>${publisher}</bdi> · `}${app.registeredItself && html`Registered itself · `}${inBrowsers(logins.length)}${newest && html` · ${lastUse(lastUsedAt, frame.now)}`}`,
    details: html`${openHref && html`<p><a class="button plain small" href="${openHref}" rel="noreferrer">Open <bdi>${clientName}</bdi></a></p>`}
    ${facts([
      ...(publisher ? [['Published by', html`<bdi>${publisher}</bdi>`] as Fact] : []),
      ...unverified(frame, app),
      ['Allowed', momentFromNow(app.allowedAt, frame.now)],
      ...(userAgent
        ? [
            [
              logins.length > 1 ? 'Last login in' : 'Browser',
              html`${deviceTitle(userAgent)}`,
            ] as Fact,
          ]
        : []),
      ...(ip ? [['IP address', html`<bdi>${ip}</bdi>`] as Fact] : []),
      ...(app.expiresAt ? [['Expires', momentFromNow(app.expiresAt, frame.now)] as Fact] : []),
    ])}
    ${access.length > 0 && html`<div class="asks">${scopeList(frame, access, 'h3')}</div>`}`,
    revoke: html`<p><bdi>${clientName}</bdi> will no longer be able to use your account, in any browser. It has to ask you again.</p>
    ${postForm(
      frame,
      '/account/connected/revoke',
      html`<input type="hidden" name="client_id" value="${clientId}">
      ${newest && html`<input type="hidden" name="grant_id" value="${newest.grantId}">`}
      <button type="submit" class="danger">Revoke <bdi>${clientName}</bdi></button>`,
    )}${cancel}`,
  });
}

function deviceRow(frame: Frame, connection: ConnectionShown): Html {
  const { clientName, publisher, device, lastUsedAt, scopes, details } = connection;
  const access = [...scopes, ...details];
  return line({
    icon: terminalIcon,
    name: clientName,
    sub: html`${connection.registeredItself && html`Registered itself · `}${device?.userAgent && html`${deviceTitle(device.userAgent)} · `}${lastUse(lastUsedAt, frame.now)}`,
    details: html`${facts([
      ...(publisher ? [['Published by', html`<bdi>${publisher}</bdi>`] as Fact] : []),
      ...unverified(frame, connection),
      ...(device?.userAgent ? [['Device', html`${deviceTitle(device.userAgent)}`] as Fact] : []),
      ...(device?.ip ? [['IP address', html`<bdi>${device.ip}</bdi>`] as Fact] : []),
      ['Connected', momentFromNow(connection.approvedAt, frame.now)],
      ['Expires', momentFromNow(connection.expiresAt, frame.now)],
    ])}
    ${access.length > 0 && html`<div class="asks">${scopeList(frame, access, 'h3')}</div>`}`,
    revoke: html`<p><bdi>${clientName}</bdi> will no longer be able to use your account. You can connect it again later.</p>
    ${postForm(
      frame,
      '/account/connected/revoke',
      html`<input type="hidden" name="grant_id" value="${connection.grantId}">
      <button type="submit" class="danger">Revoke <bdi>${clientName}</bdi></button>`,
    )}${cancel}`,
  });
}

/** What ends it is one click: allowing it again is one as well. */
function agentRow(
  frame: Frame,
  { clientId, clientName, purpose, publisher, since, lastUsedAt, endedAt }: AgentShown,
): Html {
  const name = html`<bdi>${clientName}</bdi>`;
  const form = (action: 'end' | 'allow', label: Html, style: string): Html =>
    postForm(
      frame,
      `/account/connected/${action}`,
      html`<input type="hidden" name="client_id" value="${clientId}">
      <button type="submit" class="${style}">${label}</button>`,
      'inline',
    );
  return html`<li class="line"><div class="row-head">
    <div class="glyph">${appIcon}</div>
    <div class="row-name"><strong>${name}</strong>
      <p class="sub">${publisher && html`by <bdi>${publisher}</bdi> · `}${
        endedAt
          ? html`You ended it ${ago(endedAt, frame.now)}`
          : html`Acts for you since ${moment(since)} · ${lastUse(lastUsedAt, frame.now)}`
      }</p>
      ${purpose && html`<p class="sub"><bdi>${purpose}</bdi></p>`}</div>
    <div class="row-actions">${
      endedAt
        ? form(
            'allow',
            html`Allow again<span class="visually-hidden"> ${name}</span>`,
            'plain small',
          )
        : form('end', html`End<span class="visually-hidden"> ${name}</span>`, 'danger small')
    }</div>
  </div></li>`;
}

function keyPairRow(
  frame: Frame,
  { id, clientId, name, createdAt, lastUsedAt }: KeyPairShown,
): Html {
  const field = html`<input type="hidden" name="key_id" value="${id}">`;
  return line({
    icon: keyIcon,
    name,
    sub: lastUse(lastUsedAt, frame.now),
    details: facts([
      ['Client ID', html`<code>${clientId}</code>`],
      ['Created', momentFromNow(createdAt, frame.now)],
    ]),
    revoke: html`<p>Revokes every access and refresh token that was issued for these keys. Programs that have the keys can get new tokens, unless you delete the keys as well.</p>
    ${postForm(frame, '/account/keys/end-tokens', html`${field}<button type="submit" class="danger">Revoke all tokens</button>`)}
    ${postForm(frame, '/account/keys/delete', html`${field}<button type="submit" class="danger">Delete the keys and revoke all tokens</button>`)}${cancel}`,
  });
}

function revokedItem(frame: Frame, { clientName, revokedBecause, ...rest }: ConnectionShown): Html {
  const revokedAt = rest.revokedAt ?? frame.now;
  return html`<div class="row-head">
    <div class="glyph">${terminalIcon}</div>
    <div class="row-name"><h2><bdi>${clientName}</bdi></h2><p class="sub">Revoked ${ago(revokedAt, frame.now)}</p></div>
    <div class="row-actions"><span class="badge bad">Revoked</span></div>
  </div>
  ${
    revokedBecause === 'reuse' &&
    warning(html`<p>An old refresh token of this connection was used again, so someone may have copied it. All its tokens were revoked.</p>
      <p>Connect it again. If you did not expect this, contact ${support(frame)}.</p>`)
  }`;
}

const nothing = (): Html => html`<section class="panel empty" aria-labelledby="empty">
    <div class="glyph">${terminalIcon}</div>
    <h2 id="empty">Nothing is connected</h2>
    <p>Sign in on a device or a command line. It shows a code: enter it here to let the device use your account.</p>
    <a class="button" href="/device">Connect a device</a>
  </section>`;
