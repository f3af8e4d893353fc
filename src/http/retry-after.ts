import type { Middleware } from 'koa';

/** Sets `Retry-After` (RFC 9110 §10.2.3) on every 503. */
export const retryAfter: Middleware = async (ctx, next) => {
  await next();
  if (ctx.status === 503) ctx.set('Retry-After', '2');
};
