import { html } from 'hono/html';
import { developerFact } from '../components/app-fact.ts';
import { userCode } from '../components/code.ts';
import { deviceTitle } from '../components/device-name.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { homepage } from '../components/homepage.ts';
import { caution, information, warning } from '../components/notice.ts';
import { type ScopeShown, scopeList } from '../components/scopes.ts';
import { support } from '../components/support.ts';
import { duration, fromNow, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface DeviceConfirmProps {
  request: {
    /** As the device shows it: `BCDF-GHJK` */
    userCode: string;
    clientName: string;
    /** The app that it belongs to, if a person created it. */
    app?: string | null | undefined;
    /** The person who registered it, or who owns its app. */
    developer?: string | undefined;
    clientUri?: string | undefined;
    scopes: (ScopeShown & { name: string })[];
    /** Single actions that it is limited to. */
    details: ScopeShown[];
    /** It asks for everything that the person can do. */
    asksForEverything: boolean;
    /** The permission that connecting the app requires, if no role of this account gives it. */
    missingPermission?: string | undefined;
    /** Names of scopes that this account cannot grant. */
    scopesBeyondRole: string[];
    device: { userAgent: string | null; ip: string | null };
    requestedAt: Date;
    expiresAt: Date;
    /** Lifetimes to choose from, in seconds; the first is the default. Empty: no choice. */
    lifetimes: number[];
  };
  problem?: string | undefined;
  /** The device has the IP address of this browser. */
  sameAddress: boolean;
}

/** Where a person sees what a device asks for, and approves or denies it (RFC 8628 §3.3, §5.4). */
export function deviceConfirm(
  frame: Frame,
  { request, problem, sameAddress }: DeviceConfirmProps,
): Html {
  const { clientName, device } = request;
  const asked = onceEach([...request.scopes, ...request.details]);
  const mayConnect = request.scopesBeyondRole.length === 0 && !request.missingPermission;
  return cardPage(frame, {
    title: 'Connect a device',
    heading: html`Connect <bdi>${clientName}</bdi>?`,
    lead: html`This app wants to use your ${frame.brand.name} account on a device.`,
    problem,
    body: html`<section class="compare" aria-labelledby="compare">
      <h2 id="compare">Does your device show this code?</h2>
      ${userCode(request.userCode)}
    </section>
    ${facts([
      ...developerFact(frame, request),
      ...homepage(request.clientUri),
      ['Device', deviceTitle(device.userAgent)],
      [
        'IP address',
        html`<bdi>${device.ip ?? 'Unknown'}</bdi>${device.ip && sameAddress && html` <span class="aside">the same as yours</span>`}`,
      ],
      ['Requested', momentFromNow(request.requestedAt, frame.now)],
    ])}
    ${
      !sameAddress &&
      information(
        html`<p>The device has a different IP address than this browser. That is normal for a server, a phone or another network. If the device is next to you, check the code again.</p>`,
      )
    }
    <section class="asks" aria-labelledby="asks">
      <h2 id="asks">${asked.length > 0 ? 'It will be able to' : 'It will know who you are'}</h2>
      ${asked.length > 0 ? scopeList(asked, 'h3') : html`<p>It asks for nothing else.</p>`}
    </section>
    ${
      request.asksForEverything &&
      warning(
        html`<p><strong>It asks for full access.</strong> Its token can do everything that you can. Anyone who gets hold of it can use it until it expires.</p>`,
      )
    }
    ${mayConnect ? decision(frame, request) : beyondReach(frame, request)}`,
  });
}

function decision(frame: Frame, request: DeviceConfirmProps['request']): Html {
  return postForm(
    frame,
    '/device/decision',
    html`<input type="hidden" name="user_code" value="${request.userCode}">
    ${request.lifetimes.length > 0 && lifetimeChoice(request.lifetimes)}
    ${caution(
      html`<p><strong>Only connect a device that you use yourself.</strong> Support staff never ask you to do this for them.</p>`,
    )}
    <div class="buttons">
      <button type="submit" name="decision" value="approve">Connect</button>
      <button type="submit" name="decision" value="deny" class="plain">Deny</button>
    </div>
    <p class="fine">You can revoke access at any time under <a href="/account/connected">Connected</a>. This code expires ${fromNow(request.expiresAt, frame.now)}.</p>`,
  );
}

/** Without repetitions. */
const onceEach = (asked: ScopeShown[]): ScopeShown[] => [
  ...new Map(asked.map((one) => [JSON.stringify([one.resource, one.description]), one])).values(),
];

/** The shortest first; the default is checked. */
function lifetimeChoice(lifetimes: number[]): Html {
  const [chosen] = lifetimes;
  return html`<fieldset class="choice">
    <legend>Stay connected for</legend>
    <div>${lifetimes
      .toSorted((a, b) => a - b)
      .map(
        (seconds) =>
          html`<label><input type="radio" name="lifetime" value="${seconds}"${seconds === chosen && html` checked`}><span>${duration(seconds)}</span></label>`,
      )}</div>
  </fieldset>`;
}

function beyondReach(
  frame: Frame,
  { userCode, scopesBeyondRole, missingPermission }: DeviceConfirmProps['request'],
): Html {
  const names = missingPermission ? [missingPermission] : scopesBeyondRole;
  return html`${warning(html`<p><strong>Your account cannot connect this app.</strong> ${missingPermission ? 'None of your roles has this permission:' : 'It asks for scopes that you do not have:'}</p>
    <p class="names">${names.map((name) => html`<code><bdi>${name}</bdi></code> `)}</p>
    <p>Ask ${support(frame.brand)} to connect it, or to give your account ${missingPermission ? 'this permission' : 'these scopes'}.</p>`)}
  ${postForm(
    frame,
    '/device/decision',
    html`<input type="hidden" name="user_code" value="${userCode}">
    <div class="buttons"><button type="submit" name="decision" value="deny" class="plain">Deny</button></div>`,
  )}`;
}
