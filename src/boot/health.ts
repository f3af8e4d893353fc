import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Database } from '../../db/database.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import type { RedisState } from '../../db/redis-state.ts';
import { clockTolerance, measureClock, type Now, processTime } from '../domain/database/clock.ts';
import { requestIdOf } from '../http/request-id.ts';

/** What a process needs before it should get requests, and the state of each. */
export interface Readiness {
  database: 'ok' | 'unreachable';
  schema: 'ok' | 'behind' | 'unknown';
  /** `off`: more than five seconds from the database's. */
  clock: 'ok' | 'off' | 'unknown';
  /** Keys to sign tokens with: without one there are no JWTs and no ID tokens. */
  keys: 'ok' | 'missing';
  /** `stopping`: requests are still served for a moment, but should go to another process. */
  serving: 'ok' | 'stopping';
  /**
   * `full` or `read_only`: it refuses writes, and Postgres stores that state instead. `unreachable`: logins and assertions
   * wait for it, while tokens are issued, introspected and revoked as usual. So it does not decide about readiness.
   */
  redis: RedisState | 'none';
}

/** What the database reports. */
type Stored = Pick<Readiness, 'database' | 'schema' | 'clock'>;

const unreachable: Stored = { database: 'unreachable', schema: 'unknown', clock: 'unknown' };

/** What the database and Redis report. */
type Look = Stored & Pick<Readiness, 'redis'>;

/** Milliseconds after which a probe gets the previous result, while a new check is running. */
const maxProbeWait = 800;

/** Milliseconds for which a previous result is used. */
const maxResultAge = 10_000;

/** Answers a request for `/healthz` or `/readyz`; false for any other. */
export type Health = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * `/healthz` responds 200 while the process runs. `/readyz` responds 200 if it can serve requests, else 503 with what is
 * missing. Neither needs a token or reveals more. `database` is a connection of its own, so a busy pool does not make a
 * process look dead. Concurrent probes share one check.
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
  /** The state of Redis, if there is one. */
  redis?: (() => Promise<RedisState>) | undefined;
  isStopping: () => boolean;
  keysLoaded: () => boolean;
  /** Headers of every response. */
  headers?: Readonly<Record<string, string>>;
  now?: Now;
  /** Waits for milliseconds. */
  wait?: (milliseconds: number) => Promise<unknown>;
}): Health {
  const schema = async (): Promise<Readiness['schema']> =>
    (await pendingMigrations(database.kysely)).length === 0 ? 'ok' : 'behind';

  const databaseLook = async (): Promise<Stored> => {
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

  const look = async (): Promise<Look> => {
    const [stored, state = 'none' as const] = await Promise.all([databaseLook(), redis?.()]);
    return { ...stored, redis: state };
  };

  let running: Promise<Look> | undefined;
  let last: { state: Look; at: number } | undefined;
  const shared = (): Promise<Look> => {
    running ??= look().then((state) => {
      last = { state, at: performance.now() };
      running = undefined;
      return state;
    });
    return running;
  };
  const stored = (): Promise<Look> =>
    Promise.race([
      shared(),
      wait(maxProbeWait).then(() =>
        last && performance.now() - last.at < maxResultAge
          ? last.state
          : { ...unreachable, redis: last?.state.redis ?? 'none' },
      ),
    ]);

  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    body: object,
  ): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      ...headers,
      'Cache-Control': 'no-store',
      // Probes open a new connection each time; an idle one would delay a stop.
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
    if (path === '/healthz') answer(request, response, 200, { status: 'ok' });
    if (path === '/readyz')
      void stored().then((state) => {
        const readiness: Readiness = {
          ...state,
          keys: keysLoaded() ? 'ok' : 'missing',
          serving: isStopping() ? 'stopping' : 'ok',
        };
        const { redis: _, ...needed } = readiness;
        const ready = Object.values(needed).every((part) => part === 'ok');
        answer(request, response, ready ? 200 : 503, readiness);
      });
    return path !== undefined;
  };
}

function healthPathOf({ method, url = '' }: IncomingMessage): '/healthz' | '/readyz' | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const path = url.startsWith('/') ? url.split('?', 1)[0] : URL.parse(url)?.pathname;
  return path === '/healthz' || path === '/readyz' ? path : undefined;
}
