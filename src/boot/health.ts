import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Database } from '../../db/database.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import type { RedisState } from '../../db/redis-state.ts';
import { clockTolerance, measureClock, type Now, processTime } from '../domain/database/clock.ts';
import { requestIdOf } from '../http/request-id.ts';

/** What a process needs before it gets requests, and whether it has it. */
export interface Readiness {
  database: 'ok' | 'unreachable';
  schema: 'ok' | 'behind' | 'unknown';
  /** `off`: more than five seconds from the database's clock. */
  clock: 'ok' | 'off' | 'unknown';
  /** Signing keys: without one, no client gets a JWT and no person an ID token. */
  keys: 'ok' | 'missing';
  /** `stopping`: the process still takes requests for a moment, but new ones should go elsewhere. */
  serving: 'ok' | 'stopping';
  /**
   * `full` or `read_only`: Redis refuses writes, and Postgres stores their data instead. `unreachable`: logins and
   * assertions wait for Redis; issuing, introspection and revocation do not. So Redis never makes a process unready.
   */
  redis: RedisState | 'none';
}

/** The state of the database. */
type DatabaseState = Pick<Readiness, 'database' | 'schema' | 'clock'>;

const unreachable: DatabaseState = { database: 'unreachable', schema: 'unknown', clock: 'unknown' };

/** The state of the stores. */
type StoreState = DatabaseState & Pick<Readiness, 'redis'>;

/** Milliseconds that a probe waits for a check, if an earlier one can be its answer. */
const patience = 300;

/** Milliseconds that a probe waits for a check, if there is no earlier one. */
const firstPatience = 800;

/** Milliseconds for which the result of a check can be given again. */
const retention = 10_000;

/** Answers a request for `/healthz` or `/readyz`; returns false for any other. */
export type Health = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * `/healthz` answers 200 while the process lives. `/readyz` answers 200 if it can serve requests, else 503 with what
 * is missing. Neither needs a token. Probes that arrive together share one check of the stores.
 *
 * @param options.database A connection of its own, so that a busy pool does not make a process look unready.
 * @param options.redis Returns the state of Redis, if there is one.
 * @param options.headers Sent with every response.
 * @param options.wait Resolves after so many milliseconds.
 */
export function createHealth({
  database,
  redis,
  isStopping,
  keysLoaded,
  headers = {},
  now = processTime,
  wait = (milliseconds) => setTimeout(milliseconds, undefined, { ref: false }),
}: {
  database: Database;
  redis?: (() => Promise<RedisState>) | undefined;
  isStopping: () => boolean;
  keysLoaded: () => boolean;
  headers?: Readonly<Record<string, string>>;
  now?: Now;
  wait?: (milliseconds: number) => Promise<unknown>;
}): Health {
  const schema = async (): Promise<Readiness['schema']> =>
    (await pendingMigrations(database.kysely)).length === 0 ? 'ok' : 'behind';

  const checkDatabase = async (): Promise<DatabaseState> => {
    try {
      const off = Math.abs(await measureClock(database, now));
      return {
        database: 'ok',
        schema: await schema(),
        clock: off <= clockTolerance ? 'ok' : 'off',
      };
    } catch {
      return unreachable;
    }
  };

  const check = async (): Promise<StoreState> => {
    const [stored, state = 'none' as const] = await Promise.all([checkDatabase(), redis?.()]);
    return { ...stored, redis: state };
  };

  let running: Promise<StoreState> | undefined;
  let last: { state: StoreState; at: number } | undefined;
  const sharedCheck = (): Promise<StoreState> => {
    running ??= check().then((state) => {
      last = { state, at: performance.now() };
      running = undefined;
      return state;
    });
    return running;
  };
  const lastState = () =>
    last && performance.now() - last.at < retention ? last.state : undefined;
  const storeState = (): Promise<StoreState> =>
    Promise.race([
      sharedCheck(),
      wait(lastState() ? patience : firstPatience).then(
        () => lastState() ?? { ...unreachable, redis: last?.state.redis ?? 'none' },
      ),
    ]);

  const respond = (
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    body: object,
  ): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      ...headers,
      'Cache-Control': 'no-store',
      // A probe's connection must not delay a stop.
      Connection: 'close',
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      'X-Request-Id': requestIdOf({ req: request, res: response, app: { proxy: false } }),
      ...(status === 503 && { 'Retry-After': '2' }),
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  };

  return (request, response) => {
    const path = healthPathOf(request);
    if (path === '/healthz') respond(request, response, 200, { status: 'ok' });
    if (path === '/readyz')
      void storeState().then((state) => {
        const readiness: Readiness = {
          ...state,
          keys: keysLoaded() ? 'ok' : 'missing',
          serving: isStopping() ? 'stopping' : 'ok',
        };
        const { redis: _, ...needed } = readiness;
        const ready = Object.values(needed).every((part) => part === 'ok');
        respond(request, response, ready ? 200 : 503, readiness);
      });
    return path !== undefined;
  };
}

function healthPathOf({ method, url = '' }: IncomingMessage): '/healthz' | '/readyz' | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const path = url.startsWith('/') ? url.split('?', 1)[0] : URL.parse(url)?.pathname;
  return path === '/healthz' || path === '/readyz' ? path : undefined;
}
