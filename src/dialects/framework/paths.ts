import type { DialectRoutes, Method, RouteKey } from './dialect.ts';

/** The method and the path of a route. */
export const splitKey = (key: string): { method: Method; path: string } => {
  const [method = '', path = ''] = key.split(' ');
  return { method: method as Method, path };
};

/** The keys of a table. */
export const keysOf = (routes: DialectRoutes): RouteKey[] => Object.keys(routes) as RouteKey[];

/** Matches a path against a pattern; returns the decoded parameters, or undefined if it does not match. */
export type ReadPath = (path: string) => Record<string, string> | undefined;

/** `:name` matches one non-empty segment. The caller has checked the percent-encoding. */
export function compilePath(pattern: string): ReadPath {
  const names = [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const expression = new RegExp(
    `^${pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '([^/]+)')}$`,
  );
  return (path) => {
    const found = expression.exec(path);
    return (
      (found &&
        Object.fromEntries(
          names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]),
        )) ??
      undefined
    );
  };
}

/** Replaces the parameters of a pattern with the given values, without encoding them. */
export const writePath = (pattern: string, parameters: Readonly<Record<string, string>>): string =>
  pattern.replaceAll(/:(\w+)/g, (_whole, name: string) => parameters[name] ?? '');
