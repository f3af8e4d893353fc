/**
 * THE PATH OF THE ISSUER, where ISSUER has one. It is taken off a request as it comes in, and put before the paths that
 * answers name as they go out: in `Location` here, on pages in `views/layout/render.ts`, for cookies in
 * `cookie-scope.ts`. So nothing between knows of it. A proxy in front may pass the path on or take it off.
 */
import type { Context, Middleware } from 'koa';
import { basePathOf } from '../oauth/issuer.ts';
import { allowedMethods } from '../oauth/paths.ts';

/** Metadata that clients look for at the root of the host, the issuer's path behind it (RFC 8414 §3.1 and §5). */
const metadata = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];

/**
 * What takes the issuer's path off the target of a request (RFC 9112 §3.2); a target without it stays as it is.
 * Undefined where the issuer has none.
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

/** Puts the issuer's path before the path that `Location` names; a whole URL stays as it is. */
export const locateUnder =
  (base: string): Middleware =>
  async (ctx, next) => {
    await next();
    const location: unknown = ctx.res.getHeader('Location');
    if (typeof location === 'string' && location.startsWith('/'))
      ctx.set('Location', base + location);
  };

/** The path of the issuer that a request came to, empty where it has none: the engine knows it by this name, too. */
export const mountPathOf = (ctx: Context): string => ctx['mountPath'] ?? '';
