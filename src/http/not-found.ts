import type { Context, Middleware } from 'koa';
import { OAuthError } from '../oauth/errors.ts';

/** Answers what no other part has taken: a browser gets the page that `show` makes, a program `not_found`. */
export const notFound =
  (show: (ctx: Context) => Promise<void>): Middleware =>
  (ctx) => {
    const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (reads && ctx.accepts('json', 'html') === 'html') return show(ctx);
    throw new OAuthError('not_found', 'There is nothing at this path.');
  };
