/**
 * HOW A REQUEST FINDS ITS DIALECT. `claim` runs before everything that can refuse a request and looks up the route, so
 * that limits, errors and CORS are those of the product. `answer` runs before the protocol and calls the handler.
 */
import type { Context, Middleware } from 'koa';
import { allowAnyOriginToRead, answerPreflightOf } from '../../http/cors.ts';
import { answerErrorsAs } from '../../http/errors.ts';
import { bufferBody, readText } from '../../http/form.ts';
import { logPathAs } from '../../http/log-text.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Dialect, DialectRoute, Handler, Method } from './dialect.ts';
import { compilePath, keysOf, type ReadPath, splitKey, writePath } from './paths.ts';

interface MountedRoute extends DialectRoute {
  dialect: Dialect;
  method: Method;
  path: string;
  readPath: ReadPath;
  handler: Handler;
}

/** The route that claimed a request. */
export interface Claim {
  dialect: Dialect;
  /** Undefined if the path does not support the method. */
  route: MountedRoute | undefined;
  /** The methods of the path, as `Allow` lists them. */
  methods: string;
  parameters: Readonly<Record<string, string>>;
}

const claims = new WeakMap<Context['req'], Claim>();

/** The claim of a request; undefined for Writ's own endpoints. */
export const claimOf = (ctx: Context): Claim | undefined => claims.get(ctx.req);

/** Mounts the enabled dialects. */
export function mountDialects(dialects: readonly Dialect[]): {
  claim: Middleware;
  answer: Middleware;
} {
  // This runs for every request of the server: one that belongs to no dialect costs one map lookup.
  const routes = Map.groupBy(dialects.flatMap(routesOf), ({ path }) => firstSegment(path));

  const claim: Middleware = async (ctx, next) => {
    const there = (routes.get(firstSegment(ctx.path)) ?? []).flatMap((route) => {
      const parameters = route.readPath(ctx.path);
      return parameters ? [{ route, parameters }] : [];
    });
    const [first] = there;
    if (!first) return next();
    const found = await choose(
      ctx,
      there.map(({ route }) => route),
    );
    const { route, parameters } = there.find((one) => one.route === found) ?? first;
    const { dialect, hidden = [] } = route;
    if (hidden.length > 0) logPathAs(ctx, writePath(route.path, withoutHidden(parameters, hidden)));
    const methods = [...new Set(there.map((one) => one.route.method))];
    claims.set(ctx.req, {
      dialect,
      route: found,
      methods: [...methods, 'OPTIONS'].join(', '),
      parameters,
    });
    answerErrorsAs(ctx, (error) => dialect.describeError(error, ctx));
    if (there.some((one) => one.route.cors)) {
      if (ctx.method === 'OPTIONS') return answerPreflightOf(methods)(ctx, next);
      allowAnyOriginToRead(ctx.res);
    }
    await next();
  };

  const answer: Middleware = (ctx, next) => {
    const claimed = claimOf(ctx);
    if (!claimed) return next();
    const { route, methods, parameters } = claimed;
    if (!route) {
      ctx.set('Allow', methods);
      if (ctx.method !== 'OPTIONS')
        throw new OAuthError('method_not_allowed', `This path accepts ${methods}.`);
      ctx.status = 204;
      return;
    }
    return route.handler(ctx, parameters, next) as Promise<unknown>;
  };
  return { claim, answer };
}

const withoutHidden = (
  parameters: Readonly<Record<string, string>>,
  hidden: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      hidden.includes(name) ? '[…]' : encodeURIComponent(value),
    ]),
  );

/** `connect` of `/connect/token`: no pattern begins with a parameter. */
const firstSegment = (path: string): string => path.split('/', 2)[1] ?? '';

const routesOf = (dialect: Dialect): MountedRoute[] =>
  keysOf(dialect.routes).map((key) => {
    const { method, path } = splitKey(key);
    return {
      ...(dialect.routes[key] as DialectRoute),
      dialect,
      method,
      path,
      readPath: compilePath(path),
      handler: dialect.handlers[key] as Handler,
    };
  });

/** Chooses among the routes of a path by method and, if two products share it, by body. */
async function choose(
  ctx: Context,
  there: readonly MountedRoute[],
): Promise<MountedRoute | undefined> {
  const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
  const found = there.filter((route) => route.method === method);
  if (found.length < 2) return found[0];
  const body = await readAsJson(ctx);
  return (
    found.find(({ claims: isMeant }) => isMeant?.(body)) ??
    found.find(({ claims: isMeant }) => !isMeant) ??
    found[0]
  );
}

/** Undefined if the body is not JSON or cannot be read; the handler reports why. */
async function readAsJson(ctx: Context): Promise<unknown> {
  try {
    if (await bufferBody(ctx)) return undefined;
    return JSON.parse(await readText(ctx));
  } catch {
    return undefined;
  }
}
