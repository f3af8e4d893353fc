import type { Context } from 'koa';
import type { errors, Provider } from 'oidc-provider';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { serverError } from '../../http/errors.ts';
import { tooManyRequests } from '../../http/rate-limit-fields.ts';
import { requestIdOf } from '../../http/request-id.ts';

/** Where the troubles and the refusals that the engine reports are written down. */
export interface EngineLog {
  /** An error that is not the caller's fault, and in which words it is logged. */
  logTrouble(ctx: Context, error: unknown, message: string): void;
  /** A failed authentication: why, in words that quote nothing of what was presented. */
  recordAuthFailure(ctx: Context, reason: string): void;
}

/**
 * The engine answers errors at its endpoints by itself and reports them as events: outages and bugs go to
 * the log, failed authentications (401) to the log of those. A bug is answered with the id under which the
 * log has it, where the engine's own answer says `oops`.
 */
export function reportEngineErrors(
  provider: Provider,
  { logTrouble, recordAuthFailure }: EngineLog,
): void {
  provider.on('server_error', (ctx, error) => {
    logTrouble(ctx, error, 'unexpected');
    ctx.body = serverError(requestIdOf(ctx));
  });

  for (const event of errorEvents)
    provider.on(event, (ctx, error) => {
      if (error.statusCode >= 500) logTrouble(ctx, error.cause ?? error, error.message);
      if (error.cause instanceof LimitReached) {
        const limited = tooManyRequests(ctx, error.cause);
        ctx.body = limited.toJSON();
        recordAuthFailure(ctx, limited.reason ?? limited.message);
      }
      if (error.statusCode === 401) recordAuthFailure(ctx, reasonOf(error));
    });
}

/** What the engine emits in place of `server_error` for errors that their caller may read, outages among them. */
const errorEvents = [
  'grant.error',
  'introspection.error',
  'revocation.error',
  'userinfo.error',
  'authorization.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
] as unknown as 'grant.error'[];

/** The engine's own words for a refusal; those of another error may quote what was presented. */
const reasonOf = ({ cause, error_detail, error_description, message }: errors.OIDCProviderError) =>
  (cause ? error_description : error_detail) ?? message;
