import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/**
 * Copies the text of the `code` that stands in the same element. A script shows it (`views/assets/copy.ts`),
 * on pages that are shown with `copies`; without one there is the text, to be marked and copied.
 */
export const copyButton = (what: string): Html =>
  html`<button type="button" class="copy" hidden><span class="copy-label">Copy</span><span class="visually-hidden"> ${what}</span></button><span class="visually-hidden copy-told" role="status"></span>`;
