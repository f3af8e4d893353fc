import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** One panel of `codeTabs`. */
export interface CodePanel {
  /** Part of the id of the panel. */
  language: 'curl' | 'node' | 'python' | 'go';
  content: Html;
}

const labels: Record<CodePanel['language'], string> = {
  curl: 'curl',
  node: 'Node.js',
  python: 'Python',
  go: 'Go',
};

/**
 * The same thing in several languages. A script (`views/assets/tabs.ts`) shows one at a time, on pages with `copies`;
 * without it each stands under its heading.
 */
export function codeTabs(id: string, panels: CodePanel[]): Html {
  if (panels.length === 1) return html`${panels[0]?.content}`;
  return html`<div class="code-tabs">${panels.map(
    ({ language, content }) =>
      html`<div class="code-panel" id="${id}-${language}"><h3>${labels[language]}</h3>${content}</div>`,
  )}</div>`;
}
