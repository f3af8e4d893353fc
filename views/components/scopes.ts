import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { checkIcon } from './icons.ts';

export interface ScopeShown {
  description: string;
  /** What the API is called; empty for what belongs to the account itself. */
  resource: string;
}

/** What an app may do, in sentences, under the name of the API that each belongs to. */
export function scopeList(scopes: ScopeShown[], level: 'h2' | 'h3'): Html {
  const groups = Map.groupBy(scopes, ({ resource }) => resource);
  const heading = (text: string) =>
    level === 'h2' ? html`<h2><bdi>${text}</bdi></h2>` : html`<h3><bdi>${text}</bdi></h3>`;
  return html`${[...groups].map(
    ([resource, members]) => html`<div class="scopes">
      ${heading(resource || 'Your account')}
      <ul>${members.map(({ description }) => html`<li>${checkIcon}<span><bdi>${description}</bdi></span></li>`)}</ul>
    </div>`,
  )}`;
}
