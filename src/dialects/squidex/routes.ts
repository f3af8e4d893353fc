import { defineRoutes } from '../framework/dialect.ts';

/** What the clients of Squidex call. */
export const squidexRoutes = defineRoutes({});
