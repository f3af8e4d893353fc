/**
 * A PROGRAM'S FACE: the REST API under `/api/v1`. It reads input, asks the domain, and writes JSON;
 * it decides nothing. Every route authenticates first, so that a stranger learns nothing else.
 */
import Router from '@koa/router';
import type { Middleware } from 'koa';
import { OAuthError } from '../oauth/errors.ts';
import { changeRoutes } from './changes.ts';
import { clientRoutes } from './clients.ts';
import { resourceRoutes } from './resources.ts';
import { roleRoutes } from './roles.ts';
import { tokenRoutes } from './tokens.ts';

type Dependencies = Parameters<typeof clientRoutes>[1] &
  Parameters<typeof roleRoutes>[1] &
  Parameters<typeof resourceRoutes>[1] &
  Parameters<typeof tokenRoutes>[1] &
  Parameters<typeof changeRoutes>[1];

export const apiPrefix = '/api/v1';

export function createApi(dependencies: Dependencies): Middleware[] {
  const router = new Router({ prefix: apiPrefix });
  clientRoutes(router, dependencies);
  roleRoutes(router, dependencies);
  resourceRoutes(router, dependencies);
  tokenRoutes(router, dependencies);
  changeRoutes(router, dependencies);
  return [
    noStore,
    router.routes() as Middleware,
    router.allowedMethods({
      throw: true,
      methodNotAllowed: () => notAllowed,
      notImplemented: () => notAllowed,
    }) as Middleware,
    absent,
  ];
}

const notAllowed = new OAuthError('method_not_allowed', 'This path does not take this method.');

const noStore: Middleware = async (ctx, next) => {
  if (ctx.path.startsWith(apiPrefix)) ctx.set('Cache-Control', 'no-store');
  await next();
};

const absent: Middleware = async (ctx, next) => {
  if (ctx.path === apiPrefix || ctx.path.startsWith(`${apiPrefix}/`))
    throw new OAuthError('not_found', 'There is nothing at this path.');
  await next();
};
