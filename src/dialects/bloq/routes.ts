import { defineRoutes } from '../framework/dialect.ts';

/** What the clients of Bloq call. */
export const bloqRoutes = defineRoutes({});
