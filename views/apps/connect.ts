import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  type ClientShown,
  clientPath,
  kindNames,
} from '../components/app.ts';
import { disabledBadge } from '../components/badge.ts';
import { clientTabs } from '../components/client-tabs.ts';
import { codeBlock, copyable } from '../components/code-block.ts';
import type { ConnectShown, ExampleShown } from '../components/connect.ts';
import { checkboxes } from '../components/controls.ts';
import { postForm } from '../components/form.ts';
import { infoIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { duration } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppConnectProps {
  app: AppShown;
  client: ClientShown & { redirectUris: string[] };
  /** All that are open to apps; one of them is chosen by `?resource=`. */
  resources: { identifier: string; name: string }[];
  /** What the chosen one can be asked for. */
  scopes: { name: string; description: string }[];
  /** Undefined where no resource is open. */
  connect: ConnectShown | undefined;
  /** Whoever looks may get a token of it. */
  mayTry: boolean;
  trial?: TrialShown | undefined;
  /** Of the example API, where this server has one and the chosen resource is its. */
  example?: ExampleShown | undefined;
  /** Why there is no token. */
  problem?: string | undefined;
}

/** A token that a developer got to see what is in it. */
export interface TrialShown {
  response: { access_token: string; token_type: string; expires_in: number; scope?: string };
  introspection: Record<string, unknown>;
  jwt?: { header: Record<string, unknown>; payload: Record<string, unknown> } | undefined;
}

/** How a program connects with a client: what to copy, and a token to try. */
export function appConnect(frame: Frame, props: AppConnectProps): Html {
  const { app, client, connect } = props;
  const name = client.displayName || client.name;
  return appPage(frame, {
    app,
    current: 'overview',
    title: `Connect ${name}`,
    heading: html`<bdi>${name}</bdi>${client.disabledAt && html` ${disabledBadge}`}`,
    lead: html`<code><bdi>${client.clientId}</bdi></code> · ${kindNames[client.kind]}`,
    trail: [
      [name, clientPath(app, client)],
      ['Connect', clientPath(app, client, '/connect')],
    ],
    problem: props.problem,
    body: html`${clientTabs(app, client, 'connect')}
    ${client.disabledAt && warning(html`<p><strong>This client is disabled.</strong> What stands here works once it is enabled again.</p>`)}
    ${connect ? html`${choice(props)}${steps(frame, props, connect)}` : closed(frame)}`,
  });
}

function closed(frame: Frame): Html {
  return html`<section class="panel empty" aria-labelledby="closed">
    <div class="glyph">${infoIcon}</div>
    <h2 id="closed">No API is open to apps yet</h2>
    <p>Clients of apps get tokens only for APIs that an administrator opened to them. Ask an administrator of ${frame.brand.name}.</p>
  </section>`;
}

/** Which API the page is about, where there are several. */
function choice({ app, client, resources, connect }: AppConnectProps): Html | '' {
  if (resources.length < 2) return '';
  return html`<nav class="choose" aria-label="The API to connect to"><span class="label" aria-hidden="true">API</span><ul>${resources.map(
    ({ identifier, name }) =>
      html`<li><a href="${clientPath(app, client, `/connect?resource=${encodeURIComponent(identifier)}`)}"${identifier === connect?.resource && html` aria-current="page"`}><bdi>${name || identifier}</bdi></a></li>`,
  )}</ul></nav>`;
}

function steps(frame: Frame, props: AppConnectProps, connect: ConnectShown): Html {
  const { client, trial, mayTry } = props;
  const isServer = client.kind === 'server';
  const { env } = connect.snippets;
  const settings =
    env &&
    step(
      'settings',
      'What your program has to know',
      html`${codeBlock('.env', env, 'env')}
      <p class="sub">The secret was shown once, when it was made. Lost it? <a href="${clientPath(props.app, client)}#secrets">Make a new one</a>.</p>`,
    );
  // Who has just got a token wants to see it first.
  return html`${trial && trialResult(props, trial)}
    ${settings}
    ${byKind[client.kind](props, connect)}
    ${isServer && mayTry && !client.disabledAt && tryForm(frame, props, connect)}
    ${!trial && example(props, connect.snippets.shell)}`;
}

type Steps = (props: AppConnectProps, connect: ConnectShown) => Html;

const byKind: Record<ClientShown['kind'], Steps> = {
  server: (_props, { snippets: { curl, node } }) =>
    step(
      'token',
      'Get a token',
      html`<p class="sub">The secret is exchanged for an access token, and the API is shown that. Get a new one when it ends, or when the API answers 401.</p>
      ${curl && codeBlock('curl', curl, 'curl')}
      ${codeBlock('Node.js, with openid-client', node, 'node')}
      <p class="sub">Save this as <code>token.mjs</code>, then <code>npm install openid-client</code> and <code>node --env-file=.env token.mjs</code>.</p>`,
    ),
  website_with_server: (_props, connect) => signIn('Node.js, with openid-client', connect),
  website: (_props, connect) => signIn('In the browser, with openid-client', connect),
  native: (_props, connect) =>
    signIn(
      'Node.js, with openid-client',
      connect,
      html`<p class="sub">Open the address in the browser of the system, not in a view inside the app. An address of this machine, such as <code>http://127.0.0.1/</code>, may have any port.</p>`,
    ),
  device: (_props, { snippets: { device, node } }) =>
    html`${step(
      'ask',
      'Ask for a code',
      html`<p class="sub">The device shows its person <code>user_code</code> and <code>verification_uri</code>, and keeps <code>device_code</code> to itself.</p>
      ${device && codeBlock('curl: ask for a code', device.begin, 'begin')}`,
    )}
    ${step(
      'token',
      'Wait for the answer',
      html`<p class="sub">Ask again every <code>interval</code> seconds while the answer is <code>authorization_pending</code>. It comes once the person has decided.</p>
      ${device && codeBlock('curl: ask for the token', device.poll, 'poll')}
      ${codeBlock('Node.js, with openid-client', node, 'node')}`,
    )}`,
};

function signIn(label: string, { snippets }: ConnectShown, more?: Html): Html {
  return step(
    'token',
    'Let people sign in',
    html`<p class="sub">A person signs in here, and their browser comes back to your program with a code, which it exchanges for a token. PKCE proves that both come from the same program.</p>
    ${more}
    ${codeBlock(label, snippets.node, 'node')}`,
  );
}

function tryForm(
  frame: Frame,
  { app, client, scopes, trial }: AppConnectProps,
  connect: ConnectShown,
): Html {
  const chosen = new Set(connect.scope.split(' '));
  return step(
    'try',
    trial ? 'Try another' : 'Try it here',
    html`<p class="sub">Gives you a token of this client, which is good for a short time, and shows what is in it. The app’s activity tells that you did.</p>
    ${postForm(
      frame,
      clientPath(app, client, '/connect/token'),
      html`<input type="hidden" name="resource" value="${connect.resource}">
      ${
        scopes.length > 0 &&
        checkboxes({
          legend: 'Scope',
          boxes: scopes.map(({ name, description }) => ({
            name: `scope:${name}`,
            label: html`<code><bdi>${name}</bdi></code>`,
            description: html`<bdi>${description}</bdi>`,
            checked: chosen.has(name),
          })),
        })
      }
      <button type="submit" class="plain">Get a token</button>`,
      'wide',
    )}`,
  );
}

function trialResult(props: AppConnectProps, { response, introspection, jwt }: TrialShown): Html {
  const { access_token, expires_in, scope } = response;
  return html`${step(
    'trial',
    'Your token',
    html`<p class="sub">It lives for ${duration(expires_in)}${scope && html`, with the scope <code><bdi>${scope}</bdi></code>`}. Treat it like a password while it does.</p>
    ${copyable('the token', access_token)}
    ${jwt && html`${codeBlock('Inside the JWT: header', pretty(jwt.header))}${codeBlock('Inside the JWT: claims', pretty(jwt.payload))}`}
    ${codeBlock('What introspection tells of it', pretty(introspection))}`,
  )}
  ${example(props)}`;
}

/** `shell` keeps a token for the calls, where none stands in them. */
function example({ example, client, trial }: AppConnectProps, shell?: string): Html | '' {
  if (!example) return '';
  return step(
    'example',
    'Use it',
    html`<p class="sub">This server has an example API that lets in who has the permissions for it. ${trial ? html`As <bdi>${client.role}</bdi>, see what this client may do there.` : html`The access token is what <code>$TOKEN</code> stands for.`}</p>
    ${shell && codeBlock('curl: keep a token', shell, 'shell')}
    ${codeBlock('curl: read', example.read, 'read')}
    ${codeBlock('curl: write', example.write, 'write')}`,
  );
}

const step = (id: string, title: string, content: Html): Html =>
  html`<section class="panel" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;

const pretty = (value: Record<string, unknown>): string => JSON.stringify(value, null, 2);
