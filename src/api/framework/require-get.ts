import type { Context } from 'koa';
import { OAuthError } from '../../oauth/errors.ts';

/** For paths that can only be read. Throws `method_not_allowed` for other methods. */
export function requireGet(ctx: Context): void {
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return;
  ctx.set('Allow', 'GET, HEAD');
  throw new OAuthError('method_not_allowed', 'This path accepts GET, HEAD.');
}
