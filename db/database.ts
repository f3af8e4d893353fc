import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import { longestWait } from './deadline.ts';
import type { PGlitePool } from './pglite-pool.ts';
import { confirmText } from './postgres/confirm.ts';
import { requireTlsFiles } from './postgres/tls-files.ts';
import type { Connection, Schema } from './schema.ts';

/** A text that is prepared once on each connection, under its name. */
export interface Statement {
  name: string;
  text: string;
  /** Rows as arrays of their columns: what is asked thousands of times a second is read faster so. */
  rowMode?: 'array';
  /** Sent twice it does what it does once: it is sent again after a lost connection. Reads always are. */
  idempotent?: true;
}

/** The truth: Postgres, in this process or on a server. */
export interface Database {
  readonly kysely: Connection;
  readonly embedded: boolean;
  /** Runs one prepared statement outside of any transaction. */
  query<Row>(statement: Statement, values: unknown[]): Promise<Row[]>;
  /**
   * Waits as a commit that writes does: from then on all that could be read before it is on the disk and on the
   * synchronous standby. For answers that say "already so" after a read.
   */
  confirm(): Promise<void>;
  close(): Promise<void>;
}

const confirm: Statement = { name: 'confirm', text: confirmText, idempotent: true };

interface Options {
  /** Statements may take as long as they need: for migrations, which no request waits for. */
  noStatementTimeout?: boolean;
  /** Connections that this process may hold. */
  poolSize?: number;
  /** Milliseconds that a caller waits at most, in all (`deadline.ts`). */
  patience?: number;
  /** Told of connections that break while nobody uses them. */
  onIdleError?: (error: Error) => void;
}

/** The directory of a `pglite:` URL; nothing for one in memory, and for a server. */
export function pgliteDirectory(url: string): string | undefined {
  return url.startsWith('pglite:') ? url.slice('pglite:'.length) || undefined : undefined;
}

/**
 * Opens the database that a URL names: `postgres://…` is a server; `pglite:DIRECTORY` is Postgres in
 * this process, in memory where the directory is left out. Of the two drivers the one is loaded that
 * is used.
 */
export async function openDatabase(url: string, options: Options = {}): Promise<Database> {
  if (!url.startsWith('pglite:')) return overServer(url, options);
  const { PGlitePool } = await import('./pglite-pool.ts');
  const directory = pgliteDirectory(url);
  return overPGlite(await (directory ? openFiles(directory, PGlitePool.open) : PGlitePool.open()));
}

/**
 * A process that is killed while it makes the files leaves some that never open. So a mark stands
 * beside them until they are whole: nothing has been stored before that, and the next start makes
 * them anew.
 */
async function openFiles(
  directory: string,
  open: (directory: string) => Promise<PGlitePool>,
): Promise<PGlitePool> {
  const unfinished = `${path.resolve(directory)}.unfinished`;
  if (existsSync(unfinished)) await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (!existsSync(path.join(directory, 'PG_VERSION')))
    await writeFile(unfinished, '', { mode: 0o600 });
  const pool = await open(directory);
  await rm(unfinished, { force: true });
  return pool;
}

/** A database over a PGlite that is open already. */
export function overPGlite(pool: PGlitePool): Database {
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely,
    embedded: true,
    query: async <Row>({ text, rowMode }: Statement, values: unknown[]) =>
      (await pool.query<Row>({ text, values, rowMode })).rows,
    // One session does one thing after another: what can be read was committed before.
    confirm: async () => {},
    close: () => kysely.destroy().then(() => pool.end()),
  };
}

async function overServer(
  url: string,
  {
    poolSize = 10,
    patience = longestWait,
    noStatementTimeout = false,
    onIdleError = () => {},
  }: Options,
): Promise<Database> {
  requireTlsFiles(url);
  const { ServerPool } = await import('./postgres/pool.ts');
  const pool = new ServerPool(url, {
    size: poolSize,
    patience: noStatementTimeout ? Number.POSITIVE_INFINITY : patience,
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
    // Kysely ends only a pool that it has used.
    close: () => kysely.destroy().then(() => pool.end()),
  };
}
