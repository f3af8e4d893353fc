import type { Middleware } from 'koa';
import compose from 'koa-compose';
import type { Provider } from 'oidc-provider';
import { allowedMethods, endpoints } from '../oauth/paths.ts';
import { type EngineLog, noteRefusals, reportEngineErrors } from './engine/events.ts';
import { inRequestScope } from './engine/request-scope.ts';

/**
 * The engine on the paths of the protocol, spelled exactly, each request in a scope of its own. The engine itself
 * takes paths in any case and with a slash at the end: it would answer in place of introspection and revocation,
 * and say 200 to a revocation that it leaves to others. It also has pages for devices, which are not to be shown.
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
        })
      : next());
  };
}
