import fs from 'node:fs';

/**
 * Syncs the write-ahead log of the embedded database: in another thread and once for all commits that
 * wait, or at once where something must not reach the disk before it.
 */
export class LogSync {
  /** Bytes written to the log since this was last set to 0. */
  bytes = 0;
  /** Why the log can no longer be synced. What is not on the disk by then may never be. */
  failure: Error | undefined;
  /** While the database starts, nobody waits for `settled`. */
  #isDeferred = false;
  /** Commits so far, and those of them that are on the disk. */
  #commits = 0;
  #synced = 0;
  #segment: { path: string; descriptor: number } | undefined;
  #running: Promise<void> | undefined;

  /** From now on commits are synced by `settled`. */
  defer(): void {
    this.#isDeferred = true;
  }

  get isSettled(): boolean {
    return this.#synced === this.#commits;
  }

  /** A segment was written that is to be synced. Says whether that is left to `settled` and `settleNow`. */
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

  /** Syncs what is left of the log, while everything else stands still. */
  settleNow(): void {
    if (this.isSettled || !this.#segment) return;
    // A sync after one that failed may succeed, and has lost what the failed one was to write.
    if (this.failure) throw this.failure;
    try {
      fs.fdatasyncSync(this.#segment.descriptor);
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    }
    this.#synced = this.#commits;
  }

  /** Resolves once all commits until now are on the disk; rejects where they cannot be. */
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

  /** Syncs what is left and lets the log go. */
  close(): void {
    this.settleNow();
    this.#closeSegment();
    this.#isDeferred = false;
  }

  /** Lets the log go as it is; what is not on the disk stays off it. */
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

  /** A descriptor that another thread is syncing stays open until then. */
  #closeSegment(): void {
    const { descriptor } = this.#segment ?? {};
    this.#segment = undefined;
    if (descriptor === undefined) return;
    const close = () => fs.closeSync(descriptor);
    if (this.#running) void this.#running.then(close, close);
    else close();
  }
}
