/**
 * THE PATH OF THE ISSUER, if ISSUER has one. It is removed from each incoming request and added to outgoing paths: to
 * `Location` here, to links on pages in `views/layout/render.ts`, and to cookies in `cookie-scope.ts`. Nothing in
 * between knows about it. A proxy can pass the path on or strip it.
 */
import type { Context, Middleware } from 'koa';
import { basePathOf } from '../oauth/issuer.ts';
import { allowedMethods, apiMetadataPath, signalConfigurationPath } from '../oauth/paths.ts';
import { resourceMetadataPath } from '../oauth/protected-resource.ts';

/** Metadata paths that clients look up at the root of the host, with the issuer's path appended (RFC 8414 §3.1, §5). */
const metadata = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  signalConfigurationPath,
];

/**
 * Returns a function that removes the issuer's path from a request target (RFC 9112 §3.2); a target without it is
 * unchanged. Undefined if the issuer has no path.
 */
export function removalOfIssuerPath(issuer: string): ((target: string) => string) | undefined {
  const base = basePathOf(issuer);
  if (base === '') return undefined;
  const below = `${base}/`;
  const known = new Map(
    metadata
      // An issuer at `/jwks` must not hide the JWK Set.
      .filter((path) => !(path + base in allowedMethods))
      .flatMap((path) => [
        [path + base, path],
        [path + below, path],
      ]),
  );
  // The issuer's path belongs to the identifier of the API, and so is in the middle (RFC 9728 §3.1).
  known.set(
    resourceMetadataPath + base + apiMetadataPath.slice(resourceMetadataPath.length),
    apiMetadataPath,
  );
  const inside = (path: string): string => {
    if (path === base) return '/';
    if (path.startsWith(below)) return path.slice(base.length);
    return known.get(path) ?? path;
  };
  return (target) => {
    if (target.startsWith(below)) return target.slice(base.length);
    const [, host = '', path = '', query = ''] =
      /^(https?:\/\/[^/?]*)?([^?]*)(.*)$/is.exec(target) ?? [];
    return host + inside(path) + query;
  };
}

/** Prepends the issuer's path to `Location` if it is a path; a whole URL is unchanged. */
export const prefixLocation =
  (base: string): Middleware =>
  async (ctx, next) => {
    await next();
    const location: unknown = ctx.res.getHeader('Location');
    if (typeof location === 'string' && location.startsWith('/'))
      ctx.set('Location', base + location);
  };

/** The issuer's path, or an empty string. The engine reads the same property of the context. */
export const mountPathOf = (ctx: Context): string => ctx['mountPath'] ?? '';
