import type { Context } from 'koa';

/**
 * Whether a request that a cookie authenticates comes from a page of this server, or from a program. Browsers state the
 * origin of a request (Fetch Metadata, or the Origin header in older ones), and another site cannot suppress that.
 */
export function isSameOrigin(ctx: Context, issuer: string): boolean {
  const site = ctx.get('sec-fetch-site');
  if (site !== '') return site === 'same-origin';
  const origin = ctx.get('origin');
  return origin === '' || origin === new URL(issuer).origin;
}
