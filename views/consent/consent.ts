import { html, raw } from 'hono/html';
import { developerFact } from '../components/app-fact.ts';
import { checkboxes } from '../components/controls.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { homepage } from '../components/homepage.ts';
import { checkIcon, clockIcon, crossIcon, infoIcon } from '../components/icons.ts';
import { caution, warning } from '../components/notice.ts';
import { type ScopeShown, scopeList } from '../components/scopes.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import { fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface ConsentProps {
  request: {
    uid: string;
    clientName: string;
    /** The app that it belongs to, if a person created it. */
    app: string | null;
    clientUri?: string | undefined;
    /** A page with its terms of service. */
    termsUri?: string | undefined;
    /** The person who registered it, or who owns its app. */
    developer?: string | undefined;
    /** How it registered itself, and what its document calls it; `clientName` is then the host of the document. */
    selfRegistered?:
      | { by: 'document' | 'registration'; calledItself?: string | undefined }
      | undefined;
    /** Where the browser goes with the answer. */
    redirectUri: string;
    /** Why the person is asked: only to choose an account, if they have allowed all of it before. */
    asks: 'consent' | 'interaction' | 'account' | undefined;
    /** What it asks for in addition to `allowedBefore`. */
    scopes: (ScopeShown & { name: string })[];
    /** Those that the person can untick, by name. */
    optional: ReadonlyMap<string, { isDeclined: boolean }>;
    /** What the person has allowed it before. */
    allowedBefore: ScopeShown[];
    /** The app expects another account, so this one cannot allow it. */
    expectsOther: boolean;
    /** Single actions that it asks for, and that the person can untick. */
    details: ScopeShown[];
    /** Names of scopes that this account cannot grant. */
    scopesBeyondRole: string[];
    expiresAt: Date;
  };
  problem?: Html | string | undefined;
  /** Where to sign in with another account, for the same request. */
  switchHref: string;
}

/** Where a person sees what an app asks for, and allows or denies it (RFC 6749 §4.1.1). */
export function consent(frame: Frame, { request, problem, switchHref }: ConsentProps): Html {
  const { clientName, scopes, details, optional, allowedBefore, expectsOther } = request;
  const { app: about, consent: said } = frame.messages;
  const app = html`<bdi>${clientName}</bdi>`;
  const required = scopes.filter(({ name }) => !optional.has(name));
  const isNew = details.length + scopes.length > 0;
  const onlyContinues = request.asks === 'account';
  return cardPage(frame, {
    title: onlyContinues ? said.continueTitle : said.title,
    heading: onlyContinues
      ? said.continueHeading(app)
      : allowedBefore.length > 0
        ? said.moreHeading(app, frame.brand.name)
        : said.heading(app, frame.brand.name),
    problem,
    body: html`${facts([
      ...developerFact(frame, request),
      ...homepage(request.clientUri, about.website),
      ...homepage(request.termsUri, about.terms),
      [said.returnsTo, destination(frame, request.redirectUri)],
    ])}
    ${(required.length > 0 || (!isNew && allowedBefore.length === 0)) && asks(frame, required, allowedBefore.length > 0)}
    ${allowedBefore.length > 0 && before(frame, allowedBefore, request.asks === 'interaction')}
    ${
      expectsOther
        ? otherAccount(frame, request, switchHref)
        : request.scopesBeyondRole.length > 0
          ? beyondReach(frame, request)
          : decision(frame, request)
    }
    ${!expectsOther && html`<p class="fine"><a href="${switchHref}">${said.another}</a></p>`}`,
  });
}

function asks(frame: Frame, scopes: ScopeShown[], isMore: boolean): Html {
  const { app: said } = frame.messages;
  return html`<section class="asks" aria-labelledby="asks">
  <h2 id="asks">${scopes.length === 0 ? said.knowsYou : isMore ? said.alsoAbleTo : said.ableTo}</h2>
  ${scopes.length > 0 ? scopeList(frame, scopes, 'h3') : html`<p>${said.nothingElse}</p>`}
</section>`;
}

/** What stays allowed. It is open if the app cannot prove that it is the one that the person has allowed. */
const before = (
  frame: Frame,
  scopes: ScopeShown[],
  isOpen: boolean,
): Html => html`<details class="asks"${isOpen ? raw(' open') : ''}>
  <summary>${frame.messages.consent.allowedBefore}</summary>
  ${scopeList(frame, scopes, 'h2')}
</details>`;

/** The name of the checkbox of an optional scope. */
export const scopeField = (name: string): string => `scope_${name}`;

function scopeChoice({ messages }: Frame, { scopes, optional }: ConsentProps['request']): Html {
  return checkboxes({
    id: 'scopes',
    legend: messages.consent.choose,
    hint: messages.consent.chooseHint,
    boxes: scopes
      .filter(({ name }) => optional.has(name))
      .map(({ name, description }) => ({
        name: scopeField(name),
        label: html`<bdi>${description}</bdi>`,
        checked: !optional.get(name)?.isDeclined,
      })),
  });
}

/** The name of the checkbox of an action, by its index in the request. */
export const detailField = (index: number): string => `detail_${index}`;

function detailChoice({ messages }: Frame, details: ScopeShown[]): Html {
  const [{ resource } = { resource: '' }] = details;
  return checkboxes({
    id: 'details',
    legend: messages.consent.chooseFor(html`<bdi>${resource}</bdi>`),
    hint: messages.consent.chooseHint,
    boxes: details.map(({ description }, index) => ({
      name: detailField(index),
      label: html`<bdi>${description}</bdi>`,
      checked: true,
    })),
  });
}

const path = (uid: string): string => `/consent/${uid}`;

function decision(frame: Frame, request: ConsentProps['request']): Html {
  const { uid, expiresAt, details, scopes, optional, selfRegistered, redirectUri } = request;
  const { messages, now } = frame;
  const { actions, app: about, consent: said } = messages;
  return postForm(
    frame,
    path(uid),
    html`${scopes.some(({ name }) => optional.has(name)) && scopeChoice(frame, request)}
    ${details.length > 0 && detailChoice(frame, details)}
    ${caution(html`<p>${selfRegistered && isOfDevice(redirectUri) ? said.cautionOnDevice : said.caution}</p>`)}
    <div class="buttons">
      <button type="submit" name="decision" value="allow">${request.asks === 'account' ? actions.continue : actions.allow}</button>
      <button type="submit" name="decision" value="deny" class="plain">${actions.deny}</button>
    </div>
    <p class="fine">${about.revokeAnyTime(html`<a href="/account/connected">${about.connected}</a>`)} ${said.expires(fromNow(expiresAt, now, messages))}</p>`,
  );
}

function otherAccount(frame: Frame, { uid }: ConsentProps['request'], switchHref: string): Html {
  const { actions, consent: said } = frame.messages;
  return html`${warning(html`<p>${said.expectsOther}</p>`)}
  <a class="button wide" href="${switchHref}">${said.signInOther}</a>
  ${postForm(
    frame,
    path(uid),
    html`<div class="buttons"><button type="submit" name="decision" value="deny" class="plain">${actions.deny}</button></div>`,
  )}`;
}

function beyondReach(frame: Frame, { uid, scopesBeyondRole }: ConsentProps['request']): Html {
  const { actions, consent: said } = frame.messages;
  return html`${warning(html`<p>${said.beyondReach}</p>
    <p class="names">${scopesBeyondRole.map((name) => html`<code><bdi>${name}</bdi></code> `)}</p>
    <p>${said.askToAllow(support(frame))}</p>`)}
  ${postForm(
    frame,
    path(uid),
    html`<div class="buttons"><button type="submit" name="decision" value="deny" class="plain">${actions.deny}</button></div>`,
  )}`;
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether the answer goes to a program on the device, and not to a website. */
function isOfDevice(redirectUri: string): boolean {
  const { protocol, hostname } = new URL(redirectUri);
  return protocol !== 'https:' || loopback.test(hostname);
}

/** The site or program that gets the answer, as its redirect URI shows it. */
function destination({ messages: { consent: said } }: Frame, redirectUri: string): Html {
  const { protocol, hostname, host } = new URL(redirectUri);
  if (protocol !== 'https:' && protocol !== 'http:')
    return html`${said.appHere} <span class="aside"><bdi>${protocol.slice(0, -1)}</bdi></span>`;
  return loopback.test(hostname)
    ? html`${said.programHere} <span class="aside"><bdi>${host}</bdi></span>`
    : html`<bdi>${host}</bdi>`;
}

export interface ConsentEndProps {
  clientName: string;
}

/** The person allowed it before. */
export function consentGranted(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: frame.messages.consent.allowedTitle,
    symbol: symbol(checkIcon, 'good'),
    heading: frame.messages.consent.allowedHeading(html`<bdi>${clientName}</bdi>`),
    lead: frame.messages.consent.allowedLead,
    body: html`<a class="button wide plain" href="/account/connected">${frame.messages.actions.seeConnected}</a>`,
  });
}

/** The person denied it before. */
export function consentDenied(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: frame.messages.consent.deniedTitle,
    symbol: symbol(crossIcon, 'neutral'),
    heading: frame.messages.consent.deniedHeading(html`<bdi>${clientName}</bdi>`),
    lead: frame.messages.consent.deniedLead,
    body: html`<a class="button wide plain" href="/account/connected">${frame.messages.actions.seeConnected}</a>`,
  });
}

/** Another person, who was signed in to this browser, answered it. */
export function consentAnswered(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: frame.messages.consent.answeredTitle,
    symbol: symbol(infoIcon, 'neutral'),
    heading: html`${frame.messages.consent.answeredHeading}`,
    lead: frame.messages.consent.answeredLead(html`<bdi>${clientName}</bdi>`),
    body: html`<p class="centred">${frame.messages.consent.answeredAdvice}</p>
    <a class="button wide plain" href="/account/connected">${frame.messages.actions.seeConnected}</a>`,
  });
}

/** The request has expired, belongs to another browser, or its client no longer exists. */
export function consentGone(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: frame.messages.consent.goneTitle,
    symbol: symbol(clockIcon, 'neutral'),
    lead: frame.messages.consent.goneLead,
    body: html`<p class="centred">${frame.messages.consent.goneAdvice}</p>
    ${frame.person && html`<a class="button wide plain" href="/account">${frame.messages.actions.toAccount}</a>`}`,
  });
}
