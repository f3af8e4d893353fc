import type { RouteLimit } from '../../config/limits.ts';
import { keysOf, splitKey } from './framework/paths.ts';
import { allDialects } from './index.ts';

/** A row of the table of all dialect routes. */
export interface RouteRow {
  method: string;
  path: string;
  /** The name in DIALECTS. */
  dialect: string;
  product: string;
  features: readonly string[];
  limit: RouteLimit;
}

/** All routes of all dialects, by path. If two products share a route, the body of a request decides. */
export const dialectRouteTable = (): RouteRow[] =>
  allDialects
    .flatMap(({ name, title, routes }) =>
      keysOf(routes).map((key) => {
        const { features, limit } = routes[key] as (typeof routes)[typeof key];
        return { ...splitKey(key), dialect: name, product: title, features, limit };
      }),
    )
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
