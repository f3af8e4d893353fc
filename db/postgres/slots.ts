import { countWait, WaitTooLongError, waitLeft, withTimeout } from '../deadline.ts';

/** A fair semaphore: a fixed number of slots, granted in the order of requests. */
export class Slots {
  readonly #total: number;
  #taken = 0;
  #stuck = 0;
  readonly #waiting = new Set<() => void>();

  constructor(total: number) {
    this.#total = total;
  }

  /** Callers that wait for a slot. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Acquires a slot. Throws `WaitTooLongError` if none is free within `maxWait` milliseconds, and at once if every slot
   * is stuck with a statement that the database does not finish, because waiting would be pointless.
   */
  async acquire(maxWait: number): Promise<void> {
    if (this.#stuck >= this.#total)
      throw new WaitTooLongError(
        'Every connection has a statement that the database does not finish.',
      );
    if (this.#taken < this.#total) {
      this.#taken++;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await countWait(
        withTimeout(
          waitLeft(maxWait),
          promise,
          'No connection to the database became free in time.',
        ),
      );
    } catch (error) {
      this.#waiting.delete(resolve);
      throw error;
    }
  }

  /** Releases a slot to the next waiting caller. */
  release(): void {
    const [next] = this.#waiting;
    if (!next) this.#taken--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  /** Marks an acquired slot as stuck until `releaseStuck`. */
  markStuck(): void {
    this.#stuck++;
  }

  /** Releases a slot that was marked as stuck. */
  releaseStuck(): void {
    this.#stuck--;
    this.release();
  }
}
