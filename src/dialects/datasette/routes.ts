import { defineRoutes } from '../framework/dialect.ts';

/** What the clients of Datasette call. */
export const datasetteRoutes = defineRoutes({
  'GET /-/actor.json': { features: ['D12'], limit: ['documents.network'], cors: true },
  'GET /.json': { features: ['D1'], limit: ['documents.network'], cors: true },
});
