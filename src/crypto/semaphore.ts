/** The queue is full: try again later. */
export class QueueFullError extends Error {
  constructor() {
    super('too much work is waiting');
    this.name = 'QueueFullError';
  }
}

/** Runs at most `maxConcurrent` at once and queues at most `maxQueued`. Throws QueueFullError beyond that. */
export function createSemaphore({
  maxConcurrent,
  maxQueued,
}: {
  maxConcurrent: number;
  maxQueued: number;
}) {
  const queue: (() => void)[] = [];
  let running = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= maxConcurrent) {
      if (queue.length >= maxQueued) throw new QueueFullError();
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
