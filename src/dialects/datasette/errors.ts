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

/** An error of Writ in the words of Datasette: `error` is a sentence, and at the token endpoint a code. */
export function describeError(error: OAuthError, ctx: Context): ErrorAnswer {
  const { status, code, message } = error;
  if (code === 'method_not_allowed') return { status, body: { error: 'Method not allowed' } };
  // The sentence of what is forbidden here is Datasette's own, also at the token endpoint.
  const isCode = ctx.path === tokenPath && code !== 'access_denied';
  return { status, body: { error: isCode ? error.toJSON().error : message } };
}
