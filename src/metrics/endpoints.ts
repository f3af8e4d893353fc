import { allowedMethods, endpoints } from '../oauth/paths.ts';

const protocolPaths = new Set<string>([
  ...Object.values(endpoints),
  ...Object.keys(allowedMethods),
  '/healthz',
  '/readyz',
  '/docs',
  '/',
]);

/** The first segments of pages. */
const pages = new Set([
  'account',
  'admin',
  'apps',
  'assets',
  'consent',
  'device',
  'email',
  'invitation',
  'register',
  'sign-in',
  'sign-out',
]);

/**
 * Names the endpoint of a path for a metric: protocol endpoints by their paths, the API by the kind of thing, pages by
 * their first segment. Everything else is `other`, so a caller cannot create series.
 *
 * @param apiPaths The paths of the OpenAPI document.
 */
export function createEndpointNames(apiPaths: Iterable<string>): (path: string) => string {
  const apiThings = new Set<string>();
  for (const path of apiPaths) {
    const thing = /^\/api\/v1\/[^/{]+/.exec(path)?.[0];
    if (thing) apiThings.add(thing);
  }
  return (path) => {
    if (protocolPaths.has(path)) return path;
    const [, first = '', second, third] = path.split('/', 4);
    if (first === 'api') {
      const thing = `/api/${second}/${third}`;
      return apiThings.has(thing) ? thing : 'other';
    }
    if (pages.has(first)) return `/${first}`;
    return path.startsWith(`${endpoints.authorization}/`) ? endpoints.authorization : 'other';
  };
}
