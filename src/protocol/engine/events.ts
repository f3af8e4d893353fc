import type { Context } from 'koa';
import type { errors, Provider } from 'oidc-provider';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { rememberAccount } from '../../http/access-log.ts';
import { refusalOf, serverError } from '../../http/errors.ts';
import { tooManyRequests } from '../../http/rate-limit-fields.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { requestIdOf } from '../../http/request-id.ts';
import { unstorableIn } from './errors.ts';
import { currentScope } from './request-scope.ts';

/** Where the troubles and the refusals that the engine reports are written down. */
export interface EngineLog {
  /** An error that is not the caller's fault, and in which words it is logged. */
  logTrouble(ctx: Context, error: unknown, message: string): void;
  noteRefusal: RefusalLog['note'];
}

/**
 * The engine answers errors at its endpoints by itself and reports them as events: outages and bugs go to
 * the log, refusals to the log of those, once their request is done (`noteRefusals`). A bug is answered with the
 * id under which the log has it, where the engine's own answer says `oops`.
 */
export function reportEngineErrors(
  provider: Provider,
  { logTrouble }: Pick<EngineLog, 'logTrouble'>,
): void {
  provider.on('server_error', (ctx, error) => {
    logTrouble(ctx, error, 'unexpected');
    ctx.body = serverError(requestIdOf(ctx));
  });

  for (const event of errorEvents)
    provider.on(event, (_ctx, error) => void currentScope()?.refusals.push(error));
}

/**
 * Notes why the engine refused the request of the current scope, in one line: it can report two errors of one
 * request, of which only the second is answered. A device that polls before its person has answered is not
 * refused anything.
 */
export function noteRefusals(ctx: Context, { logTrouble, noteRefusal }: EngineLog): void {
  const { refusals = [], accounts } = currentScope() ?? {};
  const error = refusals.at(-1);
  if (!error || error.message === 'authorization_pending') return;
  if (error.statusCode >= 500) {
    logTrouble(ctx, error.cause ?? error, error.message);
    return;
  }
  const unstorable = unstorableIn(error);
  if (unstorable) logTrouble(ctx, unstorable.cause, unstorable.reason);
  const [account] = accounts?.keys() ?? [];
  if (account) rememberAccount(ctx, account);
  if (error.cause instanceof LimitReached) {
    const limited = tooManyRequests(ctx, error.cause);
    // A person has been told on a page.
    if (!ctx.response.is('html')) ctx.body = limited.toJSON();
    noteRefusal(ctx, refusalOf(limited));
    return;
  }
  noteRefusal(ctx, {
    reason: [...new Set(refusals.map(reasonOf))].join('; '),
    error: error.message,
    isAuthentication: error.statusCode === 401,
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

/**
 * Why the engine refused. Its own errors are plain and state a reason; those of a library, or of a parser, may quote
 * what was presented.
 */
function reasonOf({
  cause,
  error_detail,
  error_description,
  message,
}: errors.OIDCProviderError): string {
  if (!cause) return error_detail ?? error_description ?? message;
  const isPlain = cause instanceof Error && cause.constructor === Error;
  return isPlain ? cause.message : (error_description ?? message);
}
