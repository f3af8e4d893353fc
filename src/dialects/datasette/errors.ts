import type { Context } from 'koa';
import { parseAuthorization } from '../../http/authorization.ts';
import type { ErrorAnswer } from '../../http/errors.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** A credential that is not allowed here, or a feature that is off: 403 with this sentence as the error. */
export const forbidden = (sentence: string): OAuthError =>
  new OAuthError('access_denied', sentence);

/** Tokens are for programs, which cannot approve logins or register clients (docs/dialects.md). */
export function refuseToken(ctx: Context): void {
  if (parseAuthorization(ctx.get('authorization'))?.scheme === 'bearer')
    throw forbidden('Token authentication cannot be used here');
}

/** The only endpoint whose `error` is a code (RFC 6749 §5.2). */
const tokenPath = '/-/oauth/token';

/** Requests to the token endpoint that redeem an authorization code. */
const codeRequests = new WeakSet<Context['req']>();

/** Marks a request as redeeming an authorization code, so its errors are not those of a polling device. */
export const noteCodeRequest = (ctx: Context): void => void codeRequests.add(ctx.req);

/**
 * The error code for a polling device. `dclient` gives up on any code that it does not know, so one failover of the
 * database would end every pending login: a busy or unavailable server therefore responds that nothing was decided.
 */
export const forDevice = (code: unknown, status: number): unknown =>
  status === 429 || status === 503 || code === 'slow_down' ? 'authorization_pending' : code;

/** Translates an error to Datasette's form: `error` is a sentence, or a code at the token endpoint. */
export function describeError(error: OAuthError, ctx: Context): ErrorAnswer {
  const { status, code, message } = error;
  if (code === 'method_not_allowed') return { status, body: { error: 'Method not allowed' } };
  // `forbidden` has Datasette's own sentences, also at the token endpoint.
  const isCode = ctx.path === tokenPath && code !== 'access_denied';
  return { status, body: { error: isCode ? codeOf(error, ctx) : message } };
}

function codeOf(error: OAuthError, ctx: Context): unknown {
  const code = error.toJSON().error;
  return codeRequests.has(ctx.req) ? code : forDevice(code, error.status);
}
