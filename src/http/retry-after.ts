import type { Middleware } from 'koa';

/** Every 503 says when to try again (RFC 9110 §10.2.3). */
export const retryAfter: Middleware = async (ctx, next) => {
  await next();
  if (ctx.status === 503) ctx.set('Retry-After', '2');
};
