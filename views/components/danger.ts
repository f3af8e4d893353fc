import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** Something that ends something: what it does is read before its button is there. */
export const dangerous = (summary: Html | string, content: Html): Html =>
  html`<details class="danger"><summary>${summary}</summary><div class="danger-body">${content}</div></details>`;

/** What ends things stands last on a page, in a panel of its own. */
export const dangerPanel = (id: string, title: string, content: Html): Html =>
  html`<section class="panel danger-panel" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
