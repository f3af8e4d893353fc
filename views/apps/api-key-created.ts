import { html } from 'hono/html';
import {
  type ApiKeySnippets,
  apiKeyPath,
  apiKeySteps,
  apiKeysPath,
  mayDo,
} from '../components/api-key.ts';
import { type AppShown, appPage, type ClientShown, clientPath } from '../components/app.ts';
import { facts } from '../components/facts.ts';
import { information } from '../components/notice.ts';
import { oldValue } from '../components/replacing.ts';
import { secretValue } from '../components/secret-value.ts';
import { momentFromNow } from '../components/time.ts';
import type { TokenShown } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppApiKeyMadeProps {
  app: AppShown;
  client: ClientShown;
  key: TokenShown;
  value: string;
  /** The key whose place it takes, as it is now. */
  replaced?: Pick<TokenShown, 'status' | 'expiresAt'> | undefined;
  /** To be copied, with the value filled in; undefined where no API is open. */
  snippets: ApiKeySnippets | undefined;
}

/** Shows the value of an API key, this once. */
export function appApiKeyMade(frame: Frame, props: AppApiKeyMadeProps): Html {
  const { app, client, key, value, replaced, snippets } = props;
  return appPage(frame, {
    app,
    current: 'overview',
    title: replaced ? 'The API key has a new value' : 'Your API key is ready',
    trail: [
      [client.displayName || client.name, clientPath(app, client)],
      ['API keys', apiKeysPath(app, client)],
    ],
    body: html`<section class="panel" aria-labelledby="made">
      <h2 id="made"><bdi>${key.name}</bdi></h2>
      ${secretValue('API key', value)}
      ${facts([
        ['Client', html`<code><bdi>${client.clientId}</bdi></code>`],
        ['May do', mayDo(key)],
        ['Ends', key.expiresAt ? momentFromNow(key.expiresAt, frame.now) : 'Never'],
      ])}
    </section>
    ${replaced && information(html`<p>${oldValue(frame, replaced)}</p>`)}
    ${
      snippets
        ? html`<section class="panel" aria-labelledby="use">
          <h2 id="use">Use it</h2>
          <p class="sub">Your backend sends the key to this server, and what it gets goes to your user. Try it on a command line, with a user of yours that is called 42:</p>
          ${apiKeySteps(key, snippets)}
        </section>`
        : information(
            html`<p>No API is open to apps yet, so there are no tokens to make. Ask an administrator of ${frame.brand.name}.</p>`,
          )
    }
    <div class="form-end"><a class="button" href="${apiKeysPath(app, client)}">Done</a><a class="button plain" href="${apiKeyPath(app, client, key)}">See the key</a></div>`,
  });
}
