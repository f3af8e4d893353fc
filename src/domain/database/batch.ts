import {
  counting,
  currentWait,
  inOneWait,
  longestWait,
  type Wait,
  waitLeft,
} from '../../../db/deadline.ts';
import { OAuthError } from '../../oauth/errors.ts';

interface BatchOptions<Item, Result> {
  /** Returns the results of a batch in the order of its items. Throwing fails them all. */
  run: (items: Item[]) => Promise<Result[]>;
  /** Batches that run at once. */
  maxConcurrent: number;
  /** Items of a batch at most. */
  batchSize?: number;
  /** Items that may wait; one more fails with `temporarily_unavailable`. */
  maxQueued?: number;
  /** Milliseconds that an item may wait in all: for its batch to start, and to end. */
  deadline?: number;
}

interface QueuedItem<Item, Result> {
  item: Item;
  /** When its caller has waited long enough, by `performance.now()`. */
  until: number;
  wait: Wait | undefined;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

const unavailable = () =>
  new OAuthError(
    'temporarily_unavailable',
    'The server has more to do than it can at the moment; try again in a few seconds.',
  );

/**
 * Gathers the calls of one tick of the event loop, and those made while earlier batches run, into batches:
 * under load many requests share one statement, and a single call never waits for others.
 */
export function createBatch<Item, Result>({
  run,
  maxConcurrent,
  batchSize = 500,
  maxQueued = 10_000,
  deadline = longestWait,
}: BatchOptions<Item, Result>): (item: Item) => Promise<Result> {
  let queue: QueuedItem<Item, Result>[] = [];
  let running = 0;
  const started = new Set<QueuedItem<Item, Result>[]>();
  let scheduled = false;
  let watch: NodeJS.Timeout | undefined;

  const dispatch = async (batch: QueuedItem<Item, Result>[]) => {
    running++;
    started.add(batch);
    try {
      // A wait of its own: that of the caller who was first may be nearly over.
      await inOneWait(async () => {
        const results = await run(batch.map(({ item }) => item));
        const confirmed = currentWait()?.confirmed === true;
        for (const [index, { wait, resolve }] of batch.entries()) {
          if (wait) wait.confirmed = confirmed;
          resolve(results[index] as Result);
        }
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running--;
      started.delete(batch);
      flush();
    }
  };

  const flush = () => {
    scheduled = false;
    while (running < maxConcurrent && queue.length > 0) void dispatch(queue.splice(0, batchSize));
    if (running > 0) watch ??= setInterval(dropLate, Math.max(1, deadline / 20)).unref();
  };

  /** A statement that hangs keeps no caller longer than its time; those behind it neither. */
  const dropLate = () => {
    const now = performance.now();
    const isLate = ({ until }: QueuedItem<Item, Result>) => until <= now;
    for (const batch of started)
      for (const item of batch) if (isLate(item)) item.reject(unavailable());
    for (const item of queue) if (isLate(item)) item.reject(unavailable());
    queue = queue.filter((item) => !isLate(item));
    if (running > 0) return;
    clearInterval(watch);
    watch = undefined;
  };

  return (item) =>
    counting(
      new Promise((resolve, reject) => {
        if (queue.length >= maxQueued) return reject(unavailable());
        const until = performance.now() + waitLeft(deadline);
        queue.push({ item, until, wait: currentWait(), resolve, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      }),
    );
}

/** As `createBatch`, for lookups: calls of one tick with the same key share one item. */
export function createLookup<Result>(
  options: BatchOptions<string, Result>,
): (key: string) => Promise<Result> {
  let tick: Map<string, Promise<Result>> | undefined;
  const load = createBatch({
    ...options,
    run: (keys: string[]) => {
      // The batch starts: a later call must not share a result that was read before it.
      tick = undefined;
      return options.run(keys);
    },
  });
  return (key) => {
    if (!tick) {
      tick = new Map();
      setImmediate(() => {
        tick = undefined;
      });
    }
    let pending = tick.get(key);
    if (!pending) {
      pending = load(key);
      tick.set(key, pending);
    }
    return pending;
  };
}
