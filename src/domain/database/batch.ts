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
  /** Milliseconds that an item may wait for its batch to start. */
  deadline?: number;
}

interface QueuedItem<Item, Result> {
  item: Item;
  since: number;
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
  deadline = 5_000,
}: BatchOptions<Item, Result>): (item: Item) => Promise<Result> {
  let queue: QueuedItem<Item, Result>[] = [];
  let running = 0;
  let scheduled = false;
  let watch: NodeJS.Timeout | undefined;

  const dispatch = async (batch: QueuedItem<Item, Result>[]) => {
    running++;
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running--;
      flush();
    }
  };

  const flush = () => {
    scheduled = false;
    while (running < maxConcurrent && queue.length > 0) void dispatch(queue.splice(0, batchSize));
    if (queue.length > 0) watch ??= setInterval(dropLate, deadline / 5).unref();
    else if (watch) {
      clearInterval(watch);
      watch = undefined;
    }
  };

  /** While a statement hangs no batch starts, so the items behind it fail after the deadline. */
  const dropLate = () => {
    const limit = performance.now() - deadline;
    const late = queue.filter(({ since }) => since < limit);
    queue = queue.filter(({ since }) => since >= limit);
    for (const { reject } of late) reject(unavailable());
  };

  return (item) =>
    new Promise((resolve, reject) => {
      if (queue.length >= maxQueued) return reject(unavailable());
      queue.push({ item, since: performance.now(), resolve, reject });
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    });
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
