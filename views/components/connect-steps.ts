import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import type { ClientKind } from './app.ts';
import { codeBlock, copyable } from './code-block.ts';
import { type CodePanel, codeTabs } from './code-tabs.ts';
import type { ConnectShown, SnippetsShown } from './connect.ts';
import { checkboxes } from './controls.ts';
import { postForm } from './form.ts';
import { information } from './notice.ts';
import { duration } from './time.ts';

/** A token that a person got to see what it contains. */
export interface TrialShown {
  response: { access_token: string; token_type: string; expires_in: number; scope?: string };
  introspection: Record<string, unknown>;
  jwt?: { header: Record<string, unknown>; payload: Record<string, unknown> } | undefined;
}

export interface ConnectStepsProps {
  /** The address of these steps, below that of the client. */
  path: string;
  kind: ClientKind;
  isDisabled: boolean;
  /** Every API that the client can get tokens for; `?resource=` chooses one. */
  resources: { identifier: string; name: string }[];
  /** The scopes of the chosen API. */
  scopes: { name: string; description: string }[];
  connect: ConnectShown;
  /** Whether the client must do more than the programs of the page do. */
  isStrict: boolean;
  /** Whether the viewer can get a token of the client here. */
  mayTry: boolean;
  trial?: TrialShown | undefined;
  /** Where the secret is, below the settings of the program. */
  secretNote: Html;
  /** Where the trial token is recorded. */
  trialNote: string;
  /** Calls of an API. */
  example?: Html | '' | undefined;
}

/** Code that connects a program with a client, in the order of its use, and a token to try. */
export function connectSteps(frame: Frame, props: ConnectStepsProps): Html {
  const { kind, connect, trial, mayTry, secretNote, example } = props;
  const { env } = connect.snippets;
  const settings =
    env &&
    step(
      'settings',
      'Settings of your program',
      html`${codeBlock('.env', env, 'env')}
      <p class="sub">${secretNote}</p>`,
    );
  // The person who just got a token looks for it first.
  return html`${props.isStrict && strictNotice}${choice(props)}
    ${trial && html`${trialResult(trial)}${example}`}
    ${settings}
    ${byKind[kind](connect)}
    ${mayTry && !props.isDisabled && tryForm(frame, props)}
    ${!trial && example}`;
}

const strictNotice = information(
  html`<p>The security settings of this client ask for more than the programs below do: keys, pushed sign-ins or tokens that are bound to a key. Use a library that has them, such as openid-client, Authlib or Nimbus.</p>`,
);

/** Which API the page is about, if there are several. */
function choice({ path, resources, connect }: ConnectStepsProps): Html | '' {
  if (resources.length < 2) return '';
  return html`<nav class="choose" aria-label="API"><span class="label" aria-hidden="true">API</span><ul>${resources.map(
    ({ identifier, name }) =>
      html`<li><a href="${path}?resource=${encodeURIComponent(identifier)}"${identifier === connect.resource && html` aria-current="page"`}><bdi>${name || identifier}</bdi></a></li>`,
  )}</ul></nav>`;
}

type Steps = (connect: ConnectShown) => Html;

const forItself: Steps = ({ snippets }) =>
  step(
    'token',
    'Get a token',
    html`<p class="sub">Your program exchanges the secret for an access token, and sends that to the API. It gets a new one when the token expires, or when the API returns 401.</p>
      ${codeTabs('token', [
        ...curlPanel(snippets.curl && codeBlock('Terminal', snippets.curl, 'curl')),
        // Not `token`: Python would import token.py instead of its own module of that name.
        ...programs(snippets, { name: 'get-token', runs: 'from-env', python: 'requests' }),
      ])}`,
  );

const byKind: Record<ClientKind, Steps> = {
  server: forItself,
  agent: forItself,
  website_with_server: ({ snippets }) =>
    step(
      'token',
      'Sign people in',
      html`<p class="sub">${signInSentence} Your server has the settings above in its environment, and keeps the tokens, for example in its session.</p>
      ${codeTabs('token', programs(snippets, { name: 'sign-in', runs: 'in-server', python: 'authlib requests' }))}`,
    ),
  website: ({ snippets }) =>
    step(
      'token',
      'Sign people in',
      html`<p class="sub">${signInSentence}</p>
      ${codeBlock('sign-in.js, in the browser', snippets.node, 'node')}
      ${install('npm install openid-client')}`,
    ),
  native: ({ snippets }) =>
    step(
      'token',
      'Sign people in',
      html`<p class="sub">${signInSentence} Open the URL in the browser of the system, not in a view inside the app. A redirect URI on this machine, such as <code>http://127.0.0.1/</code>, can have any port.</p>
      ${codeTabs('token', programs(snippets, { name: 'sign-in', runs: 'alone', python: 'authlib requests' }))}`,
    ),
  device: ({ snippets }) =>
    step(
      'token',
      'Log the device in',
      html`<p class="sub">The device shows <code>user_code</code> and <code>verification_uri</code> to its person. It then asks for the token every <code>interval</code> seconds, until the person has decided.</p>
      ${codeTabs('token', [
        ...curlPanel(
          snippets.device &&
            html`${codeBlock('Terminal: get a code', snippets.device.start, 'start')}
            ${codeBlock('Terminal: get the token', snippets.device.poll, 'poll')}
            <p class="sub">Repeat the second command while it returns <code>authorization_pending</code>.</p>`,
        ),
        ...programs(snippets, { name: 'login', runs: 'alone', python: 'requests' }),
      ])}`,
    ),
};

const signInSentence =
  'People sign in here. Their browser returns to your redirect URI with a code, which your program exchanges for tokens. PKCE proves that both requests come from the same program.';

const curlPanel = (content: Html | undefined | ''): CodePanel[] =>
  content ? [{ language: 'curl', content }] : [];

/** The panels of the languages. */
function programs(
  { node, python, go }: SnippetsShown,
  {
    name,
    runs,
    python: packages,
  }: {
    /** Of the file. */
    name: string;
    /** With the settings of `.env`, by itself, or as a part of a server. */
    runs: 'from-env' | 'alone' | 'in-server';
    /** The packages to install. */
    python: string;
  },
): CodePanel[] {
  // Python and Go read the environment, not the file.
  const load = runs === 'from-env' ? 'set -a; . ./.env; set +a; ' : '';
  const run = (command: string) => (runs === 'in-server' ? [] : [command]);
  const pythonFile = `${name.replaceAll('-', '_')}.py`;
  return [
    {
      language: 'node',
      content: html`${codeBlock(`${name}.mjs`, node, 'node')}
      ${install('npm install openid-client', ...run(`node ${runs === 'from-env' ? '--env-file=.env ' : ''}${name}.mjs`))}`,
    },
    ...(python
      ? [
          {
            language: 'python' as const,
            content: html`${codeBlock(pythonFile, python, 'python')}
            ${install(`pip install ${packages}`, ...run(`${load}python3 ${pythonFile}`))}`,
          },
        ]
      : []),
    ...(go
      ? [
          {
            language: 'go' as const,
            content: html`${codeBlock(runs === 'in-server' ? 'website/signin.go' : 'main.go', go, 'go')}
            ${install(...(runs === 'in-server' ? [] : ['go mod init example']), 'go get golang.org/x/oauth2', ...run(`${load}go run .`))}`,
          },
        ]
      : []),
  ];
}

const install = (...lines: string[]): Html =>
  html`<p class="sub">Run ${lines.map((line, index) => html`${index > 0 && ', then '}<code>${line}</code>`)}.</p>`;

function tryForm(
  frame: Frame,
  { path, scopes, trial, trialNote, connect }: ConnectStepsProps,
): Html {
  const chosen = new Set(connect.scope.split(' '));
  return step(
    'try',
    trial ? 'Get another token' : 'Try it here',
    html`<p class="sub">Gets a short-lived token of this client and shows what it contains. ${trialNote}</p>
    ${postForm(
      frame,
      `${path}/token`,
      html`<input type="hidden" name="resource" value="${connect.resource}">
      ${
        scopes.length > 0 &&
        checkboxes({
          legend: 'Scopes',
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

function trialResult({ response, introspection, jwt }: TrialShown): Html {
  const { access_token, expires_in, scope } = response;
  return step(
    'trial',
    'Your token',
    html`<p class="sub">It expires in ${duration(expires_in)}${scope && html`, and has the scope <code><bdi>${scope}</bdi></code>`}. Do not share it.</p>
    ${copyable('the token', access_token)}
    ${jwt && html`${codeBlock('JWT header', pretty(jwt.header))}${codeBlock('JWT claims', pretty(jwt.payload))}`}
    ${codeBlock('Introspection response', pretty(introspection))}`,
  );
}

/** One step: a panel with a title. */
export const step = (id: string, title: string, content: Html): Html =>
  html`<section class="panel" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;

const pretty = (value: Record<string, unknown>): string => JSON.stringify(value, null, 2);
