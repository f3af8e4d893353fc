import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/**
 * A button that copies the text of the `code` in the same element. Its script (`views/assets/copy.ts`) shows it, on
 * pages with `copies`; without JavaScript, people select the text.
 */
export const copyButton = (what: string): Html =>
  html`<button type="button" class="copy" hidden><span class="copy-label">Copy</span><span class="visually-hidden"> ${what}</span></button><span class="visually-hidden copy-told" role="status"></span>`;
