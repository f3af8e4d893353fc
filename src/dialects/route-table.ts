import type { RouteLimit } from '../../config/limits.ts';
import { keysOf, splitKey } from './framework/paths.ts';
import { allDialects } from './index.ts';

/** A line of the table of all dialects: which product has which path. */
export interface RouteRow {
  method: string;
  path: string;
  /** The name in DIALECTS. */
  dialect: string;
  product: string;
  features: readonly string[];
  limit: RouteLimit;
}

/** Every route of every dialect, by path; where two products have one, the body decides whose a request is. */
export const dialectRouteTable = (): RouteRow[] =>
  allDialects
    .flatMap(({ name, title, routes }) =>
      keysOf(routes).map((key) => {
        const { features, limit } = routes[key] as (typeof routes)[typeof key];
        return { ...splitKey(key), dialect: name, product: title, features, limit };
      }),
    )
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
