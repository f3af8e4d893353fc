import {
  countWait,
  currentWait,
  defaultMaxWait,
  type Wait,
  waitLeft,
  withWaitBudget,
} from '../../../db/deadline.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { batchOverloaded } from '../../telemetry/channels.ts';
import { currentTraces, inTraces, type Trace } from '../../telemetry/traces.ts';

interface BatchOptions<Item, Result> {
  /** Returns the results in the order of the items. Throwing fails the whole batch. */
  run: (items: Item[]) => Promise<Result[]>;
  /** Batches that run at the same time. */
  maxConcurrent: number;
  /** Maximum items of a batch. */
  batchSize?: number;
  /** Maximum items in the queue; further ones fail with `temporarily_unavailable`. */
  maxQueued?: number;
  /** Milliseconds from the call until the result, including the time in the queue. */
  deadline?: number;
}

interface QueuedItem<Item, Result> {
  item: Item;
  /** Time at which its caller stops waiting, by `performance.now()`. */
  until: number;
  wait: Wait | undefined;
  traces: readonly Trace[];
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

const overloaded = () => {
  batchOverloaded.publish({});
  return new OAuthError(
    'temporarily_unavailable',
    'The server is overloaded. Try again in a few seconds.',
  );
};

/**
 * Creates a function that combines the calls of one event loop tick, and those made while earlier batches run, into
 * batches: under load many requests share one statement, and a single call never waits for others. Fails with
 * `temporarily_unavailable` if the queue is full or the deadline passes.
 */
export function createBatch<Item, Result>({
  run,
  maxConcurrent,
  batchSize = 500,
  maxQueued = 10_000,
  deadline = defaultMaxWait,
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
      // A wait budget of its own, because that of the first caller may be almost used up.
      await withWaitBudget(async () => {
        const results = await inTraces(tracesOf(batch), () => run(batch.map(({ item }) => item)));
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
    if (running > 0) watch ??= setInterval(rejectLate, Math.max(1, deadline / 20)).unref();
  };

  /**
   * Rejects items whose deadline has passed, running or queued: a hanging statement must not keep callers waiting.
   */
  const rejectLate = () => {
    const now = performance.now();
    const isLate = ({ until }: QueuedItem<Item, Result>) => until <= now;
    for (const batch of started)
      for (const item of batch) if (isLate(item)) item.reject(overloaded());
    for (const item of queue) if (isLate(item)) item.reject(overloaded());
    queue = queue.filter((item) => !isLate(item));
    if (running > 0) return;
    clearInterval(watch);
    watch = undefined;
  };

  return (item) =>
    countWait(
      new Promise((resolve, reject) => {
        if (queue.length >= maxQueued) return reject(overloaded());
        const until = performance.now() + waitLeft(deadline);
        queue.push({ item, until, wait: currentWait(), traces: currentTraces(), resolve, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      }),
    );
}

const none: readonly Trace[] = [];

/** The traces of all requests whose items are in a batch: mostly none. */
function tracesOf(batch: readonly { traces: readonly Trace[] }[]): readonly Trace[] {
  let found: Set<Trace> | undefined;
  for (const { traces } of batch)
    for (const trace of traces) {
      found ??= new Set();
      found.add(trace);
    }
  return found ? [...found] : none;
}

/** Like `createBatch`, for lookups: calls of one tick with the same key share one item. */
export function createLookup<Result>(
  options: BatchOptions<string, Result>,
): (key: string) => Promise<Result> {
  let tick: Map<string, Promise<Result>> | undefined;
  const load = createBatch({
    ...options,
    run: (keys: string[]) => {
      // A call after this point must not share a result that was read before it.
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
