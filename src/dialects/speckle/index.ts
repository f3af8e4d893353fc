/** Speckle: its routes, answered by the domain. */
import type { FindPrincipal } from '../../domain/tokens/principal.ts';
import type { Dialect, Handler } from '../framework/dialect.ts';
import { createIdentify } from './caller.ts';
import { speckle } from './description.ts';
import { describeError } from './errors.ts';
import { createGraphqlHandler, type GraphqlDependencies } from './graphql/handler.ts';
import type { speckleRoutes } from './routes.ts';

type Dependencies = GraphqlDependencies & { findPrincipal: FindPrincipal };

export function createSpeckle({ findPrincipal, ...rest }: Dependencies): Dialect {
  const identify = createIdentify({ findPrincipal, resource: speckle.resource.identifier });
  const handlers: Record<keyof typeof speckleRoutes, Handler> = {
    'POST /graphql': identify(createGraphqlHandler(rest)),
  };
  return { ...speckle, handlers, describeError };
}
