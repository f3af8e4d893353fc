import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { copyButton } from './copy.ts';

/** Text to be copied. It scrolls inside itself, for who uses a keyboard too. `snippet` says what kind it is. */
export function codeBlock(label: string, code: string, snippet?: string): Html {
  return html`<figure class="code-block"><figcaption>${label}</figcaption>
    ${copyButton(label)}
    <div class="code-scroll" role="region" aria-label="${label}" tabindex="0"><pre${snippet && html` data-snippet="${snippet}"`}><code>${code}</code></pre></div>
  </figure>`;
}

/** One value to be copied: a click marks all of it. */
export const copyable = (what: string, value: string): Html =>
  html`<div class="copying"><code class="copyable"><bdi>${value}</bdi></code> ${copyButton(what)}</div>`;
