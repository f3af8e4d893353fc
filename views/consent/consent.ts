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
  problem?: string | undefined;
  /** Where to sign in with another account, for the same request. */
  switchHref: string;
}

/** Where a person sees what an app asks for, and allows or denies it (RFC 6749 §4.1.1). */
export function consent(frame: Frame, { request, problem, switchHref }: ConsentProps): Html {
  const { clientName, scopes, details, optional, allowedBefore, expectsOther } = request;
  const required = scopes.filter(({ name }) => !optional.has(name));
  const isNew = details.length + scopes.length > 0;
  const onlyContinues = request.asks === 'account';
  return cardPage(frame, {
    title: onlyContinues ? 'Continue to an app' : 'Allow an app',
    heading: onlyContinues
      ? html`Continue to <bdi>${clientName}</bdi>`
      : allowedBefore.length > 0
        ? html`Allow <bdi>${clientName}</bdi> to do more with your ${frame.brand.name} account?`
        : html`Allow <bdi>${clientName}</bdi> to use your ${frame.brand.name} account?`,
    problem,
    body: html`${facts([
      ...developerFact(frame, request),
      ...homepage(request.clientUri),
      ...homepage(request.termsUri, 'Terms'),
      ['Returns to', destination(request.redirectUri)],
    ])}
    ${(required.length > 0 || (!isNew && allowedBefore.length === 0)) && asks(required, allowedBefore.length > 0)}
    ${allowedBefore.length > 0 && before(allowedBefore, request.asks === 'interaction')}
    ${
      expectsOther
        ? otherAccount(frame, request, switchHref)
        : request.scopesBeyondRole.length > 0
          ? beyondReach(frame, request)
          : decision(frame, request)
    }
    ${!expectsOther && html`<p class="fine"><a href="${switchHref}">Use another account</a></p>`}`,
  });
}

const asks = (
  scopes: ScopeShown[],
  isMore: boolean,
): Html => html`<section class="asks" aria-labelledby="asks">
  <h2 id="asks">${scopes.length === 0 ? 'It will know who you are' : isMore ? 'It will also be able to' : 'It will be able to'}</h2>
  ${scopes.length > 0 ? scopeList(scopes, 'h3') : html`<p>It asks for nothing else.</p>`}
</section>`;

/** What stays allowed. It is open if the app cannot prove that it is the one that the person has allowed. */
const before = (
  scopes: ScopeShown[],
  isOpen: boolean,
): Html => html`<details class="asks"${isOpen ? raw(' open') : ''}>
  <summary>You have already allowed</summary>
  ${scopeList(scopes, 'h2')}
</details>`;

/** The name of the checkbox of an optional scope. */
export const scopeField = (name: string): string => `scope_${name}`;

function scopeChoice({ scopes, optional }: ConsentProps['request']): Html {
  return checkboxes({
    id: 'scopes',
    legend: 'You can choose',
    hint: 'Untick what it must not do.',
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

function detailChoice(details: ScopeShown[]): Html {
  const [{ resource } = { resource: '' }] = details;
  return checkboxes({
    id: 'details',
    legend: html`What it can do with <bdi>${resource}</bdi>`,
    hint: 'Untick what it must not do.',
    boxes: details.map(({ description }, index) => ({
      name: detailField(index),
      label: html`<bdi>${description}</bdi>`,
      checked: true,
    })),
  });
}

const path = (uid: string): string => `/consent/${uid}`;

function decision(frame: Frame, request: ConsentProps['request']): Html {
  const { uid, expiresAt, details, scopes, optional } = request;
  return postForm(
    frame,
    path(uid),
    html`${scopes.some(({ name }) => optional.has(name)) && scopeChoice(request)}
    ${details.length > 0 && detailChoice(details)}
    ${caution(
      html`<p><strong>Only allow this if you started it yourself.</strong> Check that the address is the app’s.</p>`,
    )}
    <div class="buttons">
      <button type="submit" name="decision" value="allow">${request.asks === 'account' ? 'Continue' : 'Allow'}</button>
      <button type="submit" name="decision" value="deny" class="plain">Deny</button>
    </div>
    <p class="fine">You can revoke access at any time under <a href="/account/connected">Connected</a>. This request expires ${fromNow(expiresAt, frame.now)}.</p>`,
  );
}

function otherAccount(frame: Frame, { uid }: ConsentProps['request'], switchHref: string): Html {
  return html`${warning(html`<p><strong>The app expects another account.</strong> You are signed in with a different one.</p>`)}
  <a class="button wide" href="${switchHref}">Sign in with another account</a>
  ${postForm(
    frame,
    path(uid),
    html`<div class="buttons"><button type="submit" name="decision" value="deny" class="plain">Deny</button></div>`,
  )}`;
}

function beyondReach(frame: Frame, { uid, scopesBeyondRole }: ConsentProps['request']): Html {
  return html`${warning(html`<p><strong>Your account cannot allow this.</strong> The app asks for scopes that you do not have:</p>
    <p class="names">${scopesBeyondRole.map((name) => html`<code><bdi>${name}</bdi></code> `)}</p>
    <p>Ask ${support(frame.brand)} to allow it, or to give your account these scopes.</p>`)}
  ${postForm(
    frame,
    path(uid),
    html`<div class="buttons"><button type="submit" name="decision" value="deny" class="plain">Deny</button></div>`,
  )}`;
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** The site or program that gets the answer, as its redirect URI shows it. */
function destination(redirectUri: string): Html {
  const { protocol, hostname, host } = new URL(redirectUri);
  if (protocol !== 'https:' && protocol !== 'http:')
    return html`An app on this device <span class="aside"><bdi>${protocol.slice(0, -1)}</bdi></span>`;
  return loopback.test(hostname)
    ? html`A program on this computer <span class="aside"><bdi>${host}</bdi></span>`
    : html`<bdi>${host}</bdi>`;
}

export interface ConsentEndProps {
  clientName: string;
}

/** The person allowed it before. */
export function consentGranted(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: 'Already allowed',
    symbol: symbol(checkIcon, 'good'),
    heading: html`You allowed <bdi>${clientName}</bdi>`,
    lead: 'Return to the app. If you are not signed in there, start again in the app.',
    body: html`<a class="button wide plain" href="/account/connected">See connected apps and devices</a>`,
  });
}

/** The person denied it before. */
export function consentDenied(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: 'Denied',
    symbol: symbol(crossIcon, 'neutral'),
    heading: html`<bdi>${clientName}</bdi> was denied access`,
    lead: 'It cannot use your account. If you change your mind, start again in the app.',
    body: html`<a class="button wide plain" href="/account/connected">See connected apps and devices</a>`,
  });
}

/** Another person, who was signed in to this browser, answered it. */
export function consentAnswered(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: 'Already answered',
    symbol: symbol(infoIcon, 'neutral'),
    heading: html`This request was already answered`,
    lead: html`Another person was signed in to this browser and answered the request of <bdi>${clientName}</bdi>.`,
    body: html`<p class="centred">To use the app with your own account, start again there.</p>
    <a class="button wide plain" href="/account/connected">See connected apps and devices</a>`,
  });
}

/** The request has expired, belongs to another browser, or its client no longer exists. */
export function consentGone(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This request has expired',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'It took too long, was started in another browser, or the app is no longer allowed to ask.',
    body: html`<p class="centred">Go back to the app and start again.</p>
    ${frame.person && html`<a class="button wide plain" href="/account">Go to your account</a>`}`,
  });
}
