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

export function createRouter(dependencies: Dependencies): Router {
  const router = new Router({ prefix: apiPrefix, sensitive: true });
  clientRoutes(router, dependencies);
  roleRoutes(router, dependencies);
  resourceRoutes(router, dependencies);
  tokenRoutes(router, dependencies);
  changeRoutes(router, dependencies);
  return router;
}

export const createApi = (dependencies: Dependencies): Middleware[] => [
  noStore,
  createRouter(dependencies).routes() as Middleware,
  absent,
];

const noStore: Middleware = async (ctx, next) => {
  if (ctx.path.startsWith(apiPrefix)) ctx.set('Cache-Control', 'no-store');
  await next();
};

/** What no route took: the path takes other methods (RFC 9110 §15.5.6), or there is no such path. */
const absent: Middleware = async (ctx, next) => {
  if (ctx.path !== apiPrefix && !ctx.path.startsWith(`${apiPrefix}/`)) return next();
  const { matched = [] } = ctx as { matched?: { methods: string[] }[] };
  if (matched.length === 0) throw new OAuthError('not_found', 'There is nothing at this path.');
  const allowed = [...new Set(matched.flatMap(({ methods }) => methods))].join(', ');
  ctx.set('Allow', allowed);
  throw new OAuthError('method_not_allowed', `This path takes ${allowed}.`);
};
