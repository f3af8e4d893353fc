import { html } from 'hono/html';
import { copyButton } from '../components/copy.ts';
import type { Html } from '../layout/frame.ts';

/** Code to be copied. `about` tells screen readers which of the many examples of a page this is. */
export const example = (caption: string, about: string, code: string): Html =>
  html`<figure class="code-block"><figcaption>${caption}</figcaption>
    ${copyButton(`${caption}: ${about}`)}
    <div class="code-scroll" role="region" aria-label="${caption}: ${about}" tabindex="0"><pre><code>${code}</code></pre></div>
  </figure>`;

/** A path that breaks at its slashes. */
export const pathCode = (path: string): Html =>
  html`<code>${path.split(/(?<=.)(?=\/)/).map((part, index) => (index === 0 ? part : html`<wbr>${part}`))}</code>`;
