/** The lane is full; try again later. */
export class QueueFullError extends Error {
  constructor() {
    super('too much work is waiting');
    this.name = 'QueueFullError';
  }
}

/** The keys by which a lane is shared fairly, such as `{ account: …, network: … }`. */
export type LaneKeys = Readonly<Record<string, string>>;

/** Bounds of a lane. */
export interface LaneOptions {
  /** Tasks that run at the same time. */
  maxConcurrent: number;
  /** Tasks that wait in addition to the running ones. */
  maxQueued: number;
  /** For each key name, how many tasks one value of that key can have in the lane, running or waiting. */
  maxOfOne: Readonly<Record<string, number>>;
}

interface WaitingTask {
  keys: readonly string[];
  /** Tasks of its busiest key that were already in the lane when it arrived. */
  rank: number;
  start: () => void;
  refuse: () => void;
}

/**
 * Creates a runner with limited concurrency and a queue that is fair by key: the first task of any key runs before
 * the second task of any other. When the queue is full, the newest task of the busiest key is dropped. A single
 * account or network can therefore neither fill the lane nor delay others by more than one of its own tasks. The
 * runner throws QueueFullError if a task is not accepted or is dropped.
 */
export function createLane({ maxConcurrent, maxQueued, maxOfOne }: LaneOptions) {
  const waiting: WaitingTask[] = [];
  const load = new Map<string, number>();
  let running = 0;

  const addLoad = (keys: readonly string[]) => {
    for (const key of keys) load.set(key, (load.get(key) ?? 0) + 1);
  };
  const removeLoad = (keys: readonly string[]) => {
    for (const key of keys) {
      const left = (load.get(key) ?? 1) - 1;
      if (left > 0) load.set(key, left);
      else load.delete(key);
    }
  };

  /** Index of the first task, in order of arrival, that `precedes` prefers to all others. */
  const indexOfFirst = (precedes: (one: WaitingTask, other: WaitingTask) => boolean): number =>
    waiting.reduce(
      (best, one, index) => (precedes(one, waiting[best] as WaitingTask) ? index : best),
      0,
    );

  const queue = (keys: readonly string[], rank: number): Promise<void> => {
    if (waiting.length >= maxQueued) {
      const last = indexOfFirst((one, other) => one.rank >= other.rank);
      const busiest = waiting[last];
      if (!busiest || busiest.rank <= rank) throw new QueueFullError();
      waiting.splice(last, 1);
      busiest.refuse();
    }
    return new Promise((resolve, reject) =>
      waiting.push({ keys, rank, start: resolve, refuse: () => reject(new QueueFullError()) }),
    );
  };

  return async <Result>(given: LaneKeys, work: () => Promise<Result>): Promise<Result> => {
    const named = Object.entries(given);
    const keys = named.map(([name, value]) => JSON.stringify([name, value]));
    const loads = keys.map((key) => load.get(key) ?? 0);
    if (named.some(([name], index) => (loads[index] ?? 0) >= (maxOfOne[name] ?? maxQueued)))
      throw new QueueFullError();
    addLoad(keys);
    try {
      if (running >= maxConcurrent) await queue(keys, Math.max(0, ...loads));
      else running++;
      try {
        return await work();
      } finally {
        // Hand the slot directly to the next task, so that a new arrival cannot take it in between.
        const [next] = waiting.splice(
          indexOfFirst((one, other) => one.rank < other.rank),
          1,
        );
        if (next) next.start();
        else running--;
      }
    } finally {
      removeLoad(keys);
    }
  };
}
