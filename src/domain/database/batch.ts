import { OAuthError } from '../../oauth/errors.ts';

interface Options<Item, Result> {
  /** Answers the items of a batch, in their order. Throwing fails them all. */
  run: (items: Item[]) => Promise<Result[]>;
  /** Batches under way at once. */
  inFlight: number;
  /** Items that go together at most. */
  size?: number;
  /** Items that may wait; one more is told to come back later. */
  waiting?: number;
  /** Milliseconds that an item may wait for its batch to set off. */
  deadline?: number;
}

interface Waiting<Item, Result> {
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
 * Gathers what is asked within one tick of the event loop, and while earlier batches are under way,
 * into batches: under load many requests share one statement, and a lone one waits for nobody.
 */
export function createBatch<Item, Result>({
  run,
  inFlight,
  size = 500,
  waiting = 10_000,
  deadline = 5_000,
}: Options<Item, Result>): (item: Item) => Promise<Result> {
  let queue: Waiting<Item, Result>[] = [];
  let running = 0;
  let scheduled = false;
  let watch: NodeJS.Timeout | undefined;

  const dispatch = async (batch: Waiting<Item, Result>[]) => {
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
    while (running < inFlight && queue.length > 0) void dispatch(queue.splice(0, size));
    if (queue.length > 0) watch ??= setInterval(dropLate, deadline / 5).unref();
    else if (watch) {
      clearInterval(watch);
      watch = undefined;
    }
  };

  /** While a statement hangs nothing sets off, so those who wait behind it are let go in time. */
  const dropLate = () => {
    const limit = performance.now() - deadline;
    const late = queue.filter(({ since }) => since < limit);
    queue = queue.filter(({ since }) => since >= limit);
    for (const { reject } of late) reject(unavailable());
  };

  return (item) =>
    new Promise((resolve, reject) => {
      if (queue.length >= waiting) return reject(unavailable());
      queue.push({ item, since: performance.now(), resolve, reject });
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    });
}

/** As `createBatch`, for lookups: those of a tick that ask for the same key share one place in the batch. */
export function createLookup<Result>(
  options: Options<string, Result>,
): (key: string) => Promise<Result> {
  let tick: Map<string, Promise<Result>> | undefined;
  const load = createBatch({
    ...options,
    run: (keys: string[]) => {
      // The batch sets off: nobody may join an answer that was read before they asked.
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
