import { counting, WaitTooLongError, waitLeft, within } from '../deadline.ts';

/** A bounded number of places, given in the order in which they were asked for. */
export class Places {
  readonly #total: number;
  #taken = 0;
  #stuck = 0;
  readonly #waiting = new Set<() => void>();

  constructor(total: number) {
    this.#total = total;
  }

  /**
   * Takes a place. Throws `WaitTooLongError` where none is free within the milliseconds, and at once where a
   * statement that the database does not end is on each: waiting would only make the answer late.
   */
  async take(patience: number): Promise<void> {
    if (this.#stuck >= this.#total)
      throw new WaitTooLongError('The database ends nothing that it was sent.');
    if (this.#taken < this.#total) {
      this.#taken++;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await counting(within(waitLeft(patience), promise, 'No connection to the database is free.'));
    } catch (error) {
      this.#waiting.delete(resolve);
      throw error;
    }
  }

  leave(): void {
    const [next] = this.#waiting;
    if (!next) this.#taken--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  /** What is on a place does not end. It stays taken until `leaveStuck`. */
  stick(): void {
    this.#stuck++;
  }

  leaveStuck(): void {
    this.#stuck--;
    this.leave();
  }
}
