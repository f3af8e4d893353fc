import type pg from 'pg';
import type { StatementKind } from './statement-kind.ts';

/** A statement as the driver takes it, and whether it may be sent twice. */
export interface Query {
  text: string;
  values: readonly unknown[];
  name?: string | undefined;
  rowMode?: 'array' | undefined;
  /** Sent twice it does what it does once: after a lost connection it is sent again. Reads are. */
  idempotent?: boolean | undefined;
}

/** What a connection has said since the last statement was sent on it. */
export interface Heard {
  /** The backend has got the statement: without this it has not begun to run it. */
  bound: boolean;
  /** A commit stopped waiting for the standby. */
  unconfirmed: boolean;
}

/** A connection that is in use. */
export interface Held {
  client: pg.PoolClient;
  heard: Heard;
  /** Opened for this use: where it breaks after another, the database is away. */
  isFresh: boolean;
  isWriter: boolean;
  /** After which nothing more is sent on it. */
  failure?: Error | undefined;
  /** The statement that was given up. */
  stuck?: Promise<unknown> | undefined;
}

/** Sends statements on connections. */
export interface Sender {
  /** Sends the first statement on a connection that it takes for it, and gives both. */
  begin(query: Query, kind: StatementKind): Promise<{ held: Held; result: pg.QueryResult }>;
  /** Sends a statement on a connection. */
  send(held: Held, query: Query, kind: StatementKind): Promise<pg.QueryResult>;
  /** Makes a connection that has only read one that may write. */
  becomeWriter(held: Held): Promise<void>;
  /** Gives it back, or closes it. */
  release(held: Held, discard?: boolean): void;
}
