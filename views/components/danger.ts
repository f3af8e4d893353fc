import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A destructive action: its consequences are read before its button appears. */
export const dangerous = (summary: Html | string, content: Html): Html =>
  html`<details class="danger"><summary>${summary}</summary><div class="danger-body">${content}</div></details>`;

/** The destructive actions of a page, in a panel at its end. */
export const dangerPanel = (id: string, title: string, content: Html): Html =>
  html`<section class="panel danger-panel" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
