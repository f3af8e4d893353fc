/** Datasette: its device flow by Writ's own endpoints and pages, its actor by the domain. */
import type { Dialect, Handler } from '../framework/dialect.ts';
import { type ActorDependencies, createActorHandlers } from './actor.ts';
import { datasette } from './description.ts';
import { describeError } from './errors.ts';
import type { datasetteRoutes } from './routes.ts';

export function createDatasette(dependencies: ActorDependencies): Dialect {
  const actor = createActorHandlers(dependencies);
  const handlers: Record<keyof typeof datasetteRoutes, Handler> = {
    'GET /-/actor.json': actor.actor,
    'GET /.json': actor.databases,
  };
  return { ...datasette, handlers, describeError };
}
