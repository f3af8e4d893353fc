import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Database } from '../../db/database.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import type { RedisState } from '../../db/redis-state.ts';
import { clockTolerance, measureClock, type Now, processTime } from '../domain/database/clock.ts';
import { requestIdOf } from '../http/request-id.ts';

/** What a process needs before requests should come to it, and whether it has it. */
export interface Readiness {
  database: 'ok' | 'unreachable';
  schema: 'ok' | 'behind' | 'unknown';
  /** `off`: more than five seconds from the database's. */
  clock: 'ok' | 'off' | 'unknown';
  /** Keys to sign tokens with: without one, no client can be given a JWT, nor a person an ID token. */
  keys: 'ok' | 'missing';
  /** `stopping`: requests are still taken for a moment, and should go elsewhere. */
  serving: 'ok' | 'stopping';
  /**
   * `full` or `read_only`: it refuses writes, and Postgres holds what it would. `unreachable`: logins and assertions
   * wait for it, while tokens are issued, introspected and revoked as ever. So requests come here in any case.
   */
  redis: RedisState | 'none';
}

/** What the database says. */
type Stored = Pick<Readiness, 'database' | 'schema' | 'clock'>;

const unreachable: Stored = { database: 'unreachable', schema: 'unknown', clock: 'unknown' };

/** What the stores say. */
type Look = Stored & Pick<Readiness, 'redis'>;

/** Milliseconds after which one who asks is answered with the look before, while another is under way. */
const patience = 800;

/** Milliseconds for which the look before is worth something. */
const keptFor = 10_000;

/** Answers a request for `/healthz` or `/readyz`; false for any other. */
export type Health = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * `/healthz` answers 200 while the process lives; `/readyz` answers 200 where requests can be served,
 * else 503, with what is missing. Neither needs a token, and neither tells more than that. `database` is a
 * connection of its own, so that a busy pool does not make a process look dead, and all who ask at once
 * share one look.
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
  /** How Redis is, where there is one. */
  redis?: (() => Promise<RedisState>) | undefined;
  isStopping: () => boolean;
  keysLoaded: () => boolean;
  /** What every answer says. */
  headers?: Readonly<Record<string, string>>;
  now?: Now;
  /** Waits so many milliseconds. */
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
      wait(patience).then(() =>
        last && performance.now() - last.at < keptFor
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
      // A probe has a connection of its own, which must not hold up a stop.
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
