import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A link to a page of an app. Its developers chose the URL, so only http and https are shown. */
export function homepage(uri: string | undefined, label: string): [string, Html][] {
  if (!uri || !URL.canParse(uri)) return [];
  const { protocol, href, host } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return [];
  return [
    [label, html`<a href="${href}" rel="noopener noreferrer nofollow"><bdi>${host}</bdi></a>`],
  ];
}
