/**
 * HOW LONG A CALLER WAITS for the database: for a connection, for its statements and for retries. A request has one wait
 * budget for all its statements; outside of requests each statement has its own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** The default budget of one caller in milliseconds. */
export const defaultMaxWait = 10_000;

/** The time that a caller has waited so far, in milliseconds. Overlapping waits count once. */
class Wait {
  /** Whether the caller's last statement was a commit that waited for the disk and the standby. */
  confirmed = false;
  #spent = 0;
  #since = 0;
  #running = 0;

  begin(): void {
    if (this.#running++ === 0) this.#since = performance.now();
  }

  end(): void {
    if (--this.#running === 0) this.#spent += performance.now() - this.#since;
  }

  get spent(): number {
    return this.#spent + (this.#running > 0 ? performance.now() - this.#since : 0);
  }
}

export type { Wait };

const waits = new AsyncLocalStorage<Wait>();

/** The wait of the current request; undefined outside of one. */
export const currentWait = (): Wait | undefined => waits.getStore();

/** Runs work with one wait budget for all its statements. */
export const withWaitBudget = <Result>(run: () => Result): Result => waits.run(new Wait(), run);

/** The milliseconds that are left of a caller's budget of `maxWait`; at least 0. */
export const waitLeft = (maxWait: number): number =>
  Math.max(0, maxWait - (currentWait()?.spent ?? 0));

/** Counts the time until the promise settles against the caller's budget. */
export function countWait<Result>(promise: Promise<Result>): Promise<Result> {
  const wait = currentWait();
  if (!wait) return promise;
  wait.begin();
  return promise.finally(() => wait.end());
}

/** A wait that exceeded its budget. Whether a sent statement took effect is unknown. */
export class WaitTooLongError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'WaitTooLongError';
  }
}

/**
 * Settles as the promise does, or rejects with `WaitTooLongError` after the milliseconds. If the promise settles later,
 * `late` is called with its result.
 */
export function withTimeout<Result>(
  milliseconds: number,
  promise: Promise<Result>,
  what: string,
  late: (result: Result | undefined) => void = () => {},
): Promise<Result> {
  if (milliseconds === Number.POSITIVE_INFINITY) return promise;
  return new Promise((resolve, reject) => {
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      reject(new WaitTooLongError(what));
    }, milliseconds);
    promise.then(
      (result) => {
        clearTimeout(timer);
        if (waiting) resolve(result);
        else late(result);
      },
      (error) => {
        clearTimeout(timer);
        if (waiting) reject(error);
        else late(undefined);
      },
    );
  });
}
