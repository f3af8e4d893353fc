import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import type { PGlitePool } from './pglite-pool.ts';
import type { Connection, Schema } from './schema.ts';

/** A text that is prepared once on each connection, under its name. */
export interface Statement {
  name: string;
  text: string;
  /** Rows as arrays of their columns: what is asked thousands of times a second is read faster so. */
  rowMode?: 'array';
}

/** The truth: Postgres, in this process or on a server. */
export interface Database {
  readonly kysely: Connection;
  readonly embedded: boolean;
  /** Runs one prepared statement outside of any transaction. */
  query<Row>(statement: Statement, values: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

interface Options {
  /** Statements may take as long as they need: for migrations, which no request waits for. */
  noStatementTimeout?: boolean;
  /** Connections that this process may hold. */
  poolSize?: number;
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
    close: () => kysely.destroy().then(() => pool.end()),
  };
}

async function overServer(
  url: string,
  { poolSize = 10, noStatementTimeout = false, onIdleError = () => {} }: Options,
): Promise<Database> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    // Postgres gives up first, so that the connection is free again. Where it does not even answer, as on a
    // connection that a firewall forgot, we do.
    ...(!noStatementTimeout && { query_timeout: 10_000 }),
    keepAlive: true,
    // Statements are prepared once and planned once: planning one over sixty shelves costs more than running it.
    onConnect: async (client) => {
      await client.query('set plan_cache_mode = force_generic_plan');
      // Also where it is none, since a role or a database may have a limit of its own.
      await client.query(`set statement_timeout = ${noStatementTimeout ? '0' : `'9s'`}`);
      // A commit that does not wait for the disk is no promise, whatever the role or the database was set to.
      await client.query(
        `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
      );
    },
    types: {
      getTypeParser: (id, format) =>
        id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format),
    },
  });
  pool.on('error', onIdleError);
  // A connection that breaks while a transaction holds it tells nobody else, and would end the process.
  pool.on('connect', (client) => client.on('error', onIdleError));
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely,
    embedded: false,
    query: async (statement, values) => (await pool.query({ ...statement, values })).rows,
    close: () => kysely.destroy(),
  };
}
