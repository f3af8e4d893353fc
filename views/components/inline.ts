import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A sentence of the documentation: what is in backticks is code, and links to other documents are their words. */
export const inline = (text: string): Html =>
  html`${text
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
