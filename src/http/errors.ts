import type { Context, Middleware } from 'koa';
import { OAuthError, UnstorableValue } from '../oauth/errors.ts';
import type { Log } from './log.ts';
import { targetOf } from './log-text.ts';
import type { Refusal, RefusalLog } from './refusal-log.ts';
import { requestIdOf } from './request-id.ts';
import { decodeEscapes, isPlainText } from './text.ts';

/** Turns errors thrown by later middleware into responses. Their causes go only to the log. */
export function answerErrors(log: Log, noteRefusal: RefusalLog['note']): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = asOAuthError(thrown);
      if (error.status < 500) {
        if (error instanceof UnstorableValue) logError(log, ctx, error.cause, error.reason);
        if (!isAboutState(error)) noteRefusal(ctx, refusalOf(error));
        answer(ctx, error);
        return;
      }
      logError(log, ctx, error.cause ?? error, error.message);
      if (error.code === 'temporarily_unavailable') {
        ctx.set('Retry-After', '2');
        answer(ctx, error);
      } else answer(ctx, new OAuthError('server_error', internalError(requestIdOf(ctx))));
    }
  };
}

/**
 * Adds `details` with every problem to the errors of a request. Protocol endpoints do not use it: their errors have
 * only the two members of RFC 6749 §5.2.
 */
export const listProblems: Middleware = (ctx, next) => {
  ctx.state['listsProblems'] = true;
  return next();
};

function bodyOf(ctx: Context, error: OAuthError): object {
  const { details } = error;
  return ctx.state['listsProblems'] && details.length > 0
    ? { ...error.toJSON(), details }
    : error.toJSON();
}

/** Logs an error of the server with the request ID that the caller gets. */
export const logError = (log: Log, ctx: Context, error: unknown, message: string): void =>
  log.error(
    { err: error, request_id: requestIdOf(ctx), method: ctx.method, path: targetOf(ctx) },
    message,
  );

/** An error in the form that the refusal log takes. */
export const refusalOf = (error: OAuthError): Refusal => ({
  reason: error.reason ?? error.message,
  error: error.toJSON().error,
  isAuthentication: error.status === 401,
});

/** Whether an error only reports a state (not found, changed), which is not worth a line in the refusal log. */
const isAboutState = ({ code }: OAuthError): boolean =>
  code === 'not_found' || code === 'conflict' || code === 'precondition_failed';

/** The body of an internal error. It reveals nothing but the request ID, under which the log has the cause. */
export const serverError = (id: string) =>
  new OAuthError('server_error', internalError(id)).toJSON();

const internalError = (id: string): string =>
  `The server failed to handle the request. Report it to the operator with the request ID ${id}`;

/** An error response in the format of another product. */
export interface ErrorAnswer {
  status: number;
  body: unknown;
  /** The media type of a body that is not JSON. */
  type?: string;
  headers?: Readonly<Record<string, string>>;
}

/** Makes every error of a request use another format. */
export const answerErrorsAs = (
  ctx: Context,
  describe: (error: OAuthError) => ErrorAnswer,
): void => {
  ctx.state['describeError'] = describe;
};

function answer(ctx: Context, error: OAuthError): void {
  const describe = ctx.state['describeError'] as ((error: OAuthError) => ErrorAnswer) | undefined;
  const shown = describe?.(error) ?? { status: error.status, body: bodyOf(ctx, error) };
  ctx.status = shown.status;
  ctx.set({
    'Cache-Control': 'no-store',
    'X-Request-Id': requestIdOf(ctx),
    ...shown.headers,
  });
  if (shown.type) ctx.type = shown.type;
  ctx.body = shown.body;
}

/** Converts anything thrown. Whatever is not an `OAuthError` is a bug and becomes `server_error`. */
export const asOAuthError = (thrown: unknown): OAuthError =>
  thrown instanceof OAuthError
    ? thrown
    : new OAuthError('server_error', 'unexpected', { cause: thrown });

/**
 * Rejects a request target that is not a URL: an absolute form (RFC 9112 §3.2.2) that does not parse, which would throw
 * wherever the path is read, or one with unescaped characters (RFC 3986 §2), which parsers would decode differently. A
 * path that is not UTF-8 or has control characters names nothing and goes to `absent`.
 */
export const requireReadableTarget =
  (absent: Middleware): Middleware =>
  async (ctx, next) => {
    const { url = '/' } = ctx.req;
    const isUrl = url.startsWith('/') || url === '*' || URL.canParse(url);
    if (!isUrl || !/^[\x21-\x7e]*$/.test(url))
      throw new OAuthError(
        'invalid_request',
        'The request target is not a URL. Percent-encode all characters outside ASCII.',
      );
    const path = decodeEscapes(url.split('?', 1)[0] ?? '', { form: false });
    await (path !== undefined && isPlainText(path) ? next() : absent(ctx, next));
  };
