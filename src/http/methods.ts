import type { Middleware } from 'koa';
import { OAuthError } from '../oauth/errors.ts';
import { allowedMethods } from '../oauth/paths.ts';

/** Refuses a method that a protocol endpoint does not take, and answers an OPTIONS that is no CORS preflight. */
export const requireAllowedMethod: Middleware = async (ctx, next) => {
  const allowed = allowedMethods[ctx.path];
  if (allowed && !allowed.split(', ').includes(ctx.method)) {
    ctx.set('Allow', allowed);
    throw new OAuthError('method_not_allowed', `This endpoint takes ${allowed}.`);
  }
  if (allowed && ctx.method === 'OPTIONS' && !ctx.get('access-control-request-method')) {
    ctx.set('Allow', allowed);
    ctx.status = 204;
    return;
  }
  await next();
};
