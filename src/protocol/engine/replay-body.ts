import type { Context } from 'koa';
import { formType } from '../../http/form.ts';

/**
 * Replaces the body of a request that was already read with `form`, so the engine reads it as if it just arrived.
 * Passing a parsed body would make the engine log a warning.
 */
export function replayBody(ctx: Context, form: string): void {
  const body = Buffer.from(form);
  const { req } = ctx;
  delete req.headers['transfer-encoding'];
  req.headers['content-type'] = formType;
  req.headers['content-length'] = String(body.length);
  // Defined on the request itself: a wrapper object would slow down the hundred property reads that follow.
  Object.defineProperties(req, {
    readable: { value: true, writable: true },
    iterator: {
      value: () => {
        Object.defineProperty(req, 'readable', { value: false });
        return [body];
      },
    },
  });
}
