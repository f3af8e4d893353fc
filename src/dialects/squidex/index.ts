/** Squidex: its routes, answered by the domain. */
import type { Dialect } from '../framework/dialect.ts';
import { squidex } from './description.ts';

export function createSquidex(): Dialect {
  return {
    ...squidex,
    handlers: {},
    describeError: (error) => ({ status: error.status, body: error.toJSON() }),
  };
}
