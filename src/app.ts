import cors from '@koa/cors';
import Koa, { type Context, type Middleware } from 'koa';
import compose from 'koa-compose';
import type { Provider } from 'oidc-provider';
import { inRequestContext } from './domain/audit/request-context.ts';
import { orUnavailable } from './domain/database/retry.ts';
import { rememberContext } from './http/access-log.ts';
import type { AuthFailureLog } from './http/auth-failure-log.ts';
import { answerErrors, logTrouble, requireReadableTarget, targetOf } from './http/errors.ts';
import { requireFormBody } from './http/form.ts';
import type { Log } from './http/log.ts';
import { requestIdOf } from './http/request-id.ts';
import { OAuthError } from './oauth/errors.ts';
import { allowedMethods, endpoints } from './oauth/paths.ts';
import { reportEngineErrors } from './protocol/engine/events.ts';
import { inRequestScope } from './protocol/engine/request-scope.ts';

interface Dependencies {
  log: Log;
  refusals: AuthFailureLog;
  issuer: string;
  /** How many proxies before us are believed. */
  trustProxy: number;
  provider: Provider;
  health: Middleware;
  introspection: Middleware;
  api: Middleware[];
  web: Middleware[];
  /** Tells a browser that there is nothing at an address. */
  showAbsent: (ctx: Context) => Promise<void>;
}

/** The order a request travels: what is asked most often first. */
export function createApp({
  log,
  refusals,
  issuer,
  trustProxy,
  provider,
  health,
  introspection,
  api,
  web,
  showAbsent,
}: Dependencies): Koa {
  // What stands further left in X-Forwarded-For than our proxies have written is the caller's own word.
  const app = new Koa({ proxy: trustProxy > 0, maxIpsCount: trustProxy });
  // The engine signs its interaction cookies with the keys of the app that it is mounted in.
  if (provider.keys) app.keys = provider.keys;
  useIssuerInUrls(app, issuer);
  app.on('error', (error: NodeJS.ErrnoException, ctx?: Context) =>
    log[isHungUp(error) ? 'debug' : 'error'](
      { err: error, ...(ctx && { request_id: requestIdOf(ctx), path: targetOf(ctx) }) },
      'a response could not be sent',
    ),
  );
  reportEngineErrors(provider, {
    logTrouble: (ctx, error, message) => logTrouble(log, ctx, error, message),
    recordAuthFailure: refusals.note,
  });

  const engine = compose(provider.middleware) as Middleware;
  app.use(answerErrors(log, refusals.note));
  app.use(requireReadableTarget);
  app.use((_ctx, next) => orUnavailable(next));
  app.use(onPath(endpoints.revocation, revocationCors));
  // First of all, since nothing else is asked as often.
  app.use(introspection);
  app.use((ctx, next) => inItsContext(ctx, next));
  app.use(health);
  app.use(requireAllowedMethod);
  app.use(retryAfter);
  app.use((_ctx, next) => inRequestScope(next));
  app.use(guardBodies);
  app.use(onItsPaths(engine));
  for (const middleware of [...api, ...web]) app.use(middleware);
  app.use(absent(showAbsent));
  return app;
}

/** From here on the answer names its request, and so does all that is logged or noted on the way. */
function inItsContext<Result>(ctx: Context, run: () => Result): Result {
  rememberContext(ctx);
  const requestId = requestIdOf(ctx);
  ctx.set('X-Request-Id', requestId);
  return inRequestContext({ requestId, ip: ctx.ip }, run);
}

const revocationCors = cors({
  allowMethods: 'POST',
  exposeHeaders: 'WWW-Authenticate',
  maxAge: 3600,
}) as Middleware;

/** The caller went away, in the middle of a request or of its answer: no trouble of ours. */
const isHungUp = ({ code = '' }: NodeJS.ErrnoException): boolean =>
  code.startsWith('HPE_') || code === 'ECONNRESET' || code === 'EPIPE';

const onPath =
  (path: string, middleware: Middleware): Middleware =>
  (ctx, next) =>
    ctx.path === path ? middleware(ctx, next) : next();

/** The engine makes the URLs it publishes from the request's; whoever sends one must not choose its host. */
function useIssuerInUrls(app: Koa, issuer: string): void {
  Object.defineProperties(app.request, {
    origin: { get: () => issuer },
    // And whether its cookies travel by TLS alone: a proxy need not say that it speaks it.
    secure: { get: () => issuer.startsWith('https:') },
    href: {
      get(this: Koa.Request) {
        return issuer + this.originalUrl.replace(/^https?:\/\/[^/]+/i, '');
      },
    },
    URL: {
      get(this: Koa.Request) {
        return new URL(this.href);
      },
    },
  });
}

const requireAllowedMethod: Middleware = async (ctx, next) => {
  const allowed = allowedMethods[ctx.path];
  if (allowed && !allowed.split(', ').includes(ctx.method)) {
    ctx.set('Allow', allowed);
    throw new OAuthError('method_not_allowed', `This endpoint takes ${allowed}.`);
  }
  if (allowed && ctx.method === 'OPTIONS' && !ctx.get('access-control-request-method')) {
    ctx.set('Allow', allowed);
    ctx.status = 204;
    return;
  }
  await next();
};

/**
 * The engine takes its paths in any case and with a slash at their end. So it would answer in place of
 * the thin layer, and say 200 to a revocation that it leaves to others. And it has pages of its own for
 * devices, which nobody is to see.
 */
const onItsPaths =
  (engine: Middleware): Middleware =>
  (ctx, next) =>
    (ctx.path in allowedMethods && ctx.path !== endpoints.code_verification) ||
    ctx.path.startsWith(`${endpoints.authorization}/`)
      ? engine(ctx, next)
      : next();

const absent =
  (show: (ctx: Context) => Promise<void>): Middleware =>
  (ctx) => {
    const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (reads && ctx.accepts('json', 'html') === 'html') return show(ctx);
    throw new OAuthError('not_found', 'There is nothing at this path.');
  };

/** Refuses by its headers what the engine would only find out while reading. */
const guardBodies: Middleware = async (ctx, next) => {
  if (ctx.method === 'POST' && ctx.path in allowedMethods) requireFormBody(ctx);
  await next();
};

const retryAfter: Middleware = async (ctx, next) => {
  await next();
  if (ctx.status === 503) ctx.set('Retry-After', '2');
};
