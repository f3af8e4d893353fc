import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** Links to the pages of one thing, as a row of tabs below its heading. `label` names the thing for screen readers. */
export const tabs = (
  label: string,
  pages: { label: string; href: string; isCurrent: boolean }[],
): Html =>
  html`<nav class="tabs" aria-label="${label}"><ul>${pages.map(
    (page) =>
      html`<li><a href="${page.href}"${page.isCurrent && html` aria-current="page"`}>${page.label}</a></li>`,
  )}</ul></nav>`;
