/** `POST /graphql`. The library is loaded with the first request: a server that no client of Speckle asks has no use for it. */
import type { SpeckleHandler } from '../caller.ts';
import type { PartDependencies } from './parts.ts';
import type { GraphqlServer } from './server.ts';

/** What it uses of the domain. */
export type GraphqlDependencies = PartDependencies;

export function createGraphqlHandler(dependencies: GraphqlDependencies): SpeckleHandler {
  let server: Promise<GraphqlServer> | undefined;
  return async (ctx, caller) => {
    server ??= import('./server.ts').then(({ createGraphqlServer }) =>
      createGraphqlServer(dependencies),
    );
    const answer = await server;
    await answer(ctx, caller);
  };
}
