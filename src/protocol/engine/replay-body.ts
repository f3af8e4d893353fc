import type { Context } from 'koa';
import { formType } from '../../http/form.ts';

/**
 * Lets the engine read a form that was read already, as if it came in now with nothing but this in it. The engine
 * takes a parsed body as well, but warns about it.
 */
export function replayBody(ctx: Context, form: string): void {
  const body = Buffer.from(form);
  const { req } = ctx;
  delete req.headers['transfer-encoding'];
  req.headers['content-type'] = formType;
  req.headers['content-length'] = String(body.length);
  // On the request itself: looking at an object that inherits from it is slow, and done a hundred times.
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
