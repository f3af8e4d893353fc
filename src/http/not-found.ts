import type { Context, Middleware } from 'koa';
import { OAuthError } from '../oauth/errors.ts';
import { isForPrograms } from '../oauth/paths.ts';

/**
 * Answers what no other part has taken: a browser gets the page that `show` makes, a program `not_found`. At the paths
 * of programs it is JSON whatever the request accepts: some libraries ask for HTML everywhere.
 */
export const notFound =
  (show: (ctx: Context) => Promise<void>): Middleware =>
  (ctx) => {
    const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (reads && !isForPrograms(ctx.path) && ctx.accepts('json', 'html') === 'html')
      return show(ctx);
    throw new OAuthError('not_found', 'There is nothing at this path.');
  };
