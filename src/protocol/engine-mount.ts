import type { Middleware } from 'koa';
import { requireFormBody } from '../http/form.ts';
import { allowedMethods, endpoints } from '../oauth/paths.ts';

/**
 * The engine on the paths of the protocol, spelled exactly. The engine itself takes them in any case and
 * with a slash at the end: it would answer in place of the thin layer, and say 200 to a revocation that
 * it leaves to others. It also has pages of its own for devices, which no person is to see.
 */
export const mountEngine =
  (engine: Middleware): Middleware =>
  async (ctx, next) => {
    const isEndpoint = ctx.path in allowedMethods;
    // Refused by its headers, where the engine would find out only while reading.
    if (isEndpoint && ctx.method === 'POST') requireFormBody(ctx);
    const isEngines = isEndpoint && ctx.path !== endpoints.code_verification;
    await (isEngines || ctx.path.startsWith(`${endpoints.authorization}/`)
      ? engine(ctx, next)
      : next());
  };
