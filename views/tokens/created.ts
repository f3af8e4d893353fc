import { html } from 'hono/html';
import { facts } from '../components/facts.ts';
import { information } from '../components/notice.ts';
import { oldValue } from '../components/replacing.ts';
import { secretValue } from '../components/secret-value.ts';
import { momentFromNow } from '../components/time.ts';
import { scopeSentences, type TokenShown, tokenPath } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AccountTokenMadeProps {
  token: TokenShown;
  value: string;
  /** The token whose place it takes, as it is now. */
  replaced?: Pick<TokenShown, 'status' | 'expiresAt'> | undefined;
}

/** Shows the value of a token, this once. */
export function accountTokenMade(frame: Frame, props: AccountTokenMadeProps): Html {
  const { token, value, replaced } = props;
  return accountPage(frame, {
    title: replaced ? 'The token has a new value' : 'Your token is ready',
    body: html`<section class="panel" aria-labelledby="made">
      <h2 id="made"><bdi>${token.name}</bdi></h2>
      ${secretValue('token', value)}
      <p class="sub">Programs show it to the API with each request, in the header <code>Authorization: Bearer …</code></p>
    </section>
    ${replaced && information(html`<p>${oldValue(frame, replaced)}</p>`)}
    <section class="panel" aria-labelledby="about">
      <h2 id="about">What it is for</h2>
      ${facts([
        ['API', html`<bdi>${token.resource}</bdi>`],
        ['May do', scopeSentences(token.scopes)],
        ['Ends', token.expiresAt ? momentFromNow(token.expiresAt, frame.now) : 'Never'],
      ])}
    </section>
    <div class="form-end"><a class="button" href="/account/tokens">Done</a><a class="button plain" href="${tokenPath(token)}">See the token</a></div>`,
  });
}
