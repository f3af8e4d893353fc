import { AsyncLocalStorage } from 'node:async_hooks';
import { headOf, type Origin, type TimeOf } from './common.ts';
import type { Sender } from './sender.ts';
import { createPage, lengthOf, type Page, type Span, writeSpan } from './span-messages.ts';

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
  page: Page;
  end: number;
  count: number;
}

/** Bytes of a page at first: 512 spans with usual attributes. */
const usualLength = 512 * 256;

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
  // The head of a message has the length of what follows, so it is written last, into the room before the spans.
  const room = headOf(origin, Number.MAX_SAFE_INTEGER).length;
  const pages: Page[] = [];
  const emptyBatch = (): Batch => ({
    page: pages.pop() ?? createPage(room + usualLength),
    end: room,
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
      const { page, end, count } = next;
      const head = headOf(origin, end - room);
      page.bytes.set(head, room - head.length);
      try {
        await send(page.bytes.subarray(room - head.length, end));
        // Used again: fresh memory costs more than the spans in it.
        if (pages.length < 2) pages.push(page);
      } catch (error) {
        lose(count, (error as Error).message);
      }
      queued -= count;
    }
  };

  const grow = (length: number) => {
    const larger = createPage(2 * length);
    larger.bytes.set(batch.page.bytes);
    batch.page = larger;
  };

  return {
    add(span) {
      if (queued >= maxQueued) return outside(lose, 1, 'too many wait for the collector');
      queued++;
      const end = batch.end + lengthOf(span);
      if (end > batch.page.bytes.length) grow(end);
      batch.end = writeSpan(batch.page, batch.end, span, timeOf);
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
