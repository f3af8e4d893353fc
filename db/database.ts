import { Kysely, PostgresDialect } from 'kysely';
import { defaultMaxWait } from './deadline.ts';
import type { PGlitePool } from './pglite-pool.ts';
import { confirmText } from './postgres/confirm.ts';
import { requireTlsFiles } from './postgres/tls-files.ts';
import type { Connection, Schema } from './schema.ts';

/** A statement that is prepared once on each connection, under its name. */
export interface Statement {
  name: string;
  text: string;
  /** Returns rows as arrays of columns, which is faster; for statements that run thousands of times a second. */
  rowMode?: 'array';
  /** Whether it can run twice with the same effect. Then it is sent again after a lost connection; reads always are. */
  idempotent?: true;
  /**
   * Marks a read whose result acknowledges nothing. On the embedded database it can then see commits that are not on
   * disk yet, and does not wait for them: introspection waits for no write. A Postgres server never shows such commits.
   */
  unsettled?: true;
}

/** Postgres, in this process or on a server. */
export interface Database {
  readonly kysely: Connection;
  readonly embedded: boolean;
  /** Whether it was created when it was opened: an embedded one with all tables and nothing in them. */
  readonly isNew?: boolean;
  /** Runs one prepared statement outside of any transaction. */
  query<Row>(statement: Statement, values: unknown[]): Promise<Row[]>;
  /**
   * Waits as long as a committing write would: after it, everything that could be read before is on disk and on the
   * synchronous standby. For responses that say "already done" after a read.
   */
  confirm(): Promise<void>;
  /** The connections of this process to a server; undefined on the embedded database. */
  readonly connections?: () => ConnectionCounts;
  close(): Promise<void>;
}

/** Connections that are open, those of them that no statement uses, and statements that wait for one. */
export interface ConnectionCounts {
  total: number;
  idle: number;
  waiting: number;
}

const confirm: Statement = { name: 'confirm', text: confirmText, idempotent: true };

interface Options {
  /** Removes the time limit of statements; for migrations, which no request waits for. */
  noStatementTimeout?: boolean;
  /** The maximum number of connections of this process. Default: 10. */
  poolSize?: number;
  /** Milliseconds that a caller waits at most, over all its statements (`deadline.ts`). */
  maxWait?: number;
  /** Called with errors of idle connections. */
  onIdleError?: (error: Error) => void;
}

/** The directory of a `pglite:` URL; undefined for one in memory and for a server. */
export function pgliteDirectory(url: string): string | undefined {
  return url.startsWith('pglite:') ? url.slice('pglite:'.length) || undefined : undefined;
}

/**
 * Opens the database at a URL: `postgres://…` is a server, `pglite:DIRECTORY` is Postgres in this process, in memory if
 * the directory is omitted. Only the driver that is used is loaded.
 */
export async function openDatabase(url: string, options: Options = {}): Promise<Database> {
  if (!url.startsWith('pglite:')) return overServer(url, options);
  const directory = pgliteDirectory(url);
  if (directory) {
    const { openEmbedded } = await import('./embedded.ts');
    const { pool, isNew } = await openEmbedded(directory);
    return overPGlite(pool, isNew);
  }
  const [{ PGlitePool }, { preparedDatabase }, { ArchivedFiles }] = await Promise.all([
    import('./pglite-pool.ts'),
    import('./prepared.ts'),
    import('./archived-files.ts'),
  ]);
  const files = new ArchivedFiles(await preparedDatabase());
  return overPGlite(await PGlitePool.open({ memory: { files, settings: [] } }), true);
}

/** A database on a PGlite that is already open. */
export function overPGlite(pool: PGlitePool, isNew = false): Database {
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely,
    embedded: true,
    isNew,
    query: async <Row>({ name, text, rowMode, unsettled }: Statement, values: unknown[]) =>
      (await pool.query<Row>({ name, text, values, rowMode, unsettled })).rows,
    confirm: () => pool.settled(),
    close: () => kysely.destroy().then(() => pool.end()),
  };
}

async function overServer(
  url: string,
  {
    poolSize = 10,
    maxWait = defaultMaxWait,
    noStatementTimeout = false,
    onIdleError = () => {},
  }: Options,
): Promise<Database> {
  requireTlsFiles(url);
  const { ServerPool } = await import('./postgres/pool.ts');
  const pool = new ServerPool(url, {
    size: poolSize,
    maxWait: noStatementTimeout ? Number.POSITIVE_INFINITY : maxWait,
    onError: onIdleError,
  });
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely,
    embedded: false,
    query: async <Row>(statement: Statement, values: unknown[]) =>
      (await pool.query<Row>({ ...statement, values })).rows,
    async confirm() {
      await pool.query({ ...confirm, values: [] });
    },
    connections: () => pool.counts(),
    // Kysely closes a pool only if it has used it.
    close: () => kysely.destroy().then(() => pool.end()),
  };
}
