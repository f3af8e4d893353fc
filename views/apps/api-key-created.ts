import { html } from 'hono/html';
import {
  type ApiKeySnippets,
  apiKeyPath,
  apiKeySteps,
  apiKeysPath,
  keyAccess,
} from '../components/api-key.ts';
import { type AppShown, appSubpage, type ClientShown } from '../components/app.ts';
import { facts } from '../components/facts.ts';
import { information } from '../components/notice.ts';
import { oldValue } from '../components/replacing.ts';
import { secretValue } from '../components/secret-value.ts';
import { support } from '../components/support.ts';
import { momentFromNow } from '../components/time.ts';
import type { TokenShown } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { keysTrail } from './api-key.ts';

export interface AppApiKeyCreatedProps {
  app: AppShown;
  client: ClientShown;
  key: TokenShown;
  value: string;
  /** The key that it replaces, as it is now. */
  replaced?: Pick<TokenShown, 'status' | 'expiresAt'> | undefined;
  /** Code with the value of the key; undefined if no API is open to apps. */
  snippets: ApiKeySnippets | undefined;
}

/** Shows the value of a new API key, only this once. */
export function appApiKeyCreated(frame: Frame, props: AppApiKeyCreatedProps): Html {
  const { app, client, key, value, replaced, snippets } = props;
  return appSubpage(frame, {
    app,
    trail: keysTrail(app, client),
    title: replaced ? 'API key regenerated' : 'API key created',
    body: html`<section class="panel" aria-labelledby="created">
      <h2 id="created"><bdi>${key.name}</bdi></h2>
      ${secretValue('API key', value)}
      ${facts([
        ['Client', html`<code><bdi>${client.clientId}</bdi></code>`],
        ['Access', keyAccess(key)],
        ['Expires', key.expiresAt ? momentFromNow(key.expiresAt, frame.now) : 'Never'],
      ])}
    </section>
    ${replaced && information(html`<p>${oldValue(frame, replaced)}</p>`)}
    ${
      snippets
        ? html`<section class="panel" aria-labelledby="use">
          <h2 id="use">Use it</h2>
          <p class="sub">Your backend creates a token with the key and gives it to its user. Try it with a user whose ID in your system is 42:</p>
          ${apiKeySteps(key, snippets)}
        </section>`
        : information(
            html`<p><strong>No API is open to apps yet</strong>, so the key cannot create tokens. Ask ${support(frame)} to open one to apps.</p>`,
          )
    }
    <div class="form-end"><a class="button" href="${apiKeysPath(app, client)}">Done</a><a class="button plain" href="${apiKeyPath(app, client, key)}">Open the key</a></div>`,
  });
}
