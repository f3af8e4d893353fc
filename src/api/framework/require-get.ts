import type { Context } from 'koa';
import { OAuthError } from '../../oauth/errors.ts';

/** What everyone may read takes no other method. */
export function requireGet(ctx: Context): void {
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return;
  ctx.set('Allow', 'GET, HEAD');
  throw new OAuthError('method_not_allowed', 'This path takes GET, HEAD.');
}
