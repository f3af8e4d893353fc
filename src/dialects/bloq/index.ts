/** Bloq: its routes, answered by the domain. */
import type { Dialect } from '../framework/dialect.ts';
import { bloq } from './description.ts';

export function createBloq(): Dialect {
  return {
    ...bloq,
    handlers: {},
    describeError: (error) => ({ status: error.status, body: error.toJSON() }),
  };
}
