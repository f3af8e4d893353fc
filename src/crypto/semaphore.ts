/** More work waits than can be done soon: ask again later. */
export class QueueFullError extends Error {
  constructor() {
    super('too much work is waiting');
    this.name = 'Busy';
  }
}

/** Lets a few through at once and a bounded number wait; throws QueueFullError at the rest. */
export function createSemaphore({ atOnce, waiting }: { atOnce: number; waiting: number }) {
  const queue: (() => void)[] = [];
  let running = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw new QueueFullError();
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      // The place goes to the next in line without becoming free in between.
      const next = queue.shift();
      if (next) next();
      else running--;
    }
  };
}
