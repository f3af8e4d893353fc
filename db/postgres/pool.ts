import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { counting, currentWait, WaitTooLongError, waitLeft, within } from '../deadline.ts';
import { isConnectionLost, isTimeout } from '../errors.ts';
import { confirmText, isUnconfirmed } from './confirm.ts';
import type { Heard, Held, Query, Sender } from './connection.ts';
import { Places } from './places.ts';
import { Session } from './session.ts';
import { kindOf, type StatementKind } from './statement-kind.ts';
import { StuckConnections } from './stuck.ts';

export interface PoolOptions {
  /** Connections at most, those that wait for something that was given up among them. */
  size: number;
  /** Milliseconds that a caller waits in all; Infinity: as long as it takes. */
  patience: number;
  /** Told of connections that break. */
  onError: (error: Error) => void;
}

/**
 * Connections to a Postgres on a server, and how statements travel on them:
 *
 * - A caller waits once, `patience` at most, for a place, an answer and what is sent again.
 * - What was never run is sent again on another connection: a pool hands out ones that a restarted server has closed.
 *   After a lost connection so is what changes nothing by running twice. After a timeout nothing is.
 * - A statement that finds nothing to change waits as a write does (`confirm.ts`).
 * - Some places are for reads alone, so that they go on while commits wait for a standby.
 * - A connection is closed where it is broken, and kept after any other error.
 */
export class ServerPool implements PostgresPool, Sender {
  /** Kysely asks a pool for its options; it needs none. */
  readonly options = {};
  readonly #pool: pg.Pool;
  readonly #places: Places;
  readonly #writers: Places;
  readonly #stuck: StuckConnections;
  readonly #heard = new WeakMap<pg.PoolClient, Heard>();
  readonly #kinds = new Map<string, StatementKind>();
  readonly #patience: number;
  readonly #size: number;

  constructor(url: string, { size, patience, onError }: PoolOptions) {
    this.#patience = patience;
    this.#size = size;
    this.#places = new Places(size);
    this.#writers = new Places(Math.max(1, size - Math.ceil(size / 4)));
    this.#stuck = new StuckConnections({ connectionString: url });
    this.#pool = new pg.Pool({
      connectionString: url,
      max: size,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      onConnect: (client) => this.#prepare(client),
      types: {
        getTypeParser: (id, format) =>
          id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format),
      },
    });
    this.#pool.on('error', onError);
    // A connection that breaks while a transaction holds it tells nobody else, and would end the process.
    this.#pool.on('connect', (client) => client.on('error', onError));
  }

  /** A session that takes a connection with its first statement. */
  async connect(): Promise<Session> {
    return new Session(this);
  }

  /** Runs one statement outside of any transaction. */
  async query<Row>(query: Query & { name: string }): Promise<{ rows: Row[] }> {
    let kind = this.#kinds.get(query.name);
    if (!kind) {
      kind = kindOf(query.text);
      this.#kinds.set(query.name, kind);
    }
    const { held, result } = await this.begin(query, kind);
    this.release(held);
    return result as { rows: Row[] };
  }

  async begin(query: Query, kind: StatementKind): Promise<{ held: Held; result: pg.QueryResult }> {
    const isWriter = kind === 'write' || kind === 'begin';
    const isRepeatable = kind !== 'write' || query.idempotent === true;
    for (let lost = 0; ; lost++) {
      const held = await this.#take(isWriter);
      try {
        return { held, result: await this.send(held, query, kind) };
      } catch (error) {
        this.release(held);
        const again = isRepeatable || wasNotRun(error, query, held.heard);
        const isAway = lost > 0 && (held.isFresh || lost > this.#size);
        if (!isConnectionLost(error) || !again || isAway) throw error;
      }
    }
  }

  /** One outside of a transaction that wrote nothing waits as a write. */
  async send(held: Held, query: Query, kind: StatementKind): Promise<pg.QueryResult> {
    const result = await this.#answer(held, query);
    if (kind === 'write' && result.rowCount === 0)
      await this.#answer(held, { text: confirmText, values: [] });
    const wait = currentWait();
    if (wait) wait.confirmed = kind === 'write' || kind === 'commit';
    return result;
  }

  async becomeWriter(held: Held): Promise<void> {
    if (held.isWriter) return;
    await this.#writers.take(this.#patience);
    held.isWriter = true;
  }

  release(held: Held, discard = false): void {
    const leave = (places: Places) => (held.stuck ? places.leaveStuck() : places.leave());
    const free = () => {
      leave(this.#places);
      if (held.isWriter) leave(this.#writers);
    };
    if (!held.stuck) {
      held.client.release(discard || held.failure !== undefined);
      free();
    } else {
      this.#places.stick();
      if (held.isWriter) this.#writers.stick();
      this.#stuck.keep(held.client, held.stuck, free);
    }
  }

  /** Closes what was given up at once, and all others as they are released. */
  async end(): Promise<void> {
    this.#stuck.close();
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #take(isWriter: boolean): Promise<Held> {
    if (isWriter) await this.#writers.take(this.#patience);
    try {
      await this.#places.take(this.#patience);
      try {
        return { ...(await this.#checkOut()), isWriter };
      } catch (error) {
        this.#places.leave();
        throw error;
      }
    } catch (error) {
      if (isWriter) this.#writers.leave();
      throw error;
    }
  }

  async #checkOut(): Promise<Omit<Held, 'isWriter'>> {
    const client = await counting(
      within(
        waitLeft(this.#patience),
        this.#pool.connect(),
        'The database has let no connection in.',
        (late) => late?.release(),
      ),
    );
    const heard = this.#heard.get(client);
    if (heard) return { client, heard, isFresh: false };
    const first = { bound: false, unconfirmed: false };
    this.#heard.set(client, first);
    client.on('notice', (notice) => {
      if (isUnconfirmed(notice)) first.unconfirmed = true;
    });
    connectionOf(client).on('bindComplete', () => {
      first.bound = true;
    });
    return { client, heard: first, isFresh: true };
  }

  async #answer(held: Held, { idempotent: _, ...query }: Query): Promise<pg.QueryResult> {
    if (held.failure) throw held.failure;
    const left = waitLeft(this.#patience);
    if (left === 0) throw new WaitTooLongError('The database has taken too long before.');
    held.heard.bound = false;
    held.heard.unconfirmed = false;
    const running = held.client.query({ ...query, values: query.values as unknown[] });
    try {
      const results: pg.QueryResult | pg.QueryResult[] = await counting(
        within(left, running, 'The database has not answered in time.'),
      );
      if (held.heard.unconfirmed)
        throw new WaitTooLongError('A commit was not confirmed by the synchronous standby.');
      // Several statements that were sent as one have a result each.
      return Array.isArray(results) ? results.at(-1) : results;
    } catch (error) {
      if (error instanceof WaitTooLongError) held.stuck = running;
      if (error instanceof WaitTooLongError || isConnectionLost(error))
        held.failure = error as Error;
      throw error;
    }
  }

  /** Sets a new connection up, in one round trip. */
  async #prepare(client: pg.ClientBase): Promise<void> {
    const limit = this.#patience === Number.POSITIVE_INFINITY ? 0 : Math.ceil(this.#patience * 0.9);
    const text = [
      // Statements are prepared once and planned once: planning one over sixty shelves costs more than running it.
      'set plan_cache_mode = force_generic_plan',
      // Postgres gives up before we do, so that the connection is free again. Also where it is none, since a role or
      // a database may have a limit of its own.
      `set statement_timeout = ${limit}`,
      // A commit that stops waiting for its standby says so in a warning.
      'set client_min_messages = warning',
      // A commit that does not wait for the disk is no promise, whatever the role or the database was set to.
      `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
    ];
    await within(5_000, client.query(text.join('; ')), 'The database has let no connection in.');
  }
}

/** Whether a statement was certainly not run: it was not sent, or its backend ended before it took it. */
function wasNotRun(error: unknown, { name, values }: Query, { bound }: Heard): boolean {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'EPIPE' || /not queryable/i.test(message)) return true;
  // Only what has parameters or a name is bound, and says so.
  const says = name !== undefined || values.length > 0;
  return /^57P0/.test(code ?? '') && says && !bound && !isTimeout(error);
}

/** The driver's connection under a client: not in its types. */
const connectionOf = (client: pg.PoolClient): NodeJS.EventEmitter =>
  (client as unknown as { connection: NodeJS.EventEmitter }).connection;
