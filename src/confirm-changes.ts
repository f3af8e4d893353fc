import type { Context, Middleware } from 'koa';
import { currentWait } from '../db/deadline.ts';
import { isReadOnly } from './http/read-only.ts';
import { OAuthError } from './oauth/errors.ts';
import { endpoints, guardPaths } from './oauth/paths.ts';

/** Endpoints that change nothing that a repeated request could find done, or that always write when they report it. */
const withoutChanges = new Set<string>([
  endpoints.token,
  endpoints.introspection,
  endpoints.device_authorization,
  endpoints.pushed_authorization_request,
  endpoints.userinfo,
  guardPaths.anonymous,
]);

/**
 * Makes a response that reports a state wait until that state is durable on disk and on the standby. A request that
 * finds its change already made (by an earlier request whose response was lost) writes nothing and so has waited for
 * nothing; without this it could confirm a change that a failover loses. A request that wrote has already waited
 * (`Wait.confirmed`). Refusals that report no state do not wait.
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
    // A request that did not use the database, such as one for an unknown path, reports no state.
    if (reportsState(status) && wait && wait.spent > 0 && !wait.confirmed && !isReadOnly(ctx))
      await confirm();
    if (refusal) throw refusal;
  };
}

const isSafe = ({ method }: Context): boolean => /^(GET|HEAD|OPTIONS)$/.test(method);

/** Success, or: not found, already exists, has changed. */
const reportsState = (status: number): boolean =>
  status < 400 || [404, 409, 410, 412].includes(status);
