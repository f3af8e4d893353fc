import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** Whoever registered the app chose this address: only one that a browser opens as a page is a link. */
export function homepage(uri: string | undefined, label = 'Website'): [string, Html][] {
  if (!uri || !URL.canParse(uri)) return [];
  const { protocol, href, host } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return [];
  return [
    [label, html`<a href="${href}" rel="noopener noreferrer nofollow"><bdi>${host}</bdi></a>`],
  ];
}
