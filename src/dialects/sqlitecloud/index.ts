/** SQLite Cloud: its routes, answered by the domain. */
import type { Dialect } from '../framework/dialect.ts';
import { sqlitecloud } from './description.ts';

export function createSqliteCloud(): Dialect {
  return {
    ...sqlitecloud,
    handlers: {},
    describeError: (error) => ({ status: error.status, body: error.toJSON() }),
  };
}
