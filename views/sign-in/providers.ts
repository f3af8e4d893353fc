import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { postForm } from '../components/form.ts';
import { infoIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

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
    <button type="submit" class="plain wide"><span>Continue with <bdi>${name}</bdi></span>${isLast && html` ${badge('Last used', 'neutral')}`}</button>`,
    ),
  )}`;

/** What a provider's sign-in came to, if the person is not signed in. */
export type ProviderOutcome =
  | 'denied'
  | 'refused'
  | 'unreachable'
  | 'invalid'
  | 'expired'
  | 'disabled'
  | 'other_account'
  | 'not_fresh'
  | 'taken';

const outcomes: Record<
  ProviderOutcome,
  { title: (name: string) => string; text: (name: string) => string; asksSupport?: true }
> = {
  denied: {
    title: (name) => `You did not sign in with ${name}`,
    text: (name) => `${name} says that the sign-in was cancelled. Nothing was changed.`,
  },
  refused: {
    title: (name) => `${name} refused the sign-in`,
    text: () => 'You can try again, or sign in another way. Nothing was changed.',
    asksSupport: true,
  },
  unreachable: {
    title: (name) => `${name} does not answer`,
    text: () => 'Try again in a moment, or sign in another way.',
  },
  invalid: {
    title: (name) => `The answer of ${name} was not accepted`,
    text: () =>
      'It failed a check of this server, so you are not signed in. You can try again, or sign in another way.',
    asksSupport: true,
  },
  expired: {
    title: () => 'This sign-in has expired',
    text: (name) =>
      `A sign-in with ${name} works once, for ten minutes, in the browser that began it. Please start again.`,
  },
  disabled: {
    title: () => 'Your account is disabled',
    text: (name) => `You signed in with ${name}, but your account here is disabled.`,
    asksSupport: true,
  },
  other_account: {
    title: () => 'That is another account',
    text: (name) =>
      `You signed in with ${name} as someone else. Continue with the account that you are signed in with here.`,
  },
  not_fresh: {
    title: (name) => `${name} did not ask you to sign in again`,
    text: () =>
      'This page needs a recent sign-in. Sign out there first, or confirm it another way.',
  },
  taken: {
    title: () => 'It is connected to another account',
    text: (name) =>
      `This sign-in with ${name} belongs to another account here. Disconnect it there first.`,
  },
};

export interface ProviderProblemProps {
  /** The name of the provider. */
  provider: string;
  outcome: ProviderOutcome;
  /** The way back. */
  backHref: string;
  backLabel: string;
}

/** A sign-in with a provider that did not succeed, with the way back. */
export function providerProblem(frame: Frame, props: ProviderProblemProps): Html {
  const { provider, outcome, backHref, backLabel } = props;
  const { title, text, asksSupport } = outcomes[outcome];
  return cardPage(frame, {
    title: title(provider),
    symbol: symbol(infoIcon, 'neutral'),
    lead: text(provider),
    body: html`<a class="button wide" href="${backHref}">${backLabel}</a>
    ${asksSupport && html`<p class="fine">If it happens again, contact ${support(frame.brand)}.</p>`}`,
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

const reasons: Record<
  UnknownIdentityProps['reason'],
  (props: UnknownIdentityProps) => Html | string
> = {
  has_account: ({ provider, shown }) =>
    html`There is an account with the address <bdi>${shown}</bdi>. Sign in to it once to connect it with <bdi>${provider}</bdi>.`,
  no_rule: ({ provider }) =>
    html`You signed in with <bdi>${provider}</bdi>, but no account here is connected with it yet. If you have an account, sign in to it once to connect it.`,
  unverified: ({ provider }) =>
    html`<bdi>${provider}</bdi> does not confirm that your email address is yours, so no account was created. If you have an account here, sign in to it once to connect it.`,
  domain: ({ provider }) =>
    html`You signed in with <bdi>${provider}</bdi>, but people with your email address do not get an account by themselves. If you have one, sign in to it once to connect it.`,
};

/** A person whom the provider knows and this server does not. */
export function unknownIdentity(frame: Frame, props: UnknownIdentityProps): Html {
  const { reason, connectHref, backHref } = props;
  return cardPage(frame, {
    title: reason === 'has_account' ? 'You have an account already' : 'No account is connected yet',
    symbol: symbol(infoIcon, 'neutral'),
    lead: reasons[reason](props),
    body: html`<a class="button wide" href="${connectHref}">Sign in to your account</a>
    <a class="button plain wide" href="${backHref}">Sign in another way</a>
    <p class="fine">No account? Ask ${support(frame.brand)} for one.</p>`,
  });
}
