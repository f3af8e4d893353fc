/**
 * WHAT A CALLER WAITS FOR, and how long: for a place in the pool, for its statements, and for what is sent again. A
 * request is one wait, however many statements it sends; outside of requests each statement is one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Milliseconds that one caller waits at most. */
export const longestWait = 10_000;

/** The time that a caller has waited so far. Waits that overlap count once. */
class Wait {
  /** A commit of this caller has waited for the disk and the standby, and nothing was read after it. */
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

/** The wait that the code runs in, where it runs in one. */
export const currentWait = (): Wait | undefined => waits.getStore();

/** Runs work whose waits for the database are counted together. */
export const inOneWait = <Result>(run: () => Result): Result => waits.run(new Wait(), run);

/** Milliseconds that the caller may wait from now on, of so many in all; never below 0. */
export const waitLeft = (patience: number): number =>
  Math.max(0, patience - (currentWait()?.spent ?? 0));

/** Counts the time until the promise settles as waited. */
export function counting<Result>(promise: Promise<Result>): Promise<Result> {
  const wait = currentWait();
  if (!wait) return promise;
  wait.begin();
  return promise.finally(() => wait.end());
}

/** Thrown after a wait that was long enough. What was sent may or may not have happened. */
export class WaitTooLongError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'WaitTooLongError';
  }
}

/**
 * Settles as the promise does, or rejects with `WaitTooLongError` after the milliseconds. `late` is called when the
 * promise settles after that.
 */
export function within<Result>(
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
