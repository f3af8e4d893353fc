import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { checkIcon } from './icons.ts';

export interface ScopeShown {
  description: string;
  /** The name of the API; empty for the account itself. */
  resource: string;
}

/** What an app can do, in sentences, by API. */
export function scopeList({ messages }: Frame, scopes: ScopeShown[], level: 'h2' | 'h3'): Html {
  const groups = Map.groupBy(scopes, ({ resource }) => resource);
  const heading = (text: string) =>
    level === 'h2' ? html`<h2><bdi>${text}</bdi></h2>` : html`<h3><bdi>${text}</bdi></h3>`;
  return html`${[...groups].map(
    ([resource, members]) => html`<div class="scopes">
      ${heading(resource || messages.app.yourAccount)}
      <ul>${members.map(({ description }) => html`<li>${checkIcon}<span><bdi>${description}</bdi></span></li>`)}</ul>
    </div>`,
  )}`;
}
