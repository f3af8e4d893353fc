import { html } from 'hono/html';
import { appFact, authorFact } from '../components/app-fact.ts';
import { checkboxes } from '../components/controls.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { homepage } from '../components/homepage.ts';
import { checkIcon, clockIcon, crossIcon, infoIcon } from '../components/icons.ts';
import { caution, warning } from '../components/notice.ts';
import { type ScopeShown, scopeList } from '../components/scopes.ts';
import { symbol } from '../components/symbol.ts';
import { fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface ConsentProps {
  request: {
    uid: string;
    clientName: string;
    /** The app that it is of, which people make themselves. */
    app: string | null;
    clientUri?: string | undefined;
    /** A page with its terms of service. */
    termsUri?: string | undefined;
    /** The person who registered it for others to use. */
    author?: string | undefined;
    /** Where the answer is sent to. */
    redirectUri: string;
    scopes: (ScopeShown & { name: string })[];
    /** Single actions that it asks for, of which the person may leave some out. */
    details: ScopeShown[];
    /** Names of scopes that this account cannot hand out. */
    scopesBeyondRole: string[];
    expiresAt: Date;
  };
  problem?: string | undefined;
  /** Where to sign in as another person, for the same request. */
  switchHref: string;
}

/** Where a person sees what an app asks for, and decides (RFC 6749 §4.1.1). */
export function consent(frame: Frame, { request, problem, switchHref }: ConsentProps): Html {
  const { clientName, scopes, details } = request;
  return cardPage(frame, {
    title: 'Allow an app',
    heading: html`Allow <bdi>${clientName}</bdi>?`,
    lead: html`This app asks to use your ${frame.brand.name} account.`,
    problem,
    body: html`${facts([
      ...appFact(frame, request.app),
      ...authorFact(frame, request.author),
      ...homepage(request.clientUri),
      ...homepage(request.termsUri, 'Terms'),
      ['Leads to', destination(request.redirectUri)],
    ])}
    ${(scopes.length > 0 || details.length === 0) && asks(scopes)}
    ${request.scopesBeyondRole.length > 0 ? beyondReach(frame, request) : decision(frame, request)}
    <p class="fine"><a href="${switchHref}">Use another account</a></p>`,
  });
}

const asks = (scopes: ScopeShown[]): Html => html`<section class="asks" aria-labelledby="asks">
  <h2 id="asks">${scopes.length > 0 ? 'It will be able to' : 'It will know who you are'}</h2>
  ${scopes.length > 0 ? scopeList(scopes, 'h3') : html`<p>It asks for nothing more than that.</p>`}
</section>`;

/** The field of the form that says whether the action at a place, from 0, is allowed. */
export const detailField = (place: number): string => `detail_${place}`;

function detailChoice(details: ScopeShown[]): Html {
  const [{ resource } = { resource: '' }] = details;
  return checkboxes({
    id: 'details',
    legend: html`What it may do with <bdi>${resource}</bdi>`,
    hint: 'Untick what it should not do.',
    boxes: details.map(({ description }, place) => ({
      name: detailField(place),
      label: html`<bdi>${description}</bdi>`,
      checked: true,
    })),
  });
}

const path = (uid: string): string => `/consent/${uid}`;

function decision(frame: Frame, { uid, expiresAt, details }: ConsentProps['request']): Html {
  return postForm(
    frame,
    path(uid),
    html`${details.length > 0 && detailChoice(details)}
    ${caution(
      html`<p><strong>Only allow what you started yourself.</strong> Look twice at where it leads.</p>`,
    )}
    <div class="buttons">
      <button type="submit" name="decision" value="allow">Allow</button>
      <button type="submit" name="decision" value="deny" class="plain">Do not allow</button>
    </div>
    <p class="fine">You can end this at any time on your account’s pages. This question ends ${fromNow(expiresAt, frame.now)}.</p>`,
  );
}

function beyondReach(frame: Frame, { uid, scopesBeyondRole }: ConsentProps['request']): Html {
  return html`${warning(html`<p><strong>Your account cannot allow this.</strong> The app asks for more than you may do yourself:</p>
    <p class="names">${scopesBeyondRole.map((name) => html`<code><bdi>${name}</bdi></code> `)}</p>
    <p>Ask an administrator of ${frame.brand.name} to allow it, or to give your account these rights.</p>`)}
  ${postForm(
    frame,
    path(uid),
    html`<div class="buttons"><button type="submit" name="decision" value="deny" class="plain">Do not allow</button></div>`,
  )}`;
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whose page or program gets the answer, as far as its address says. */
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

/** The person said yes before. */
export function consentGranted(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: 'Allowed already',
    symbol: symbol(checkIcon, 'good'),
    heading: html`You allowed <bdi>${clientName}</bdi>`,
    lead: 'Return to the app. If it does not know of it, start there once more.',
    body: html`<a class="button wide plain" href="/account/devices">See what is connected</a>`,
  });
}

/** The person said no before. */
export function consentDenied(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: 'Not allowed',
    symbol: symbol(crossIcon, 'neutral'),
    heading: html`You did not allow <bdi>${clientName}</bdi>`,
    lead: 'It cannot use your account. To allow it after all, start once more in the app.',
    body: html`<a class="button wide plain" href="/account/devices">See what is connected</a>`,
  });
}

/** Somebody else, who was signed in in this browser, was first. */
export function consentAnswered(frame: Frame, { clientName }: ConsentEndProps): Html {
  return cardPage(frame, {
    title: 'Already answered',
    symbol: symbol(infoIcon, 'neutral'),
    heading: html`This was answered already`,
    lead: html`Another person was signed in to this browser when <bdi>${clientName}</bdi> was answered.`,
    body: html`<p class="centred">If you meant to use the app yourself, start once more there.</p>
    <a class="button wide plain" href="/account/devices">See what is connected</a>`,
  });
}

/** It was asked too long ago, in another browser, or by an app that may not ask any more. */
export function consentGone(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This question has expired',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'It was asked too long ago, in another browser, or by an app that may not ask any more.',
    body: html`<p class="centred">Go back to the app and start once more.</p>`,
  });
}
