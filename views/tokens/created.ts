import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { facts } from '../components/facts.ts';
import { information } from '../components/notice.ts';
import { oldValue } from '../components/replacing.ts';
import { secretValue } from '../components/secret-value.ts';
import { momentFromNow } from '../components/time.ts';
import { scopeSentences, type TokenShown, tokenPath } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountTokenCreatedProps {
  token: TokenShown;
  value: string;
  /** The token that it replaces, as it is now. */
  replaced?: Pick<TokenShown, 'status' | 'expiresAt'> | undefined;
}

/** Shows the value of a new token, only this once. */
export function accountTokenCreated(frame: Frame, props: AccountTokenCreatedProps): Html {
  const { token, value, replaced } = props;
  return accountPage(frame, {
    title: replaced ? 'Token regenerated' : 'Token created',
    crumbs: crumbs([['Tokens', '/account/tokens']]),
    body: html`<section class="panel" aria-labelledby="created">
      <h2 id="created"><bdi>${token.name}</bdi></h2>
      ${secretValue('token', value)}
      <p class="sub">Send it to the API with each request, in the header <code>Authorization: Bearer …</code></p>
    </section>
    ${replaced && information(html`<p>${oldValue(frame, replaced)}</p>`)}
    <section class="panel" aria-labelledby="about">
      <h2 id="about">Details</h2>
      ${facts([
        ['API', html`<bdi>${token.resource}</bdi>`],
        ['Scopes', scopeSentences(token.scopes)],
        ['Expires', token.expiresAt ? momentFromNow(token.expiresAt, frame.now) : 'Never'],
      ])}
    </section>
    <div class="form-end"><a class="button" href="/account/tokens">Done</a><a class="button plain" href="${tokenPath(token)}">Open the token</a></div>`,
  });
}
