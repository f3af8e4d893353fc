import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import type { Filesystem } from '@electric-sql/pglite/basefs';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { DurableFiles } from './durable-files.ts';
import { observe } from './statement-channel.ts';
import { MessageWriter } from './wire/messages.ts';
import { type Result, type Query as Statement, WireSession } from './wire/session.ts';

/**
 * Bytes of the write-ahead log that trigger a checkpoint. PGlite has no checkpointer, so without this the log would grow
 * without limit, and a start after a crash would replay all of it.
 */
const checkpointAfter = 64 * 1024 * 1024;

/** SQLSTATE crash_shutdown: the statement can succeed a moment later. */
const crashShutdown = '57P02';

/**
 * Milliseconds before a crashed database is started again, which blocks the process for a second or two. There is no
 * pause after the first crash; after a failed start, and after each further crash without a `calm` period in between,
 * the pause doubles from `first` to `longest`.
 */
const restartPause = { first: 5_000, longest: 60_000, calm: 120_000 };

/**
 * Postgres' default, 128 MB, is zeroed at each start, and stays in memory. What is not in these
 * buffers is in those of the operating system.
 */
const buffers = ['-c', 'shared_buffers=32MB'];

/** A plan for a statement lasts for all its parameters. To plan a lookup of a token takes ten times as long as to run it. */
const plans = ['-c', 'plan_cache_mode=force_generic_plan'];

/**
 * Postgres waits for the disk in a way that reaches the file system (see `DurableFiles`). It logs no progress of a
 * recovery: that timer is rearmed forever and would keep the memory of a crashed engine alive.
 */
const durable = ['-c', 'wal_sync_method=fsync', '-c', 'log_startup_progress_interval=0'];

/** PGlite's own parameters; `-F` would have Postgres leave out each sync. */
const ofPGlite = (isDurable: boolean): string[] => [
  ...PGlite.defaultStartParams.filter((parameter) => !isDurable || parameter !== '-F'),
  ...(isDurable ? durable : []),
];

interface Query extends Statement {
  /** Whether the result can depend on commits that are not on disk yet. */
  unsettled?: boolean | undefined;
}

/**
 * Postgres in this process, with the interface of a `pg` pool that has one connection. Each client has the session
 * exclusively until it is released or its statement has committed, so no statement of one request ends up in the
 * transaction of another. Kysely's own PGlite dialect does not ensure that.
 *
 * The result of a statement that commits is returned once it is on disk. So is that of a read, because it may depend on
 * such a commit: a response "already done" is as durable as the original one. Meanwhile other statements run, and all
 * that wait share one sync.
 */
export class PGlitePool implements PostgresPool {
  /** Required by Kysely; this pool has no options. */
  readonly options = {};
  #pglite: PGlite;
  #session: WireSession;
  #files: DurableFiles | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** Set after Postgres crashed: the error to throw, and the time before which it is not started again. */
  #stopped: { error: Error; until: number } | undefined;
  /** The number of restarts since the last calm period, and the time of the last one. */
  #restarts = { count: 0, at: Number.NEGATIVE_INFINITY };
  readonly #reopen: (() => Promise<PGlitePool>) | undefined;

  /** `reopen` opens the same files again after Postgres has crashed. */
  constructor(pglite: PGlite, files?: DurableFiles, reopen?: () => Promise<PGlitePool>) {
    this.#pglite = pglite;
    this.#session = sessionOf(pglite);
    this.#files = files;
    this.#reopen = reopen;
  }

  /** Opens the database in `files`, which are created if missing; without them it lives in memory. */
  static async open({
    files,
    memory,
    onMessage,
    reopen,
  }: {
    files?: DurableFiles;
    /** For a database in memory: its initial files, and settings of Postgres as `name=value`. */
    memory?: { files: Filesystem; settings: readonly string[] };
    /** Called with each line that Postgres logs. */
    onMessage?: (line: string) => void;
    /** See the constructor. */
    reopen?: () => Promise<PGlitePool>;
  } = {}): Promise<PGlitePool> {
    const pglite = new Engine({
      ...(files && { fs: files }),
      ...(memory && { fs: memory.files }),
      startParams: [
        ...ofPGlite(files !== undefined),
        ...buffers,
        ...plans,
        ...(memory?.settings ?? []).flatMap((setting) => ['-c', setting]),
      ],
      onStderr: (line) => {
        onMessage?.(line);
        return false;
      },
    });
    await pglite.waitReady;
    keepParserSmall(pglite);
    return new PGlitePool(pglite, files, reopen);
  }

  async connect(): Promise<PostgresPoolClient> {
    let release: (() => void) | undefined = await this.#acquire();
    const releaseOnce = () => {
      release?.();
      release = undefined;
    };
    let inTransaction = false;
    const query = async (text: string, values: unknown[]): Promise<Result> => {
      release ??= await this.#acquire();
      // The crash ended the transaction: the rest of it must not be committed by a restarted database.
      if (inTransaction && this.#stopped) throw this.#stopped.error;
      const result = await this.#run({ text, values });
      inTransaction = result.inTransaction;
      if (!inTransaction) {
        releaseOnce();
        await this.settled();
      }
      return result;
    };
    return { query: query as unknown as PostgresPoolClient['query'], release: releaseOnce };
  }

  async query<Row>(query: Query): Promise<{ rows: Row[] }> {
    const release = await this.#acquire();
    const result = await this.#run(query).finally(release);
    if (!query.unsettled) await this.settled();
    return result;
  }

  /** Dumps the whole database as a tar archive, from which copies can be opened. */
  async dump(): Promise<Blob> {
    return this.#pglite.dumpDataDir('none');
  }

  async end(): Promise<void> {
    await this.#queue;
    // A crashed engine must not write what it has in memory.
    if (this.#stopped) this.#files?.abandon();
    if (this.#pglite.closed || this.#stopped) return;
    await this.#pglite.close();
    this.#files?.log.close();
  }

  /** Runs a checkpoint after the log has grown by `checkpointAfter`. */
  async #checkpoint(): Promise<void> {
    if (this.#files) this.#files.log.bytes = 0;
    const release = await this.#acquire();
    // A failed checkpoint is tried again after as much log; until then the log only gets longer.
    await this.#run({ text: 'checkpoint', values: [] })
      .catch(() => {})
      .finally(release);
  }

  /** Waits for exclusive use of the session; returns the function that ends it. */
  async #acquire(): Promise<() => void> {
    const previous = this.#queue;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue = promise;
    await previous;
    return resolve;
  }

  async #run(query: Statement): Promise<Result> {
    if (this.#stopped) await this.#restart(this.#stopped);
    try {
      const running = this.#session.query(query);
      observe(query, running);
      const result = await running;
      if (this.#files && this.#files.log.bytes >= checkpointAfter) void this.#checkpoint();
      return result;
    } catch (error) {
      if (this.#files?.log.failure || hasCrashed(error)) throw this.#stop(error as Error);
      throw error;
    }
  }

  /** Resolves once everything committed so far is on disk. */
  async settled(): Promise<void> {
    const files = this.#files;
    try {
      await files?.log.settled();
    } catch (error) {
      throw files === this.#files ? this.#stop(error as Error) : error;
    }
  }

  /**
   * Handles a crash: Postgres stops if it cannot write its log because the disk is full or fails. Its memory may be ahead
   * of the disk, so waiting statements fail, and the next statement starts it again. After repeated crashes that is
   * delayed (see `restartPause`).
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
      this.#session = next.#session;
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

const hasCrashed = (error: unknown): boolean =>
  /^(PANIC|FATAL)$/.test(String((error as { severity?: unknown }).severity));

/** PGlite without its query for array types, which `db/wire` knows. */
class Engine extends PGlite {
  override async _initArrayTypes(): Promise<void> {}
}

/**
 * Keeps V8 from optimizing Postgres' parser, which it would do after some hundred statements: the parser is one function of 100 KB, and takes
 * the compiler 600 MB and a second of a core. V8 counts the calls of code only if these flags are on when it compiles the code for the first
 * time. For the parser that is now, when it reads an empty statement; most other code was compiled before.
 */
function keepParserSmall(pglite: PGlite): void {
  setFlagsFromString('--no-wasm-dynamic-tiering');
  setFlagsFromString('--no-wasm-tier-up');
  try {
    pglite.execProtocolRawSync(new MessageWriter().query('').take());
  } finally {
    setFlagsFromString('--wasm-tier-up');
    setFlagsFromString('--wasm-dynamic-tiering');
  }
}

/** A session with an open PGlite. It answers a statement before it returns, so nothing else runs meanwhile. */
const sessionOf = (pglite: PGlite): WireSession =>
  new WireSession(async (messages) => {
    const parts: Uint8Array[] = [];
    await pglite.execProtocolRawStream(messages, {
      syncToFs: false,
      // Its memory, which it uses again.
      onRawData: (part) => parts.push(part.slice()),
    });
    const [only, ...others] = parts;
    return only && others.length === 0 ? only : Buffer.concat(parts);
  });
