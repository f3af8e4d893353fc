/**
 * HOW A REQUEST FINDS ITS DIALECT. `claim` stands before all that can refuse a request: it looks for the route, so that
 * limits, errors and CORS are those of the product. `answer` stands before the protocol and runs the handler.
 */
import type { Context, Middleware } from 'koa';
import { allowAnyOriginToRead, answerPreflightOf } from '../../http/cors.ts';
import { answerErrorsAs } from '../../http/errors.ts';
import { awaitText, readText } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Dialect, DialectRoute, Handler, Method } from './dialect.ts';
import { compilePath, keysOf, type ReadPath, splitKey } from './paths.ts';

interface MountedRoute extends DialectRoute {
  dialect: Dialect;
  method: Method;
  readPath: ReadPath;
  handler: Handler;
}

/** The route that took a request. */
export interface Claim {
  dialect: Dialect;
  /** Absent where the path has no such method. */
  route: MountedRoute | undefined;
  /** Of the path, as `Allow` lists them. */
  methods: string;
  parameters: Readonly<Record<string, string>>;
}

const claims = new WeakMap<Context['req'], Claim>();

/** The dialect that a request came by; undefined for Writ's own endpoints. */
export const claimOf = (ctx: Context): Claim | undefined => claims.get(ctx.req);

/** Mounts the dialects that are switched on. */
export function mountDialects(dialects: readonly Dialect[]): {
  claim: Middleware;
  answer: Middleware;
} {
  const routes = dialects.flatMap(routesOf);

  const claim: Middleware = async (ctx, next) => {
    const there = routes.filter(({ readPath }) => readPath(ctx.path));
    if (there.length === 0) return next();
    const found = await choose(ctx, there);
    const { dialect } = found ?? (there[0] as MountedRoute);
    const methods = [...new Set(there.map(({ method }) => method))];
    claims.set(ctx.req, {
      dialect,
      route: found,
      methods: [...methods, 'OPTIONS'].join(', '),
      parameters: (found ?? (there[0] as MountedRoute)).readPath(ctx.path) ?? {},
    });
    answerErrorsAs(ctx, (error) => dialect.describeError(error, ctx));
    if (there.some(({ cors }) => cors)) {
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
        throw new OAuthError('method_not_allowed', `This address takes ${methods}.`);
      ctx.status = 204;
      return;
    }
    return route.handler(ctx, parameters, next) as Promise<unknown>;
  };
  return { claim, answer };
}

const routesOf = (dialect: Dialect): MountedRoute[] =>
  keysOf(dialect.routes).map((key) => {
    const { method, path } = splitKey(key);
    return {
      ...(dialect.routes[key] as DialectRoute),
      dialect,
      method,
      readPath: compilePath(path),
      handler: dialect.handlers[key] as Handler,
    };
  });

/** Of the routes at a path, the one for the method; where two products have it, the one whose body it is. */
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

/** Undefined for what is no JSON, and for what cannot be read: the handler says why. */
async function readAsJson(ctx: Context): Promise<unknown> {
  try {
    if (await awaitText(ctx)) return undefined;
    return JSON.parse(await readText(ctx));
  } catch {
    return undefined;
  }
}
