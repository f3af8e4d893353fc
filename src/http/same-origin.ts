import type { Context } from 'koa';

/**
 * Whether a request that a cookie lets in was sent by a page of this server, or by a program: browsers say where a
 * request comes from (Fetch Metadata, or the Origin header of older ones), and no other site can leave that out.
 */
export function isOfOwnPage(ctx: Context, issuer: string): boolean {
  const site = ctx.get('sec-fetch-site');
  if (site !== '') return site === 'same-origin';
  const origin = ctx.get('origin');
  return origin === '' || origin === new URL(issuer).origin;
}
