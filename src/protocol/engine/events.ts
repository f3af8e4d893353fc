import type { Context } from 'koa';
import type { errors, Provider } from 'oidc-provider';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { rememberAccount } from '../../http/access-log.ts';
import { refusalOf, serverError } from '../../http/errors.ts';
import { tooManyRequests } from '../../http/rate-limit-fields.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { requestIdOf } from '../../http/request-id.ts';
import { authenticationFailed } from '../client-authentication.ts';
import { unstorableIn } from './errors.ts';
import { currentScope } from './request-scope.ts';
import { inPlainWords } from './sentences.ts';

/** Where failures and refusals of the engine are logged. */
export interface EngineLog {
  /** Logs an error that is not the caller's fault, with a log message. */
  logError(ctx: Context, error: unknown, message: string): void;
  noteRefusal: RefusalLog['note'];
}

/**
 * Collects the errors of the engine, which responds to them itself and emits events. Outages and bugs are logged at
 * once; refusals once their request is finished (`noteRefusals`). A bug is answered with the request ID instead of the
 * engine's default sentence.
 */
export function reportEngineErrors(
  provider: Provider,
  { logError }: Pick<EngineLog, 'logError'>,
): void {
  provider.on('server_error', (ctx, error) => {
    logError(ctx, error, 'unexpected');
    ctx.body = serverError(requestIdOf(ctx));
  });

  for (const event of errorEvents)
    provider.on(event, (_ctx, error) => void currentScope()?.refusals.push(error));
}

/**
 * Logs why the engine refused the request of the current scope, in one line: the engine can emit two errors for one
 * request and responds with the second. `authorization_pending` is not a refusal.
 */
export function noteRefusals(ctx: Context, { logError, noteRefusal }: EngineLog): void {
  const { refusals = [], accounts } = currentScope() ?? {};
  const error = refusals.at(-1);
  if (!error || error.message === 'authorization_pending') return;
  if (error.statusCode >= 500) {
    logError(ctx, error.cause ?? error, error.message);
    return;
  }
  const unstorable = unstorableIn(error);
  if (unstorable) logError(ctx, unstorable.cause, unstorable.reason);
  const [account] = accounts?.keys() ?? [];
  if (account) rememberAccount(ctx, account);
  if (error.cause instanceof LimitReached) {
    const limited = tooManyRequests(ctx, error.cause);
    // HTML: `showProblem` has already rendered the error as a page.
    if (!ctx.response.is('html')) ctx.body = limited.toJSON();
    noteRefusal(ctx, refusalOf(limited));
    return;
  }
  explain(ctx, error);
  noteRefusal(ctx, {
    reason: [...new Set(refusals.map(reasonOf))].join('; '),
    error: error.message,
    isAuthentication: error.statusCode === 401,
  });
}

/** What to do about errors for which the engine has only a generic sentence (RFC 6749 §5.2, RFC 6750 §3.1). */
const explanations: Readonly<Record<string, string>> = {
  'client authentication failed': authenticationFailed,
  'grant request is invalid':
    'The code or refresh token is invalid, expired or revoked, or was issued to another client or redirect_uri. Request a new one.',
  'invalid token provided':
    'The access token is invalid, expired or revoked, or is not for this endpoint. Request a new one.',
};

/** Replaces the engine's generic sentence in the body and in `WWW-Authenticate`. */
function explain(
  ctx: Context,
  { error_description: generic = '' }: errors.OIDCProviderError,
): void {
  const sentence =
    explanations[generic] ?? inPlainWords({ error_description: generic }).error_description;
  if (sentence === generic || ctx.response.is('html')) return;
  const body = ctx.body as string | { error_description?: string };
  if (typeof body === 'string') ctx.body = body.replace(generic, sentence);
  // Another layer may have put a more specific error in its place.
  else if (body.error_description === generic) ctx.body = { ...body, error_description: sentence };
  else return;
  const challenges = [ctx.res.getHeader('WWW-Authenticate') ?? []].flat().map(String);
  if (challenges.length > 0)
    ctx.set(
      'WWW-Authenticate',
      challenges.map((challenge) => challenge.replace(generic, sentence)),
    );
}

/** The events of errors that the caller can read, outages included. Other errors are `server_error`. */
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
 * Why the engine refused. The engine's own errors and plain `Error`s state a reason; errors of libraries and parsers
 * can quote what was presented.
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
