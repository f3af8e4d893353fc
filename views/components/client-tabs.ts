import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { type AppShown, type ClientShown, clientPath } from './app.ts';

const pages = [
  ['settings', '', 'Settings'],
  ['connect', '/connect', 'Connect'],
  ['api-keys', '/api-keys', 'API keys'],
] as const;

/** The pages of a client; a server has API keys, which those who manage clients see. */
export const clientTabs = (
  app: Pick<AppShown, 'name' | 'manages'>,
  client: Pick<ClientShown, 'name' | 'kind'>,
  current: (typeof pages)[number][0],
): Html =>
  html`<nav class="switch" aria-label="This client"><ul>${pages
    .filter(
      ([name]) =>
        name !== 'api-keys' ||
        ((client.kind === 'server' || client.kind === 'website_with_server') &&
          app.manages !== 'nothing'),
    )
    .map(
      ([name, rest, label]) =>
        html`<li><a href="${clientPath(app, client, rest)}"${current === name && html` aria-current="page"`}>${label}</a></li>`,
    )}</ul></nav>`;
