import { html } from 'hono/html';
import { type AppShown, type ClientShown, clientPath } from './app.ts';
import type { Html } from './frame.ts';

const pages = [
  ['settings', '', 'Settings'],
  ['connect', '/connect', 'Connect'],
] as const;

/** The two pages of a client. */
export const clientTabs = (
  app: Pick<AppShown, 'name'>,
  client: Pick<ClientShown, 'name'>,
  current: 'settings' | 'connect',
): Html =>
  html`<nav class="switch" aria-label="This client"><ul>${pages.map(
    ([name, rest, label]) =>
      html`<li><a href="${clientPath(app, client, rest)}"${current === name && html` aria-current="page"`}>${label}</a></li>`,
  )}</ul></nav>`;
