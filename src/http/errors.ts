import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { OAuthError } from '../oauth/errors.ts';
import type { Log } from './log.ts';

/** Turns what is thrown below into the answer that the caller sees; the cause goes to the log alone. */
export function answerErrors(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = asOAuthError(thrown);
      if (error.status < 500) {
        answer(ctx, error.status, error.toJSON());
        return;
      }
      const id = randomUUID();
      log.error(
        { err: error.cause ?? error, id, method: ctx.method, path: targetOf(ctx) },
        error.message,
      );
      if (error.code === 'temporarily_unavailable') {
        ctx.set('Retry-After', '2');
        answer(ctx, 503, error.toJSON());
      } else answer(ctx, 500, serverError(id));
    }
  };
}

/** Where a request went, for the log: without its query, and without parsing, which a strange target defeats. */
export const targetOf = ({ req }: Pick<Context, 'req'>): string =>
  (req.url ?? '').split('?', 1)[0] ?? '';

/** What is answered for trouble of our own: nothing of it but the name under which the log has it. */
export const serverError = (id: string) => ({
  error: 'server_error',
  error_description: `Something went wrong on our side. If you report it, give this id: ${id}`,
});

function answer(ctx: Context, status: number, body: object): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = body;
}

const asOAuthError = (thrown: unknown): OAuthError =>
  thrown instanceof OAuthError
    ? thrown
    : new OAuthError('server_error', 'unexpected', { cause: thrown });

/**
 * Refuses a request target in absolute form (RFC 9112 §3.2.2) that is no URL: HTTP lets it pass, and
 * whoever reads the path of such a request later would throw where nobody catches.
 */
export const requireReadableTarget: Middleware = async (ctx, next) => {
  const { url = '/' } = ctx.req;
  if (!url.startsWith('/') && url !== '*' && !URL.canParse(url))
    throw new OAuthError('invalid_request', 'The request target is not a URL.');
  await next();
};
