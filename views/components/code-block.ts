import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { copyButton } from './copy.ts';

const block = (label: string, className: string, content: Html): Html =>
  html`<figure class="${className}"><figcaption>${label}</figcaption>
    ${copyButton(label)}
    <div class="code-scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>
  </figure>`;

/** Text to be copied. It scrolls inside itself, for who uses a keyboard too. `snippet` says what kind it is. */
export const codeBlock = (label: string, code: string, snippet?: string): Html =>
  block(
    label,
    'code-block',
    html`<pre${snippet && html` data-snippet="${snippet}"`}><code>${code}</code></pre>`,
  );

/** The same for prose, whose long lines wrap. */
export const textBlock = (label: string, text: string): Html =>
  block(label, 'code-block wraps', html`<pre><code>${text}</code></pre>`);

/** One value to be copied: a click marks all of it. */
export const copyable = (what: string, value: string): Html =>
  html`<div class="copying"><code class="copyable"><bdi>${value}</bdi></code> ${copyButton(what)}</div>`;
