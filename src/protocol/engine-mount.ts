import type { Middleware } from 'koa';
import compose from 'koa-compose';
import type { Provider } from 'oidc-provider';
import { allowedMethods, endpoints } from '../oauth/paths.ts';
import { type EngineLog, noteRefusals, reportEngineErrors } from './engine/events.ts';
import { inRequestScope } from './engine/request-scope.ts';

/**
 * Mounts the engine on the exact paths of the protocol, each request in its own scope. By itself the engine matches
 * paths in any case and with a trailing slash: it would shadow introspection and revocation, and answer 200 to a
 * revocation that it does not perform. Its own device pages must not be reachable.
 */
export function mountEngine(
  provider: Provider,
  { gate, log }: { gate: Middleware; log: EngineLog },
): Middleware {
  reportEngineErrors(provider, log);
  const engine = compose([gate, compose(provider.middleware) as Middleware]);
  return async (ctx, next) => {
    const isEndpoint = ctx.path in allowedMethods;
    const isEngines = isEndpoint && ctx.path !== endpoints.code_verification;
    await (isEngines || ctx.path.startsWith(`${endpoints.authorization}/`)
      ? inRequestScope(async () => {
          await engine(ctx, next);
          noteRefusals(ctx, log);
          if (issuesCredentials(ctx.path)) ctx.set('Pragma', 'no-cache');
        })
      : next());
  };
}

/** Whether the responses of an endpoint have tokens or codes, which HTTP/1.0 caches must not keep either (RFC 6749 §5.1). */
const issuesCredentials = (path: string): boolean =>
  path === endpoints.token || path === endpoints.device_authorization;
