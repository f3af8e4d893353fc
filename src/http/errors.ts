import type { Context, Middleware } from 'koa';
import { OAuthError, UnstorableValue } from '../oauth/errors.ts';
import type { Log } from './log.ts';
import { targetOf } from './log-text.ts';
import type { Refusal, RefusalLog } from './refusal-log.ts';
import { requestIdOf } from './request-id.ts';
import { decodeEscapes, isPlainText } from './text.ts';

/** Turns what is thrown below into the answer that the caller sees; the cause goes to the log alone. */
export function answerErrors(log: Log, noteRefusal: RefusalLog['note']): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = asOAuthError(thrown);
      if (error.status < 500) {
        if (error instanceof UnstorableValue) logTrouble(log, ctx, error.cause, error.reason);
        if (!isAboutState(error)) noteRefusal(ctx, refusalOf(error));
        answer(ctx, error);
        return;
      }
      logTrouble(log, ctx, error.cause ?? error, error.message);
      if (error.code === 'temporarily_unavailable') {
        ctx.set('Retry-After', '2');
        answer(ctx, error);
      } else answer(ctx, new OAuthError('server_error', ourFault(requestIdOf(ctx))));
    }
  };
}

/**
 * Lets the errors of a request list every problem with its place in `details`. The endpoints of the protocol do
 * not use it: their errors have the two members of RFC 6749 §5.2 and no other.
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

/** Says in the log what went wrong in a request, under the id that its caller is given. */
export const logTrouble = (log: Log, ctx: Context, error: unknown, message: string): void =>
  log.error(
    { err: error, request_id: requestIdOf(ctx), method: ctx.method, path: targetOf(ctx) },
    message,
  );

/** An error as the log of refusals has it. */
export const refusalOf = (error: OAuthError): Refusal => ({
  reason: error.reason ?? error.message,
  error: error.toJSON().error,
  isAuthentication: error.status === 401,
});

/** Whether an answer says how things are (there is no such thing, it has changed) and refuses nobody anything. */
const isAboutState = ({ code }: OAuthError): boolean =>
  code === 'not_found' || code === 'conflict' || code === 'precondition_failed';

/** What is answered for trouble of our own: nothing of it but the name under which the log has it. */
export const serverError = (id: string) => new OAuthError('server_error', ourFault(id)).toJSON();

const ourFault = (id: string): string =>
  `Something went wrong on our side. If you report it, give this id: ${id}`;

/** An error as a path answers it whose callers know no other shape. */
export interface ErrorAnswer {
  status: number;
  body: unknown;
  /** The media type of a body that is no JSON. */
  type?: string;
  headers?: Readonly<Record<string, string>>;
}

/** Has every error of a request answered in a shape of its own. */
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

/** What was thrown, as the error that its caller may read: whatever we did not mean is our own fault. */
export const asOAuthError = (thrown: unknown): OAuthError =>
  thrown instanceof OAuthError
    ? thrown
    : new OAuthError('server_error', 'unexpected', { cause: thrown });

/**
 * Refuses a request target that is no URL: one in absolute form (RFC 9112 §3.2.2) that does not parse, which would
 * throw wherever its path is read, and one with a character that a URI has only as an escape (RFC 3986 §2), which
 * readers would decode differently. A path that is not UTF-8, or has a control character, names nothing: `absent`.
 */
export const requireReadableTarget =
  (absent: Middleware): Middleware =>
  async (ctx, next) => {
    const { url = '/' } = ctx.req;
    const isUrl = url.startsWith('/') || url === '*' || URL.canParse(url);
    if (!isUrl || !/^[\x21-\x7e]*$/.test(url))
      throw new OAuthError(
        'invalid_request',
        'The request target is not a URL: percent-encode what is not ASCII.',
      );
    const path = decodeEscapes(url.split('?', 1)[0] ?? '', { form: false });
    await (path !== undefined && isPlainText(path) ? next() : absent(ctx, next));
  };
