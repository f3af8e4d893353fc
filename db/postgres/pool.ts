import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { countWait, currentWait, WaitTooLongError, waitLeft, withTimeout } from '../deadline.ts';
import { isConnectionLost, isTimeout } from '../errors.ts';
import { observe } from '../statement-channel.ts';
import { confirmText, isUnconfirmed } from './confirm.ts';
import type { HeldConnection, Query, Sender, Signals } from './connection.ts';
import { Session } from './session.ts';
import { Slots } from './slots.ts';
import { kindOf, type StatementKind } from './statement-kind.ts';
import { StuckConnections } from './stuck.ts';

/** Options of `ServerPool`. */
export interface PoolOptions {
  /** The maximum number of connections, including those whose statement was given up. */
  size: number;
  /** Milliseconds that a caller waits in total; Infinity for no limit. */
  maxWait: number;
  /** Called with errors of connections. */
  onError: (error: Error) => void;
}

/**
 * A pool of connections to a Postgres server, and the rules of sending statements:
 *
 * - A caller waits at most `maxWait` in total for a connection, for responses and for retries.
 * - A statement that was certainly not run is sent again on another connection, because a pool can hand out connections
 *   that a restarted server has closed. After a lost connection, so is a statement that can run twice. Nothing is sent
 *   again after a timeout.
 * - A write that changes nothing waits as a write does (`confirm.ts`).
 * - Some slots are reserved for reads, which so continue while commits wait for a standby.
 * - A broken connection is closed; after any other error it is kept.
 */
export class ServerPool implements PostgresPool, Sender {
  /** Required by Kysely; this pool has no options. */
  readonly options = {};
  readonly #pool: pg.Pool;
  readonly #slots: Slots;
  readonly #writers: Slots;
  readonly #stuck: StuckConnections;
  readonly #signals = new WeakMap<pg.PoolClient, Signals>();
  readonly #kinds = new Map<string, StatementKind>();
  readonly #maxWait: number;
  readonly #size: number;

  constructor(url: string, { size, maxWait, onError }: PoolOptions) {
    this.#maxWait = maxWait;
    this.#size = size;
    this.#slots = new Slots(size);
    this.#writers = new Slots(Math.max(1, size - Math.ceil(size / 4)));
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
    // Without this listener, a connection that breaks during a transaction would end the process.
    this.#pool.on('connect', (client) => client.on('error', onError));
  }

  /** Returns a session, which takes a connection with its first statement. */
  async connect(): Promise<Session> {
    return new Session(this);
  }

  /** Runs one prepared statement outside of any transaction. */
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

  async begin(
    query: Query,
    kind: StatementKind,
  ): Promise<{ held: HeldConnection; result: pg.QueryResult }> {
    const isWriter = kind === 'write' || kind === 'begin';
    const isRepeatable = kind !== 'write' || query.idempotent === true;
    for (let lost = 0; ; lost++) {
      const held = await this.#take(isWriter);
      try {
        return { held, result: await this.send(held, query, kind) };
      } catch (error) {
        this.release(held);
        const again = isRepeatable || wasNotRun(error, query, held.signals);
        const isUnavailable = lost > 0 && (held.isFresh || lost > this.#size);
        if (!isConnectionLost(error) || !again || isUnavailable) throw error;
      }
    }
  }

  /** Sends a statement. A write outside of a transaction that changed nothing is followed by a confirmation. */
  async send(held: HeldConnection, query: Query, kind: StatementKind): Promise<pg.QueryResult> {
    const result = await this.#answer(held, query);
    if (kind === 'write' && result.rowCount === 0)
      await this.#answer(held, { text: confirmText, values: [] });
    const wait = currentWait();
    if (wait) wait.confirmed = kind === 'write' || kind === 'commit';
    return result;
  }

  async becomeWriter(held: HeldConnection): Promise<void> {
    if (held.isWriter) return;
    await this.#writers.acquire(this.#maxWait);
    held.isWriter = true;
  }

  release(held: HeldConnection, discard = false): void {
    const leave = (slots: Slots) => (held.stuck ? slots.releaseStuck() : slots.release());
    const free = () => {
      leave(this.#slots);
      if (held.isWriter) leave(this.#writers);
    };
    if (!held.stuck) {
      held.client.release(discard || held.failure !== undefined);
      free();
    } else {
      this.#slots.markStuck();
      if (held.isWriter) this.#writers.markStuck();
      this.#stuck.keep(held.client, held.stuck, free);
    }
  }

  /** Open connections, and callers that wait for one. */
  counts(): { total: number; idle: number; waiting: number } {
    return {
      total: this.#pool.totalCount,
      idle: this.#pool.idleCount,
      waiting: this.#slots.waiting + this.#writers.waiting,
    };
  }

  /** Closes given-up connections at once, and all others when they are released. */
  async end(): Promise<void> {
    this.#stuck.close();
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #take(isWriter: boolean): Promise<HeldConnection> {
    if (isWriter) await this.#writers.acquire(this.#maxWait);
    try {
      await this.#slots.acquire(this.#maxWait);
      try {
        return { ...(await this.#checkOut()), isWriter };
      } catch (error) {
        this.#slots.release();
        throw error;
      }
    } catch (error) {
      if (isWriter) this.#writers.release();
      throw error;
    }
  }

  async #checkOut(): Promise<Omit<HeldConnection, 'isWriter'>> {
    const client = await countWait(
      withTimeout(
        waitLeft(this.#maxWait),
        this.#pool.connect(),
        'The database did not accept a connection in time.',
        (late) => late?.release(),
      ),
    );
    const signals = this.#signals.get(client);
    if (signals) return { client, signals, isFresh: false };
    const first = { bound: false, unconfirmed: false };
    this.#signals.set(client, first);
    client.on('notice', (notice) => {
      if (isUnconfirmed(notice)) first.unconfirmed = true;
    });
    connectionOf(client).on('bindComplete', () => {
      first.bound = true;
    });
    return { client, signals: first, isFresh: true };
  }

  async #answer(held: HeldConnection, { idempotent: _, ...query }: Query): Promise<pg.QueryResult> {
    if (held.failure) throw held.failure;
    const left = waitLeft(this.#maxWait);
    if (left === 0)
      throw new WaitTooLongError('Earlier statements of the request used up its time.');
    held.signals.bound = false;
    held.signals.unconfirmed = false;
    const running = held.client.query({ ...query, values: query.values as unknown[] });
    observe(query, running);
    try {
      const results: pg.QueryResult | pg.QueryResult[] = await countWait(
        withTimeout(left, running, 'The database did not respond in time.'),
      );
      if (held.signals.unconfirmed)
        throw new WaitTooLongError('The synchronous standby did not confirm a commit.');
      // Several statements sent as one text have one result each.
      return Array.isArray(results) ? results.at(-1) : results;
    } catch (error) {
      if (error instanceof WaitTooLongError) held.stuck = running;
      if (error instanceof WaitTooLongError || isConnectionLost(error))
        held.failure = error as Error;
      throw error;
    }
  }

  /** Configures a new connection in one round trip. */
  async #prepare(client: pg.ClientBase): Promise<void> {
    const limit = this.#maxWait === Number.POSITIVE_INFINITY ? 0 : Math.ceil(this.#maxWait * 0.9);
    const text = [
      // Generic plans: planning a statement over sixty partitions costs more than running it.
      'set plan_cache_mode = force_generic_plan',
      // Postgres times out before this process does, which frees the connection. Set even if there is no limit, because
      // a role or a database can have one of its own.
      `set statement_timeout = ${limit}`,
      // A commit that stops waiting for its standby reports that as a warning.
      'set client_min_messages = warning',
      // Without waiting for the disk a commit is not durable, so a setting of the role or database is overridden.
      `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
    ];
    await withTimeout(
      5_000,
      client.query(text.join('; ')),
      'The database did not accept a connection in time.',
    );
  }
}

/** Whether a statement was certainly not run: it was not sent, or its backend ended before receiving it. */
function wasNotRun(error: unknown, { name, values }: Query, { bound }: Signals): boolean {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'EPIPE' || /not queryable/i.test(message)) return true;
  // Only statements with parameters or a name are bound.
  const isBindable = name !== undefined || values.length > 0;
  return /^57P0/.test(code ?? '') && isBindable && !bound && !isTimeout(error);
}

/** The driver's underlying connection, which its types omit. */
const connectionOf = (client: pg.PoolClient): NodeJS.EventEmitter =>
  (client as unknown as { connection: NodeJS.EventEmitter }).connection;
