import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { formType } from '../../http/form.ts';

/**
 * Lets the engine read a form that was read already, as if it came in now with nothing but this in it. The engine
 * takes a parsed body as well, but warns about it.
 */
export function replayBody(ctx: Context, form: string): void {
  const body = Buffer.from(form);
  const { headers } = ctx.req;
  delete headers['transfer-encoding'];
  headers['content-type'] = formType;
  headers['content-length'] = String(body.length);
  ctx.req = Object.create(ctx.req, {
    readable: { value: true },
    readableEncoding: { value: null },
    iterator: {
      value: async function* () {
        yield body;
      },
    },
  } satisfies PropertyDescriptorMap) as IncomingMessage;
}
