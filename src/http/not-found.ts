import type { Context, Middleware } from 'koa';
import { OAuthError } from '../oauth/errors.ts';
import { isForPrograms } from '../oauth/paths.ts';

/**
 * Answers requests that nothing else has handled. A browser gets the page that `show` renders, a program `not_found`.
 * The paths of programs always respond with JSON, because some HTTP libraries accept HTML everywhere.
 */
export const notFound =
  (show: (ctx: Context) => Promise<void>): Middleware =>
  (ctx) => {
    const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (reads && !isForPrograms(ctx.path) && ctx.accepts('json', 'html') === 'html')
      return show(ctx);
    throw new OAuthError('not_found', 'Nothing exists at this path. Check the URL.');
  };
