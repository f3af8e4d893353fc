/** Speckle: its routes use the domain. */
import type { FindPrincipal } from '../../domain/tokens/principal.ts';
import type { Dialect, Handler } from '../framework/dialect.ts';
import { type AppsDependencies, createAppHandlers } from './apps/index.ts';
import { createIdentify } from './caller.ts';
import { speckle } from './description.ts';
import { describeError } from './errors.ts';
import { createGraphqlHandler, type GraphqlDependencies } from './graphql/handler.ts';
import type { speckleRoutes } from './routes.ts';

type Dependencies = Omit<GraphqlDependencies, 'resource'> &
  AppsDependencies & { findPrincipal: FindPrincipal };

export function createSpeckle({ findPrincipal, ...rest }: Dependencies): Dialect {
  const resource = speckle.resource.identifier;
  const identify = createIdentify({ findPrincipal, resource });
  /** For routes that need no token: one that is sent must be active nevertheless. */
  const forAll = (handle: Handler): Handler =>
    identify((ctx, _caller, ...rest) => handle(ctx, ...rest));
  const apps = createAppHandlers({ findPrincipal, ...rest });
  const handlers: Record<keyof typeof speckleRoutes, Handler> = {
    'POST /graphql': identify(createGraphqlHandler({ ...rest, resource })),
    'GET /authn/verify/:appId/:challenge': apps['GET /authn/verify/:appId/:challenge'],
    'GET /auth/accesscode': forAll(apps['GET /auth/accesscode']),
    'POST /auth/token': forAll(apps['POST /auth/token']),
    'POST /auth/logout': forAll(apps['POST /auth/logout']),
  };
  return { ...speckle, handlers, describeError };
}
