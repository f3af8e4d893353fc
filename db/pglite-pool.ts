import { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { DurableFiles } from './durable-files.ts';

/** Postgres type ids, from its catalog `pg_type`. */
const oid = { bytea: 17, int8: 20 };

/**
 * Bytes of the write-ahead log after which the tables are written to their files. Nothing else does that
 * while PGlite runs: the log would only grow, and a start after a crash would read all of it.
 */
const checkpointAfter = 64 * 1024 * 1024;

/** SQLSTATE crash_shutdown: the statement may work in a moment. */
const crashShutdown = '57P02';

/**
 * Milliseconds in which a database that gave up is not started again, which takes a second or two of the process: after
 * a start that failed, and from the second time on that it gave up without a calm between, each time twice as long.
 */
const restartPause = { first: 5_000, longest: 60_000, calm: 120_000 };

/**
 * Postgres waits for the disk, in a way that reaches the file system (see DurableFiles). It reports no progress of a
 * recovery: the timer for that is set anew for ever, and would keep the memory of an engine that gave up.
 */
const durableStart = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  '-c',
  'wal_sync_method=fsync',
  '-c',
  'log_startup_progress_interval=0',
];

interface Result {
  rows: never[];
  rowCount: number;
  command: 'UPDATE';
}

interface Query {
  text: string;
  values: unknown[];
  rowMode?: 'array' | undefined;
  /** The answer may rest on commits that are not on the disk yet. */
  unsettled?: boolean | undefined;
}

/**
 * Postgres inside this process, behind the interface of a `pg` pool that has one connection. Each
 * client has the session to itself until it is released or its statement has committed, so that no statement
 * of one request falls into the transaction of another: Kysely's own PGlite dialect does not see to that.
 *
 * A statement that commits is answered once it is on the disk, and so is one that only reads, since it may
 * have read what is not: an answer "already so" is as durable as the one before. Meanwhile others run,
 * and those that wait share one sync.
 */
export class PGlitePool implements PostgresPool {
  /** Kysely asks a pool for its options; this one has none. */
  readonly options = {};
  #pglite: PGlite;
  #files: DurableFiles | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** Since Postgres has given up: what to throw, and until when without trying again. */
  #stopped: { error: Error; until: number } | undefined;
  /** How often it was started again since the last calm, and when that was last. */
  #restarts = { count: 0, at: Number.NEGATIVE_INFINITY };
  readonly #reopen: (() => Promise<PGlitePool>) | undefined;

  /** `reopen` opens the same files again, after Postgres has given up. */
  constructor(pglite: PGlite, files?: DurableFiles, reopen?: () => Promise<PGlitePool>) {
    this.#pglite = pglite;
    this.#files = files;
    this.#reopen = reopen;
  }

  /** Opens the database in files, which are made where there are none; without any it lives in memory. */
  static async open({
    files,
    loadDataDir,
    onMessage,
    reopen,
  }: {
    files?: DurableFiles;
    /** An archive to begin with, as `dump` makes it. */
    loadDataDir?: Blob;
    /** Told what Postgres writes to its log. */
    onMessage?: (line: string) => void;
    /** See the constructor. */
    reopen?: () => Promise<PGlitePool>;
  } = {}): Promise<PGlitePool> {
    const pglite = await PGlite.create({
      ...(files && { fs: files, startParams: durableStart }),
      ...(loadDataDir && { loadDataDir }),
      onStderr: (line) => {
        onMessage?.(line);
        return false;
      },
      parsers: {
        [oid.bytea]: (value) => Buffer.from(value.slice(2), 'hex'),
        [oid.int8]: Number,
      },
    });
    return new PGlitePool(pglite, files, reopen);
  }

  async connect(): Promise<PostgresPoolClient> {
    let release: (() => void) | undefined = await this.#turn();
    const letGo = () => {
      release?.();
      release = undefined;
    };
    let inTransaction = false;
    const query = async (text: string, values: unknown[]): Promise<Result> => {
      release ??= await this.#turn();
      // It is over: what is left of it must not be committed on a database that was started again.
      if (inTransaction && this.#stopped) throw this.#stopped.error;
      const result = await this.#run({ text, values });
      inTransaction = this.#pglite.isInTransaction();
      if (!inTransaction) {
        letGo();
        await this.settled();
      }
      return result;
    };
    return { query: query as unknown as PostgresPoolClient['query'], release: letGo };
  }

  async query<Row>(query: Query): Promise<{ rows: Row[] }> {
    const release = await this.#turn();
    const result = await this.#run(query).finally(release);
    if (!query.unsettled) await this.settled();
    return result;
  }

  /** The whole database as a tar archive, to open copies from. */
  async dump(): Promise<Blob> {
    return this.#pglite.dumpDataDir('none');
  }

  async end(): Promise<void> {
    await this.#queue;
    // One that gave up must not write what it has in memory.
    if (this.#stopped) this.#files?.abandon();
    if (this.#pglite.closed || this.#stopped) return;
    await this.#pglite.close();
    this.#files?.log.close();
  }

  /** Writes the tables to their files, once the log has grown by so much. */
  async #checkpoint(): Promise<void> {
    if (this.#files) this.#files.log.bytes = 0;
    const release = await this.#turn();
    // One that fails is tried again after as much log; until then there is only more of it.
    await this.#run({ text: 'checkpoint', values: [] })
      .catch(() => {})
      .finally(release);
  }

  /** Waits until the session is free; gives what frees it for the next. */
  async #turn(): Promise<() => void> {
    const previous = this.#queue;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue = promise;
    await previous;
    return resolve;
  }

  async #run({ text, values, rowMode }: Query): Promise<Result> {
    if (this.#stopped) await this.#restart(this.#stopped);
    const options = rowMode && { rowMode };
    try {
      const { rows, affectedRows = 0 } = await this.#pglite.query<never>(text, values, options);
      if (this.#files && this.#files.log.bytes >= checkpointAfter) void this.#checkpoint();
      return { rows, rowCount: affectedRows, command: 'UPDATE' };
    } catch (error) {
      if (this.#files?.log.failure || gaveUp(error)) throw this.#stop(error as Error);
      throw error;
    }
  }

  /** Resolves once all that was committed until now is on the disk. */
  async settled(): Promise<void> {
    const files = this.#files;
    try {
      await files?.log.settled();
    } catch (error) {
      throw files === this.#files ? this.#stop(error as Error) : error;
    }
  }

  /**
   * Postgres gives up where it cannot write its log: the disk is full or fails. What it has in memory may be
   * more than what is on the disk, so those that wait get no answer, and the next statement starts it again. Where the
   * disk fails again and again, that has to wait (see restartPause).
   */
  #stop(cause: Error): Error {
    if (this.#stopped) return this.#stopped.error;
    const error = Object.assign(
      new Error(`The embedded database has stopped: ${cause.message}`, { cause }),
      { code: crashShutdown },
    );
    if (this.#files) this.#files.log.failure ??= error;
    const now = performance.now();
    if (now - this.#restarts.at > restartPause.calm) this.#restarts.count = 0;
    this.#stopped = { error, until: now + pauseAfter(this.#restarts.count) };
    return error;
  }

  async #restart(stopped: { error: Error; until: number }): Promise<void> {
    if (!this.#reopen || performance.now() < stopped.until) throw stopped.error;
    this.#files?.abandon();
    try {
      const next = await this.#reopen();
      this.#pglite = next.#pglite;
      this.#files = next.#files;
      this.#stopped = undefined;
      this.#restarts = { count: this.#restarts.count + 1, at: performance.now() };
    } catch {
      stopped.until = performance.now() + restartPause.first;
      throw stopped.error;
    }
  }
}

const pauseAfter = (restarts: number): number =>
  restarts === 0 ? 0 : Math.min(restartPause.first * 2 ** (restarts - 1), restartPause.longest);

const gaveUp = (error: unknown): boolean =>
  /^(PANIC|FATAL)$/.test(String((error as { severity?: unknown }).severity));
