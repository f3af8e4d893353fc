import { AsyncLocalStorage } from 'node:async_hooks';
import { type Origin, requestOf, type TimeOf } from './common.ts';
import type { Sender } from './sender.ts';
import { lengthOf, type Span, writeSpan } from './span-messages.ts';

interface Options {
  origin: Origin;
  timeOf: TimeOf;
  send: Sender['send'];
  /** Milliseconds until a span is sent. */
  delay: number;
  /** Spans of one message, and those that wait at most. */
  batchSize: number;
  maxQueued: number;
  onProblem: (problem: string) => void;
}

export interface SpanQueue {
  /** Takes a span that has ended. It is lost if too many wait, since no request waits for a collector. */
  add(span: Span): void;
  /** Resolves when everything was sent or lost. */
  flush(): Promise<void>;
}

interface Batch {
  spans: Buffer;
  length: number;
  count: number;
}

/** Bytes of a batch at first: 512 spans with usual attributes. */
const usualLength = 512 * 320;

/** Sends spans in batches, one after another. */
export function createSpanQueue({
  origin,
  timeOf,
  send,
  delay,
  batchSize,
  maxQueued,
  onProblem,
}: Options): SpanQueue {
  const emptyBatch = (): Batch => ({
    spans: Buffer.allocUnsafe(usualLength),
    length: 0,
    count: 0,
  });
  let batch = emptyBatch();
  const full: Batch[] = [];
  let queued = 0;
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  // What is sent belongs to no request.
  const outside = AsyncLocalStorage.snapshot();

  const lose = (count: number, why: string) => {
    lost += count;
    onProblem(`${lost} spans were lost so far: ${why}`);
  };

  const closeBatch = () => {
    clearTimeout(timer);
    timer = undefined;
    if (batch.count === 0) return;
    full.push(batch);
    batch = emptyBatch();
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
  };

  const sendAll = async () => {
    for (let next = full.shift(); next; next = full.shift()) {
      const { spans, length, count } = next;
      await send(requestOf(origin, spans.subarray(0, length))).catch((error: Error) =>
        lose(count, error.message),
      );
      queued -= count;
    }
  };

  return {
    add(span) {
      if (queued >= maxQueued) return outside(lose, 1, 'too many wait for the collector');
      queued++;
      const end = batch.length + lengthOf(span);
      if (end > batch.spans.length) batch.spans = Buffer.concat([batch.spans], 2 * end);
      batch.length = writeSpan(batch.spans, batch.length, span, timeOf);
      batch.count++;
      if (batch.count >= batchSize) return outside(closeBatch);
      timer ??= outside(() => setTimeout(closeBatch, delay).unref());
    },
    async flush() {
      closeBatch();
      await sending;
    },
  };
}
