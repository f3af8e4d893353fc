import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A code to compare; screen readers spell it. */
export function userCode(code: string): Html {
  const halves = code.split('-');
  const spelt = halves.map((half) => [...half].join(' ')).join(', ');
  return html`<p class="code"><span class="visually-hidden">${spelt}</span><span
    aria-hidden="true">${halves.map(
      (half, index) => html`${index > 0 && html`<i>-</i>`}<b>${half}</b>`,
    )}</span></p>`;
}
