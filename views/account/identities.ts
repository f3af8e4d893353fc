import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { postForm } from '../components/form.ts';
import { infoIcon } from '../components/icons.ts';
import { symbol } from '../components/symbol.ts';
import { ago } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface IdentitiesProps {
  identities: readonly {
    id: string;
    provider: string;
    enabled: boolean;
    /** The email address or the name there. */
    shown: string | null;
    createdAt: Date;
    lastUsedAt: Date | null;
  }[];
  /** Providers that can be connected. */
  providers: readonly { id: string; name: string }[];
}

/** The section about other providers on the page about sign-in and security. */
export const identitiesSection = (
  frame: Frame,
  { identities, providers }: IdentitiesProps,
): Html => html`<section class="panel" aria-labelledby="providers">
  <h2 id="providers">Sign in with another provider</h2>
  ${
    identities.length === 0
      ? html`<p>No provider is connected with your account.</p>`
      : html`<ul class="rows">${identities.map(
          ({
            id,
            provider,
            enabled,
            shown,
            createdAt,
            lastUsedAt,
          }) => html`<li><div class="row-head">
    <div class="row-name"><strong><bdi>${provider}</bdi></strong>${shown && html` <bdi>${shown}</bdi>`}${!enabled && html` ${badge('Switched off', 'neutral')}`}
    <p class="fine left">Connected ${ago(createdAt, frame.now)}${lastUsedAt && html`, last used ${ago(lastUsedAt, frame.now)}`}</p></div>
    ${postForm(
      frame,
      '/account/security/identities/remove',
      html`<input type="hidden" name="identity_id" value="${id}">
      <button type="submit" class="quiet">Disconnect<span class="visually-hidden"> <bdi>${provider}</bdi></span></button>`,
      'inline',
    )}
  </div></li>`,
        )}</ul>`
  }
  ${
    providers.length > 0 &&
    html`<div class="buttons">${providers.map(({ id, name }) =>
      postForm(
        frame,
        `/sign-in/with/${id}`,
        html`<input type="hidden" name="link" value="1">
        <button type="submit" class="plain"><span>Connect <bdi>${name}</bdi></span></button>`,
        'inline',
      ),
    )}</div>`
  }
</section>`;

export interface ConnectIdentityProps {
  /** The name of the provider. */
  provider: string;
  /** The email address or the name there. */
  shown: string | null;
  /** The account here: its email address or name. */
  account: string;
}

/** Asks a person who has proven both sides whether to connect them. */
export function connectIdentity(frame: Frame, props: ConnectIdentityProps): Html {
  const { provider, shown, account } = props;
  return cardPage(frame, {
    title: `Connect ${provider} with your account?`,
    symbol: symbol(infoIcon, 'neutral'),
    lead: html`From then on you can sign in to the account <bdi><strong>${account}</strong></bdi> with <bdi>${provider}</bdi>${shown && html`, as <bdi><strong>${shown}</strong></bdi>`}.`,
    body: postForm(
      frame,
      '/account/security/connect',
      html`<div class="buttons">
        <button type="submit" name="decision" value="connect">Connect</button>
        <button type="submit" class="plain" name="decision" value="no">Not now</button>
      </div>`,
    ),
  });
}
