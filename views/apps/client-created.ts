import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  appPath,
  type ClientShown,
  clientPath,
  kindNames,
} from '../components/app.ts';
import { codeBlock, copyable } from '../components/code-block.ts';
import type { ConnectShown } from '../components/connect.ts';
import { caution } from '../components/notice.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppClientMadeProps {
  app: AppShown;
  client: ClientShown;
  /** What has just been made: the app with its first client, a client, or one more secret. */
  made: 'app' | 'client' | 'secret';
  /** Where the client has one; shown this once. */
  secret?: string | undefined;
  /** To fill in what can be copied; without an open resource there is nothing to copy. */
  connect?: ConnectShown | undefined;
}

/** Shows the id and the secret of a client, this once. */
export function appClientMade(frame: Frame, props: AppClientMadeProps): Html {
  const { app, client, made, secret, connect } = props;
  return appPage(frame, {
    app,
    current: 'overview',
    title: titles[made],
    trail: [[client.displayName || client.name, clientPath(app, client)]],
    lead: leadOf(props),
    body: html`<section class="panel" aria-labelledby="credentials">
      <h2 id="credentials">${secret ? 'Its credentials' : 'Its id'}</h2>
      ${
        secret &&
        caution(
          html`<p><strong>Store the secret now: it is shown this once.</strong> Treat it like a password: keep it where your program’s other secrets are, not in its code, and send it to nobody.</p>`,
        )
      }
      <dl class="credentials">
        <div><dt>Client ID</dt><dd>${copyable('the client ID', client.clientId)}</dd></div>
        ${secret && html`<div><dt>Client secret</dt><dd>${copyable('the client secret', secret)}</dd></div>`}
        <div><dt>Kind</dt><dd>${kindNames[client.kind]}</dd></div>
        <div><dt>Role</dt><dd><bdi>${client.role}</bdi></dd></div>
      </dl>
      ${!secret && html`<p class="sub">This kind of client has no secret: whoever has the program could read it.</p>`}
    </section>
    ${
      connect && secret
        ? html`<section class="panel" aria-labelledby="now">
            <h2 id="now">Get a token</h2>
            <p class="sub">The secret opens nothing by itself: a program exchanges it for a token, and shows that to the API. Try it on a command line:</p>
            ${connect.snippets.curl && codeBlock('curl', connect.snippets.curl, 'curl')}
            ${connect.snippets.env && codeBlock('.env', connect.snippets.env, 'env')}
          </section>`
        : ''
    }
    <div class="form-end"><a class="button" href="${clientPath(app, client, '/connect')}">Next: connect your program</a><a class="button plain" href="${made === 'secret' ? clientPath(app, client) : appPath(app)}">${made === 'secret' ? 'Back to the client' : 'Go to the app'}</a></div>`,
  });
}

const titles = {
  app: 'Your app is ready',
  client: 'Your client is ready',
  secret: 'A new secret',
};

function leadOf({ app, client, made }: AppClientMadeProps): Html {
  const name = html`<bdi>${client.displayName || client.name}</bdi>`;
  if (made === 'app')
    return html`<bdi>${app.displayName || app.name}</bdi> begins with one client, ${name}.`;
  if (made === 'client') return html`${name} can get tokens from now on.`;
  return html`For ${name}. It works from now on; an older one does too, until you delete it.`;
}
