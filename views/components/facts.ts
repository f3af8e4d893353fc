import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A list of names and values. */
export function facts(list: [name: string, value: Html | string][]): Html {
  return html`<dl class="facts">${list.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
