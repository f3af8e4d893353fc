import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A page above the current one: its label and its path. */
export type Crumb = readonly [label: string, href: string];

/** The way back: the pages above the current one, the nearest last. The heading below names the current page. */
export const crumbs = (trail: readonly Crumb[]): Html =>
  html`<nav class="crumbs" aria-label="Breadcrumb"><ol>${trail.map(
    ([label, href]) => html`<li><a href="${href}"><bdi>${label}</bdi></a></li>`,
  )}</ol></nav>`;
