/** SERVER-SENT EVENTS (HTML Living Standard §9.2) as the response of an operation. */
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { markAsStream } from '../../http/streams.ts';

/** Whether a request wants events rather than JSON. */
export const wantsEvents = (ctx: Context): boolean =>
  ctx.accepts('application/json', 'text/event-stream') === 'text/event-stream';

/** One event: its text has no line breaks outside of JSON strings, so one `data` line is enough. */
export const eventOf = (event: string, id: number, data: object): string =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

/** Milliseconds between two checks whether the caller still reads. */
const checkEvery = 5_000;

/**
 * A stream of what `begin` yields. Nothing is produced ahead of the caller's reading. The signal is aborted when the caller
 * leaves, or has read nothing of what waits for it for `stuckMs`.
 */
export async function eventStream(
  begin: (signal: AbortSignal) => Promise<AsyncIterable<string>>,
  { stuckMs }: { stuckMs: number },
): Promise<Readable> {
  const leaving = new AbortController();
  const texts = (await begin(leaving.signal))[Symbol.asyncIterator]();
  /** When the last text was produced, and whether the caller has asked for another since. */
  let produced = performance.now();
  let isAsked = false;
  const stream = new Readable({
    highWaterMark: 1,
    read() {
      isAsked = true;
      texts.next().then(
        ({ done, value }) => {
          isAsked = false;
          produced = performance.now();
          stream.push(done ? null : value);
        },
        (error) => stream.destroy(error),
      );
    },
    destroy(error, done) {
      clearInterval(check);
      leaving.abort();
      done(error);
    },
  });
  const check = setInterval(() => {
    if (!isAsked && performance.now() - produced > stuckMs) stream.destroy();
  }, checkEvery).unref();
  return stream;
}

/** Sends the events. */
export function respondWithEvents(ctx: Context, stream: Readable): void {
  markAsStream(ctx.res);
  ctx.status = 200;
  ctx.set('Cache-Control', 'no-store');
  // For nginx, which would hold the events back.
  ctx.set('X-Accel-Buffering', 'no');
  ctx.type = 'text/event-stream; charset=utf-8';
  // A stop waits for open connections.
  ctx.res.shouldKeepAlive = false;
  // A caller that is cut off has to end its connection, also when the stream breaks.
  stream.once('close', () => {
    if (!stream.readableEnded) ctx.res.destroy();
  });
  ctx.res.once('close', () => stream.destroy());
  ctx.body = stream;
}
