import type pg from 'pg';
import type { StatementKind } from './statement-kind.ts';

/** A statement for the driver. */
export interface Query {
  text: string;
  values: readonly unknown[];
  name?: string | undefined;
  rowMode?: 'array' | undefined;
  /** Whether running it twice has the same effect as once, so it is sent again after a lost connection. Reads always are. */
  idempotent?: boolean | undefined;
}

/** What a connection has signaled since the last statement was sent on it. */
export interface Signals {
  /** Whether the backend has received the statement; before that it has not started to run it. */
  bound: boolean;
  /** Whether a commit stopped waiting for the standby. */
  unconfirmed: boolean;
}

/** A connection that was taken from the pool. */
export interface HeldConnection {
  client: pg.PoolClient;
  signals: Signals;
  /** Whether it was opened for this use. If a fresh one breaks after another one did, the database is unavailable. */
  isFresh: boolean;
  isWriter: boolean;
  /** The error after which nothing more is sent on it. */
  failure?: Error | undefined;
  /** The statement that was given up but is still running. */
  stuck?: Promise<unknown> | undefined;
}

/** Sends statements on connections. */
export interface Sender {
  /** Takes a connection and sends the first statement on it. */
  begin(
    query: Query,
    kind: StatementKind,
  ): Promise<{ held: HeldConnection; result: pg.QueryResult }>;
  /** Sends a further statement on a connection. */
  send(held: HeldConnection, query: Query, kind: StatementKind): Promise<pg.QueryResult>;
  /** Lets a connection write that has only read so far. */
  becomeWriter(held: HeldConnection): Promise<void>;
  /** Returns a connection to the pool, or closes it. */
  release(held: HeldConnection, discard?: boolean): void;
}
