/** Too much waits already: try again later. */
export class QueueFullError extends Error {
  constructor() {
    super('too much work is waiting');
    this.name = 'QueueFullError';
  }
}

/** Whom work is for, by what shares the places: such as `{ account: …, network: … }`. */
export type LaneKeys = Readonly<Record<string, string>>;

export interface LaneOptions {
  /** How much runs at once. */
  maxConcurrent: number;
  /** How much waits beyond that. */
  maxQueued: number;
  /** How much one key may have in the lane, running or waiting, by the name of the key. */
  maxOfOne: Readonly<Record<string, number>>;
}

interface Waiting {
  keys: readonly string[];
  /** How much of its busiest key was in the lane before it. */
  rank: number;
  start: () => void;
  refuse: () => void;
}

/**
 * Runs work a little at a time, with a queue that is fair by key: the first of each key goes before the second
 * of any. Where the queue is full, the newest of the busiest key gives way. So one account or one network can
 * neither fill the lane nor make others wait for more than one of its own. Throws QueueFullError.
 */
export function createLane({ maxConcurrent, maxQueued, maxOfOne }: LaneOptions) {
  const waiting: Waiting[] = [];
  const load = new Map<string, number>();
  let running = 0;

  const enter = (keys: readonly string[]) => {
    for (const key of keys) load.set(key, (load.get(key) ?? 0) + 1);
  };
  const leave = (keys: readonly string[]) => {
    for (const key of keys) {
      const left = (load.get(key) ?? 1) - 1;
      if (left > 0) load.set(key, left);
      else load.delete(key);
    }
  };

  /** The place in the queue of the first one, in the order of arrival, that no other precedes or follows by rank. */
  const placeOf = (precedes: (one: Waiting, other: Waiting) => boolean): number =>
    waiting.reduce(
      (best, one, index) => (precedes(one, waiting[best] as Waiting) ? index : best),
      0,
    );

  const queue = (keys: readonly string[], rank: number): Promise<void> => {
    if (waiting.length >= maxQueued) {
      const last = placeOf((one, other) => one.rank >= other.rank);
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
    enter(keys);
    try {
      if (running >= maxConcurrent) await queue(keys, Math.max(0, ...loads));
      else running++;
      try {
        return await work();
      } finally {
        // The place goes to the next in line without becoming free in between.
        const [next] = waiting.splice(
          placeOf((one, other) => one.rank < other.rank),
          1,
        );
        if (next) next.start();
        else running--;
      }
    } finally {
      leave(keys);
    }
  };
}
