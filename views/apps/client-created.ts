import { html } from 'hono/html';
import {
  type AppShown,
  appPath,
  appSubpage,
  type ClientShown,
  clientCrumb,
  clientName,
  clientPath,
  kindNames,
} from '../components/app.ts';
import { codeBlock, copyable } from '../components/code-block.ts';
import type { ConnectShown } from '../components/connect.ts';
import { caution, information } from '../components/notice.ts';
import { support } from '../components/support.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppClientCreatedProps {
  app: AppShown;
  client: ClientShown;
  /** The app with its first client, another client, or another secret. */
  created: 'app' | 'client' | 'secret';
  /** Absent for a public client. */
  secret?: string | undefined;
  /** What can be copied; undefined if no API is open to apps. */
  connect?: ConnectShown | undefined;
}

/** Shows the ID and the secret of a client, only this once. */
export function appClientCreated(frame: Frame, props: AppClientCreatedProps): Html {
  const { app, client, created, secret, connect } = props;
  return appSubpage(frame, {
    app,
    trail: created === 'secret' ? [clientCrumb(app, client)] : [],
    title: titles[created],
    lead: leadOf(props),
    body: html`<section class="panel" aria-labelledby="credentials">
      <h2 id="credentials">${secret ? 'Credentials' : 'Client ID'}</h2>
      ${
        secret &&
        caution(
          html`<p><strong>Copy the secret now: it is shown only once.</strong> Store it with the other secrets of your program, not in its code, and do not send it to anyone.</p>`,
        )
      }
      <dl class="credentials">
        <div><dt>Client ID</dt><dd>${copyable('the client ID', client.clientId)}</dd></div>
        ${secret && html`<div><dt>Client secret</dt><dd>${copyable('the client secret', secret)}</dd></div>`}
        <div><dt>Kind</dt><dd>${kindNames[client.kind]}</dd></div>
        <div><dt>Role</dt><dd><bdi>${client.role}</bdi></dd></div>
      </dl>
      ${!secret && html`<p class="sub">This kind of client has no secret, because everyone who has the program could read it.</p>`}
    </section>
    ${connect && secret && firstSteps(connect)}
    ${
      !connect &&
      information(
        html`<p><strong>No API is open to apps yet.</strong> The client gets tokens only after an administrator opens an API to apps. Ask ${support(frame)}.</p>`,
      )
    }
    <div class="form-end"><a class="button" href="${clientPath(app, client, '/connect')}">Next: connect your program</a><a class="button plain" href="${created === 'secret' ? clientPath(app, client) : appPath(app)}">${created === 'secret' ? 'Back to the client' : 'Open the app'}</a></div>`,
  });
}

const firstSteps = ({ snippets: { curl, env } }: ConnectShown): Html =>
  html`<section class="panel" aria-labelledby="now">
    <h2 id="now">${curl ? 'Get a token' : 'Configure your server'}</h2>
    ${
      curl &&
      html`<p class="sub">Your program exchanges the secret for an access token, and sends that to the API. Try it in a terminal:</p>
      ${codeBlock('curl', curl, 'curl')}`
    }
    ${env && codeBlock('.env', env, 'env')}
  </section>`;

const titles = {
  app: 'App created',
  client: 'Client created',
  secret: 'Secret created',
};

function leadOf({ app, client, created }: AppClientCreatedProps): Html {
  const name = html`<bdi>${clientName(app, client)}</bdi>`;
  if (created === 'app')
    return html`<bdi>${app.displayName || app.name}</bdi> starts with one client, ${name}, with the role <bdi>${client.role}</bdi>.`;
  if (created === 'client') return html`${name} has the role <bdi>${client.role}</bdi>.`;
  return html`${name} can use it now. An older secret works too, until you revoke it.`;
}
