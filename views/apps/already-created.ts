import { html } from 'hono/html';
import { appPath, type ClientShown, clientPath, isConfidentialKind } from '../components/app.ts';
import { infoIcon } from '../components/icons.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AppAlreadyCreatedProps {
  app: { name: string; displayName: string };
  /** The existing client; without it, the app exists. */
  client?: Pick<ClientShown, 'name' | 'clientId' | 'kind'> | undefined;
}

/** Says that a form was sent twice, by a double click or a reload, and that its app or client exists. */
export function appAlreadyCreated(frame: Frame, { app, client }: AppAlreadyCreatedProps): Html {
  const first = client ?? {
    name: 'default',
    clientId: `${app.name}:default`,
    kind: 'server' as const,
  };
  return accountPage(frame, {
    title: client ? 'This client already exists' : 'This app already exists',
    body: html`<section class="panel empty" aria-labelledby="there">
      <div class="glyph">${infoIcon}</div>
      <h2 id="there">${client ? html`<code><bdi>${client.clientId}</bdi></code> was created` : html`<bdi>${app.displayName || app.name}</bdi> was created`}</h2>
      <p>The form was sent twice. It created nothing the second time.</p>
      ${
        isConfidentialKind(first.kind) &&
        html`<p>A secret is shown only once. If you did not store it, create a new one for <a href="${clientPath(app, first)}"><code><bdi>${first.clientId}</bdi></code></a> and revoke the old one.</p>`
      }
      <a class="button" href="${client ? clientPath(app, client) : appPath(app)}">${client ? 'Go to the client' : 'Go to the app'}</a>
    </section>`,
  });
}
