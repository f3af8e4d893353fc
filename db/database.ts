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
  /**
   * A read whose answer acknowledges nothing, and may so rest on what another request has committed and
   * the disk of the embedded database has not got yet. Introspection waits for no write. A server's
   * Postgres shows nothing before that.
   */
  unsettled?: true;
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
  const directory = pgliteDirectory(url);
  if (directory) {
    const { openEmbedded } = await import('./embedded.ts');
    return overPGlite(await openEmbedded(directory));
  }
  const { PGlitePool } = await import('./pglite-pool.ts');
  return overPGlite(await PGlitePool.open());
}

/** A database over a PGlite that is open already. */
export function overPGlite(pool: PGlitePool): Database {
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely,
    embedded: true,
    query: async <Row>({ text, rowMode, unsettled }: Statement, values: unknown[]) =>
      (await pool.query<Row>({ text, values, rowMode, unsettled })).rows,
    confirm: () => pool.settled(),
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
