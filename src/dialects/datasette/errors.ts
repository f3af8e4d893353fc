import type { Context } from 'koa';
import { parseAuthorization } from '../../http/authorization.ts';
import type { ErrorAnswer } from '../../http/errors.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** A credential that may not be used where it was, or something that is switched off: 403 and the sentence alone. */
export const forbidden = (sentence: string): OAuthError =>
  new OAuthError('access_denied', sentence);

/** Tokens are for programs, and no program may approve, or register what asks (docs/dialects.md). */
export function refuseToken(ctx: Context): void {
  if (parseAuthorization(ctx.get('authorization'))?.scheme === 'bearer')
    throw forbidden('Token authentication cannot be used here');
}

/** The only endpoint whose `error` is a code (RFC 6749 §5.2). */
const tokenPath = '/-/oauth/token';

/** Requests to the token endpoint that are known to redeem an authorization code. */
const codeRequests = new WeakSet<Context['req']>();

/** Keeps that a request redeems an authorization code, so that no device is polling by it. */
export const noteCodeRequest = (ctx: Context): void => void codeRequests.add(ctx.req);

/**
 * The code of an error as a polling device understands it. `dclient` ends on any code that it does not know, so that one
 * failover of the database would end every login that waits: a server that is busy or away says that nothing was decided.
 */
export const forDevice = (code: unknown, status: number): unknown =>
  status === 429 || status === 503 || code === 'slow_down' ? 'authorization_pending' : code;

/** An error of Writ in the words of Datasette: `error` is a sentence, and at the token endpoint a code. */
export function describeError(error: OAuthError, ctx: Context): ErrorAnswer {
  const { status, code, message } = error;
  if (code === 'method_not_allowed') return { status, body: { error: 'Method not allowed' } };
  // The sentence of what is forbidden here is Datasette's own, also at the token endpoint.
  const isCode = ctx.path === tokenPath && code !== 'access_denied';
  return { status, body: { error: isCode ? codeOf(error, ctx) : message } };
}

function codeOf(error: OAuthError, ctx: Context): unknown {
  const code = error.toJSON().error;
  return codeRequests.has(ctx.req) ? code : forDevice(code, error.status);
}
