import { html } from 'hono/html';
import type { Html } from './frame.ts';

/** Text to be copied. It scrolls inside itself, for who uses a keyboard too. `snippet` says what kind it is. */
export function codeBlock(label: string, code: string, snippet?: string): Html {
  return html`<figure class="code-block"><figcaption>${label}</figcaption>
    <div class="code-scroll" role="region" aria-label="${label}" tabindex="0"><pre${snippet && html` data-snippet="${snippet}"`}><code>${code}</code></pre></div>
  </figure>`;
}

/** One value to be copied: a click marks all of it. */
export const copyable = (value: string): Html =>
  html`<code class="copyable"><bdi>${value}</bdi></code>`;
