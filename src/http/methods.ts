import type { Middleware } from 'koa';
import { OAuthError } from '../oauth/errors.ts';
import { allowedMethods } from '../oauth/paths.ts';

/** Rejects methods that a protocol endpoint does not support, and answers OPTIONS requests that are not preflights. */
export const requireAllowedMethod: Middleware = async (ctx, next) => {
  const allowed = allowedMethods[ctx.path];
  if (allowed && !allowed.split(', ').includes(ctx.method)) {
    ctx.set('Allow', allowed);
    const usable = allowed
      .split(', ')
      .filter((method) => method !== 'HEAD' && method !== 'OPTIONS');
    throw new OAuthError(
      'method_not_allowed',
      `${ctx.method} is not supported at this endpoint. Use ${usable.join(' or ')}.`,
    );
  }
  if (allowed && ctx.method === 'OPTIONS' && !ctx.get('access-control-request-method')) {
    ctx.set('Allow', allowed);
    ctx.status = 204;
    return;
  }
  await next();
};
