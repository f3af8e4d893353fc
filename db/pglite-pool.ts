import { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient } from 'kysely';

/** Postgres type ids, from its catalog `pg_type`. */
const oid = { bytea: 17, int8: 20 };

interface Result {
  rows: never[];
  rowCount: number;
  command: 'UPDATE';
}

/**
 * Postgres inside this process, behind the interface of a `pg` pool that has one connection. Each
 * client has the session to itself until it is released, so that no statement of one request falls
 * into the transaction of another: Kysely's own PGlite dialect does not see to that.
 */
export class PGlitePool implements PostgresPool {
  /** Kysely asks a pool for its options; this one has none. */
  readonly options = {};
  readonly #pglite: PGlite;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  /** Opens the database in a directory, which must exist; without one it lives in memory. */
  static async open(directory?: string, loadDataDir?: Blob): Promise<PGlitePool> {
    const pglite = await PGlite.create({
      ...(directory && { dataDir: directory }),
      ...(loadDataDir && { loadDataDir }),
      parsers: {
        [oid.bytea]: (value) => Buffer.from(value.slice(2), 'hex'),
        [oid.int8]: Number,
      },
    });
    return new PGlitePool(pglite);
  }

  async connect(): Promise<PostgresPoolClient> {
    const previous = this.#queue;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue = promise;
    await previous;
    return {
      query: ((text: string, values: unknown[]) =>
        this.#run(text, values)) as unknown as PostgresPoolClient['query'],
      release: () => resolve(),
    };
  }

  async query<Row>({
    text,
    values,
    rowMode,
  }: {
    text: string;
    values: unknown[];
    rowMode?: 'array' | undefined;
  }): Promise<{ rows: Row[] }> {
    const client = await this.connect();
    try {
      return await this.#run(text, values, rowMode);
    } finally {
      client.release();
    }
  }

  /** The whole database as a tar archive, to open copies from. */
  async dump(): Promise<Blob> {
    return this.#pglite.dumpDataDir('none');
  }

  async end(): Promise<void> {
    await this.#queue;
    if (!this.#pglite.closed) await this.#pglite.close();
  }

  async #run(text: string, values: unknown[], rowMode?: 'array'): Promise<Result> {
    const options = rowMode && { rowMode };
    const { rows, affectedRows = 0 } = await this.#pglite.query<never>(text, values, options);
    return { rows, rowCount: affectedRows, command: 'UPDATE' };
  }
}
