import type { ClientConfig, PoolClient } from 'pg';

/** Milliseconds between two checks of given-up statements. */
const pause = 5_000;

/** Backends that are still working. An idle one never received its statement, or its response was lost. */
const working = `select pid from pg_stat_activity where pid = any ($1) and state not like 'idle%'`;

interface Stuck {
  client: PoolClient;
  free: () => void;
}

/**
 * CONNECTIONS WHOSE STATEMENT WAS GIVEN UP. The backend continues: Postgres does not end a commit that waits for a
 * synchronous standby, whatever the timeouts. Opening a new connection for each would pile up backends until
 * `max_connections`, so the slot stays occupied until the statement ends or the backend is gone.
 */
export class StuckConnections {
  readonly #connect: ClientConfig;
  readonly #kept = new Set<Stuck>();
  #timer: NodeJS.Timeout | undefined;
  #checking = false;

  constructor(connect: ClientConfig) {
    this.#connect = connect;
  }

  /** Keeps a connection until its statement ends, then closes it and calls `free`. */
  keep(client: PoolClient, statement: Promise<unknown>, free: () => void): void {
    const stuck = { client, free };
    this.#kept.add(stuck);
    const end = () => this.#end(stuck);
    statement.then(end, end);
    this.#timer ??= setInterval(() => void this.check(), pause).unref();
  }

  /** Closes the connections whose backends have stopped working. Keeps all of them if Postgres cannot be asked. */
  async check(): Promise<void> {
    if (this.#checking || this.#kept.size === 0) return;
    this.#checking = true;
    const checked = [...this.#kept];
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
        checked.map(({ client }) => pidOf(client)),
      ]);
      const pids = new Set(rows.map(({ pid }) => pid));
      for (const stuck of checked) if (!pids.has(pidOf(stuck.client))) this.#end(stuck);
    } catch {
      // Postgres does not respond or has no connection left, so a freed slot could not be used.
    } finally {
      this.#checking = false;
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

/** The process id of the backend, which the driver has for cancellation but omits from its types. */
const pidOf = (client: PoolClient): number =>
  (client as unknown as { processID: number }).processID;
