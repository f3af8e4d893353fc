import type { Context, Middleware } from 'koa';
import { currentWait } from '../db/deadline.ts';
import { hasOnlyRead } from './http/only-read.ts';
import { OAuthError } from './oauth/errors.ts';
import { endpoints, guardPaths } from './oauth/paths.ts';

/** Endpoints that change nothing which could be found changed, or that write whenever they say so. */
const withoutChanges = new Set<string>([
  endpoints.token,
  endpoints.introspection,
  endpoints.device_authorization,
  endpoints.pushed_authorization_request,
  endpoints.userinfo,
  guardPaths.anonymous,
]);

/**
 * Lets no request that would change something be answered "it is so" before it is so on the disk and the standby: one
 * that found the change made already (by a request whose answer was lost) has written nothing, and so has not waited.
 * One that wrote has (`Wait.confirmed`), and is not held up. Refusals that tell of no state do not wait.
 */
export function confirmChanges(confirm: () => Promise<void>): Middleware {
  return async (ctx, next) => {
    if (isSafe(ctx) || withoutChanges.has(ctx.path)) return next();
    let refusal: unknown;
    try {
      await next();
    } catch (error) {
      refusal = error;
    }
    const status = refusal instanceof OAuthError ? refusal.status : refusal ? 500 : ctx.status;
    const wait = currentWait();
    // What asked the database nothing, as a path that is none, knows of no change.
    if (tellsState(status) && wait && wait.spent > 0 && !wait.confirmed && !hasOnlyRead(ctx))
      await confirm();
    if (refusal) throw refusal;
  };
}

const isSafe = ({ method }: Context): boolean => /^(GET|HEAD|OPTIONS)$/.test(method);

/** Done, or "is not there", "exists already", "has changed". */
const tellsState = (status: number): boolean =>
  status < 400 || [404, 409, 410, 412].includes(status);
