import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { globeIcon } from './icons.ts';

/** Links to the page in other languages, each named in itself; nothing if there is no choice. */
export function languageMenu({ messages, languages = [] }: Frame): Html | '' {
  if (languages.length < 2) return '';
  return html`<details class="languages"><summary>${globeIcon}<span class="visually-hidden">${messages.layout.language}: </span>${messages.name}</summary>
    <ul>${languages.map(
      ({ code, name, href }) =>
        html`<li><a href="${href}" lang="${code}" hreflang="${code}"${code === messages.code && html` aria-current="true"`}>${name}</a></li>`,
    )}</ul></details>`;
}
