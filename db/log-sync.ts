import fs from 'node:fs';

/**
 * Syncs the write-ahead log of the embedded database: in another thread and once for all waiting commits, or
 * synchronously if something else must not reach the disk first.
 */
export class LogSync {
  /** Bytes written to the log since this was last set to 0. */
  bytes = 0;
  /** Why the log can no longer be synced. What is not on disk by then may never be. */
  failure: Error | undefined;
  /** False while the database starts, when nothing awaits `settled`. */
  #isDeferred = false;
  /** The number of commits, and how many of them are on disk. */
  #commits = 0;
  #synced = 0;
  #segment: { path: string; descriptor: number } | undefined;
  #running: Promise<void> | undefined;

  /** Leaves the sync of commits to `settled` from now on. */
  defer(): void {
    this.#isDeferred = true;
  }

  /** Whether all commits are on disk. */
  get isSettled(): boolean {
    return this.#synced === this.#commits;
  }

  /** Records that Postgres wants a segment synced. Returns whether that is left to `settled` and `settleNow`. */
  wrote(path: string): boolean {
    if (!this.#isDeferred) return false;
    if (this.#segment?.path !== path) {
      this.settleNow();
      this.#closeSegment();
      this.#segment = { path, descriptor: fs.openSync(path, 'r+') };
    }
    this.#commits++;
    return true;
  }

  /** Syncs the rest of the log synchronously. */
  settleNow(): void {
    if (this.isSettled || !this.#segment) return;
    // After a failed sync, another one can succeed although the data of the failed one is lost.
    if (this.failure) throw this.failure;
    try {
      fs.fdatasyncSync(this.#segment.descriptor);
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    }
    this.#synced = this.#commits;
  }

  /** Resolves once all commits so far are on disk; rejects if that fails. */
  async settled(): Promise<void> {
    const commits = this.#commits;
    while (this.#synced < commits) {
      if (this.failure) throw this.failure;
      this.#running ??= this.#sync().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  /** Syncs the rest and closes the log. */
  close(): void {
    this.settleNow();
    this.#closeSegment();
    this.#isDeferred = false;
  }

  /** Closes the log without a sync. */
  abandon(): void {
    this.failure ??= new Error('The log was abandoned.');
    this.#closeSegment();
  }

  #sync(): Promise<void> {
    const { descriptor } = this.#segment as { descriptor: number };
    const commits = this.#commits;
    return new Promise((resolve, reject) => {
      fs.fdatasync(descriptor, (error) => {
        if (error) {
          this.failure ??= error;
          return reject(error);
        }
        this.#synced = Math.max(this.#synced, commits);
        resolve();
      });
    });
  }

  /** Closes a descriptor after the sync that is using it in another thread. */
  #closeSegment(): void {
    const { descriptor } = this.#segment ?? {};
    this.#segment = undefined;
    if (descriptor === undefined) return;
    const close = () => fs.closeSync(descriptor);
    if (this.#running) void this.#running.then(close, close);
    else close();
  }
}
