import type { ClientConfig, PoolClient } from 'pg';

/** Milliseconds between two looks at what became of statements that were given up. */
const pause = 5_000;

/** Backends that still work on something. One that is idle never got what it was sent, or its answer was lost. */
const working = `select pid from pg_stat_activity where pid = any ($1) and state not like 'idle%'`;

interface Stuck {
  client: PoolClient;
  free: () => void;
}

/**
 * CONNECTIONS WHOSE STATEMENT WAS GIVEN UP. Its backend goes on: Postgres ends no commit that waits for a synchronous
 * standby, whatever the timeouts say. A connection more for each that was given up would pile backends up to
 * `max_connections`, so the place stays taken until the statement ends, or Postgres says that the backend has gone.
 */
export class StuckConnections {
  readonly #connect: ClientConfig;
  readonly #kept = new Set<Stuck>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(connect: ClientConfig) {
    this.#connect = connect;
  }

  /** Keeps a connection until its statement ends, then closes it and calls `free`. */
  keep(client: PoolClient, statement: Promise<unknown>, free: () => void): void {
    const stuck = { client, free };
    this.#kept.add(stuck);
    const end = () => this.#end(stuck);
    statement.then(end, end);
    this.#timer ??= setInterval(() => void this.look(), pause).unref();
  }

  /** Closes those whose backends Postgres no longer has at work. Where it cannot be asked, all are kept. */
  async look(): Promise<void> {
    if (this.#looking || this.#kept.size === 0) return;
    this.#looking = true;
    const asked = [...this.#kept];
    const { default: pg } = await import('pg');
    const control = new pg.Client({
      ...this.#connect,
      connectionTimeoutMillis: pause,
      query_timeout: pause,
    });
    control.on('error', () => {});
    try {
      await control.connect();
      const { rows } = await control.query<{ pid: number }>(working, [
        asked.map(({ client }) => pidOf(client)),
      ]);
      const pids = new Set(rows.map(({ pid }) => pid));
      for (const stuck of asked) if (!pids.has(pidOf(stuck.client))) this.#end(stuck);
    } catch {
      // Postgres does not answer at all, or has no connection left: there is nothing to open a place for.
    } finally {
      this.#looking = false;
      control.end().catch(() => {});
    }
  }

  /** Closes all of them. */
  close(): void {
    for (const stuck of [...this.#kept]) this.#end(stuck);
  }

  #end(stuck: Stuck): void {
    if (!this.#kept.delete(stuck)) return;
    stuck.client.release(true);
    stuck.free();
    if (this.#kept.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** The number of the backend: not in the driver's types, but what it cancels by. */
const pidOf = (client: PoolClient): number =>
  (client as unknown as { processID: number }).processID;
