import { html } from 'hono/html';
import { deviceTitle } from '../components/device-name.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { terminalIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { type ScopeShown, scopeList } from '../components/scopes.ts';
import { fromNow, moment, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';
import { type KeyPairShown, keyPairList } from './key-pairs.ts';

export interface DeviceShown {
  grantId: string;
  clientName: string;
  device: { userAgent: string | null; ip: string | null } | null;
  approvedAt: Date;
  lastUsedAt: Date | null;
  endsAt: Date;
  scopes: ScopeShown[];
  /** Single actions that it is limited to. */
  details: ScopeShown[];
  /** Why it was disconnected, where it was: 'reuse'. */
  endedBecause: string | null;
  endedAt: Date | null;
}

export interface AccountDevicesProps {
  devices: DeviceShown[];
  keyPairs: KeyPairShown[];
}

/** What is connected to a person's account, and the means to end that. */
export function accountDevices(frame: Frame, { devices, keyPairs }: AccountDevicesProps): Html {
  return accountPage(frame, {
    title: 'Devices',
    lead: 'Apps and command lines that may use your account.',
    body: html`${
      devices.length > 0
        ? html`<ul class="list">${devices.map((device) => html`<li class="panel">${item(frame, device)}</li>`)}</ul>
          <p class="fine left">To connect another, sign in on the device itself: it shows a code, and you <a href="/device">type it here</a>.</p>`
        : nothing()
    }${keyPairs.length > 0 && keyPairList(frame, keyPairs)}`,
  });
}

function item(frame: Frame, device: DeviceShown): Html {
  const { clientName, details, approvedAt, lastUsedAt, endsAt } = device;
  const scopes = [...device.scopes, ...details];
  const from = device.device;
  return html`<div class="item">
    <div class="glyph">${terminalIcon}</div>
    <div class="item-head"><h2><bdi>${clientName}</bdi></h2>
      <p class="sub">${deviceTitle(from?.userAgent)}</p></div>
    ${device.endedAt && html`<span class="badge bad">Disconnected</span>`}
  </div>
  ${device.endedAt && ended(frame, device, device.endedAt)}
  ${facts([
    ...(from?.ip ? [['Address', html`<bdi>${from.ip}</bdi>`] as [string, Html]] : []),
    ['Connected', momentFromNow(approvedAt, frame.now)],
    ['Last used', lastUsedAt ? momentFromNow(lastUsedAt, frame.now) : 'Not yet'],
    ...(device.endedAt ? [] : [['Ends', momentFromNow(endsAt, frame.now)] as [string, Html]]),
  ])}
  ${
    scopes.length > 0 &&
    html`<details><summary>What it ${device.endedAt ? 'was' : 'is'} able to do</summary>${scopeList(scopes, 'h3')}</details>`
  }
  ${!device.endedAt && disconnect(frame, device)}`;
}

function disconnect(frame: Frame, { grantId, clientName }: DeviceShown): Html {
  return html`<details class="danger"><summary>Disconnect…<span class="visually-hidden"> <bdi>${clientName}</bdi></span></summary>
    <p><bdi>${clientName}</bdi> can then no longer use your account. To use it again, connect it anew.</p>
    ${postForm(
      frame,
      '/account/devices/end',
      html`<input type="hidden" name="grant_id" value="${grantId}">
      <button type="submit" class="danger">Disconnect <bdi>${clientName}</bdi></button>`,
    )}
  </details>`;
}

function ended(frame: Frame, { endedBecause }: DeviceShown, endedAt: Date): Html {
  return endedBecause === 'reuse'
    ? warning(html`<p>We disconnected this on ${moment(endedAt)}, because an old key of it was used again. Someone may have copied it.</p>
      <p>Connect it again. If you did not expect this, tell an administrator of ${frame.brand.name}.</p>`)
    : html`<p>Disconnected ${fromNow(endedAt, frame.now)}, on ${moment(endedAt)}.</p>`;
}

function nothing(): Html {
  return html`<section class="panel empty" aria-labelledby="empty">
    <div class="glyph">${terminalIcon}</div>
    <h2 id="empty">Nothing is connected</h2>
    <p>Sign in on a device or a command line. It shows a code: type it here, and the device may use your account.</p>
    <a class="button" href="/device">Connect a device</a>
  </section>`;
}
