/** `POST /graphql`. Loads the GraphQL library with the first request, because most servers never need it. */
import type { SpeckleHandler } from '../caller.ts';
import type { PartDependencies } from './parts.ts';
import type { GraphqlServer } from './server.ts';

export type GraphqlDependencies = PartDependencies;

export function createGraphqlHandler(dependencies: GraphqlDependencies): SpeckleHandler {
  let server: Promise<GraphqlServer> | undefined;
  return async (ctx, caller) => {
    server ??= import('./server.ts').then(({ createGraphqlServer }) =>
      createGraphqlServer(dependencies),
    );
    await (await server)(ctx, caller);
  };
}
