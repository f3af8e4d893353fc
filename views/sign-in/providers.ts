import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { postForm } from '../components/form.ts';
import { infoIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';
import type { Messages } from '../messages/en.ts';

/** A provider on the sign-in page. */
export interface ProviderChoice {
  id: string;
  name: string;
  /** The person used it in this browser the last time. */
  isLast: boolean;
}

/** A button for each provider. */
export const providerButtons = (
  frame: Frame,
  {
    providers,
    returnTo,
    again,
  }: { providers: readonly ProviderChoice[]; returnTo: string; again: boolean },
): Html =>
  html`${providers.map(({ id, name, isLast }) =>
    postForm(
      frame,
      `/sign-in/with/${id}`,
      html`<input type="hidden" name="return_to" value="${returnTo}">
    ${again && html`<input type="hidden" name="again" value="1">`}
    <button type="submit" class="plain wide"><span>${frame.messages.signIn.continueWith(html`<bdi>${name}</bdi>`)}</span>${isLast && html` ${badge(frame.messages.signIn.lastUsed, 'neutral')}`}</button>`,
    ),
  )}`;

/** What a provider's sign-in came to, if the person is not signed in. */
export type ProviderOutcome = keyof Messages['providers'];

/** Outcomes that the person cannot change alone. */
const asksSupport: ReadonlySet<ProviderOutcome> = new Set(['refused', 'invalid', 'disabled']);

export interface ProviderProblemProps {
  /** The name of the provider. */
  provider: string;
  outcome: ProviderOutcome;
  /** The way back. */
  backHref: string;
  /** The person confirms an action, or connects the provider. */
  isSignedIn: boolean;
}

/** A sign-in with a provider that did not succeed, with the way back. */
export function providerProblem(frame: Frame, props: ProviderProblemProps): Html {
  const { provider, outcome, backHref, isSignedIn } = props;
  const { actions } = frame.messages;
  const { title, text } = frame.messages.providers[outcome];
  return cardPage(frame, {
    title: title(provider),
    symbol: symbol(infoIcon, 'neutral'),
    lead: text(provider),
    body: html`<a class="button wide" href="${backHref}">${isSignedIn ? actions.goBack : actions.backToSignIn}</a>
    ${asksSupport.has(outcome) && html`<p class="fine">${frame.messages.providerHelp(support(frame))}</p>`}`,
  });
}

export interface UnknownIdentityProps {
  provider: string;
  /** The email address or the name of the person there. */
  shown: string | null;
  /** There is an account with this verified address, or no rule creates one. */
  reason: 'has_account' | 'no_rule' | 'unverified' | 'domain';
  /** Signs in to the account here, and then connects it. */
  connectHref: string;
  backHref: string;
}

/** A person whom the provider knows and this server does not. */
export function unknownIdentity(frame: Frame, props: UnknownIdentityProps): Html {
  const { reason, connectHref, backHref } = props;
  const { unknownIdentity: said } = frame.messages;
  return cardPage(frame, {
    title: reason === 'has_account' ? said.hasAccountTitle : said.title,
    symbol: symbol(infoIcon, 'neutral'),
    lead: said[reason](html`<bdi>${props.provider}</bdi>`, html`<bdi>${props.shown}</bdi>`),
    body: html`<a class="button wide" href="${connectHref}">${said.signIn}</a>
    <a class="button plain wide" href="${backHref}">${said.anotherWay}</a>
    <p class="fine">${said.noAccount(support(frame))}</p>`,
  });
}
