import { defineRoutes } from '../framework/dialect.ts';

/** What the clients of SQLite Cloud call. */
export const sqlitecloudRoutes = defineRoutes({});
