import { html } from 'hono/html';
import { appPath, type ClientShown, clientPath } from '../components/app.ts';
import { infoIcon } from '../components/icons.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AppAlreadyCreatedProps {
  app: { name: string; displayName: string };
  /** The client that is there already; without one it is the app. */
  client?: Pick<ClientShown, 'name' | 'clientId' | 'kind'> | undefined;
}

/** Says that what was asked for has been made already: by a double click, or on reloading the page. */
export function appAlreadyCreated(frame: Frame, { app, client }: AppAlreadyCreatedProps): Html {
  const first = client ?? {
    name: 'default',
    clientId: `${app.name}:default`,
    kind: 'server' as const,
  };
  return accountPage(frame, {
    title: client ? 'This client is there already' : 'This app is there already',
    body: html`<section class="panel empty" aria-labelledby="there">
      <div class="glyph">${infoIcon}</div>
      <h2 id="there">${client ? html`<code><bdi>${client.clientId}</bdi></code> was made` : html`<bdi>${app.displayName || app.name}</bdi> was made`}</h2>
      <p>The page was loaded again, or the button pressed twice. Nothing was made a second time.</p>
      ${
        first.kind === 'server' &&
        html`<p>A secret is shown once. If you did not store it, make a new one on the page of <a href="${clientPath(app, first)}"><code><bdi>${first.clientId}</bdi></code></a> and delete the old one.</p>`
      }
      <a class="button" href="${client ? clientPath(app, client) : appPath(app)}">${client ? 'Go to the client' : 'Go to the app'}</a>
    </section>`,
  });
}
