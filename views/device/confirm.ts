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
    /** How it registered itself, and what its document calls it; `clientName` is then the host of the document. */
    selfRegistered?:
      | { by: 'document' | 'registration'; calledItself?: string | undefined }
      | undefined;
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
  problem?: Html | string | undefined;
  /** The device has the IP address of this browser. */
  sameAddress: boolean;
}

/** Where a person sees what a device asks for, and approves or denies it (RFC 8628 §3.3, §5.4). */
export function deviceConfirm(
  frame: Frame,
  { request, problem, sameAddress }: DeviceConfirmProps,
): Html {
  const { clientName, device } = request;
  const { app: about, device: said } = frame.messages;
  const asked = onceEach([...request.scopes, ...request.details]);
  const mayConnect = request.scopesBeyondRole.length === 0 && !request.missingPermission;
  return cardPage(frame, {
    title: said.title,
    heading: said.heading(html`<bdi>${clientName}</bdi>`),
    lead: said.lead(frame.brand.name),
    problem,
    body: html`<section class="compare" aria-labelledby="compare">
      <h2 id="compare">${said.compare}</h2>
      ${userCode(request.userCode)}
    </section>
    ${facts([
      ...developerFact(frame, request),
      ...homepage(request.clientUri, about.website),
      [said.device, deviceTitle(device.userAgent, frame.messages)],
      [
        said.ip,
        html`<bdi>${device.ip ?? said.unknown}</bdi>${device.ip && sameAddress && html` <span class="aside">${said.sameAddress}</span>`}`,
      ],
      [said.requested, momentFromNow(request.requestedAt, frame.now, frame.messages)],
    ])}
    ${!sameAddress && information(html`<p>${said.otherAddress}</p>`)}
    <section class="asks" aria-labelledby="asks">
      <h2 id="asks">${asked.length > 0 ? about.ableTo : about.knowsYou}</h2>
      ${asked.length > 0 ? scopeList(frame, asked, 'h3') : html`<p>${about.nothingElse}</p>`}
    </section>
    ${request.asksForEverything && warning(html`<p>${said.fullAccess}</p>`)}
    ${mayConnect ? decision(frame, request) : beyondReach(frame, request)}`,
  });
}

function decision(frame: Frame, request: DeviceConfirmProps['request']): Html {
  const { actions, app: about, device: said } = frame.messages;
  return postForm(
    frame,
    '/device/decision',
    html`<input type="hidden" name="user_code" value="${request.userCode}">
    ${request.lifetimes.length > 0 && lifetimeChoice(frame, request.lifetimes)}
    ${caution(html`<p>${said.caution}</p>`)}
    <div class="buttons">
      <button type="submit" name="decision" value="approve">${said.connect}</button>
      <button type="submit" name="decision" value="deny" class="plain">${actions.deny}</button>
    </div>
    <p class="fine">${about.revokeAnyTime(html`<a href="/account/connected">${about.connected}</a>`)} ${said.expires(fromNow(request.expiresAt, frame.now, frame.messages))}</p>`,
  );
}

/** Without repetitions. */
const onceEach = (asked: ScopeShown[]): ScopeShown[] => [
  ...new Map(asked.map((one) => [JSON.stringify([one.resource, one.description]), one])).values(),
];

/** The shortest first; the default is checked. */
function lifetimeChoice({ messages }: Frame, lifetimes: number[]): Html {
  const [chosen] = lifetimes;
  return html`<fieldset class="choice">
    <legend>${messages.device.stayConnected}</legend>
    <div>${lifetimes
      .toSorted((a, b) => a - b)
      .map(
        (seconds) =>
          html`<label><input type="radio" name="lifetime" value="${seconds}"${seconds === chosen && html` checked`}><span>${duration(seconds, messages)}</span></label>`,
      )}</div>
  </fieldset>`;
}

function beyondReach(
  frame: Frame,
  { userCode, scopesBeyondRole, missingPermission }: DeviceConfirmProps['request'],
): Html {
  const names = missingPermission ? [missingPermission] : scopesBeyondRole;
  const { actions, device: said } = frame.messages;
  return html`${warning(html`<p>${missingPermission ? said.beyondReachPermission : said.beyondReachScopes}</p>
    <p class="names">${names.map((name) => html`<code><bdi>${name}</bdi></code> `)}</p>
    <p>${(missingPermission ? said.askForPermission : said.askForScopes)(support(frame))}</p>`)}
  ${postForm(
    frame,
    '/device/decision',
    html`<input type="hidden" name="user_code" value="${userCode}">
    <div class="buttons"><button type="submit" name="decision" value="deny" class="plain">${actions.deny}</button></div>`,
  )}`;
}
