import type { Middleware } from 'koa';
import type { Database } from '../../db/database.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import { clockTolerance, measureClock, type Now, processTime } from '../domain/database/clock.ts';

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
}

/**
 * `/healthz` answers 200 while the process lives; `/readyz` answers 200 where requests can be served,
 * else 503, with what is missing. Neither needs a token, and neither tells more than that.
 */
export function createHealth({
  database,
  isStopping,
  keysLoaded,
  now = processTime,
}: {
  database: Database;
  isStopping: () => boolean;
  keysLoaded: () => boolean;
  now?: Now;
}): Middleware {
  const schema = async (): Promise<Readiness['schema']> =>
    (await pendingMigrations(database.kysely)).length === 0 ? 'ok' : 'behind';

  const check = async (): Promise<Readiness> => {
    const keys = keysLoaded() ? 'ok' : 'missing';
    const serving = isStopping() ? 'stopping' : 'ok';
    try {
      const off = Math.abs(await measureClock(database, now));
      return {
        database: 'ok',
        schema: await schema(),
        clock: off <= clockTolerance ? 'ok' : 'off',
        keys,
        serving,
      };
    } catch {
      return { database: 'unreachable', schema: 'unknown', clock: 'unknown', keys, serving };
    }
  };

  return async (ctx, next) => {
    const asked = ctx.method === 'GET' || ctx.method === 'HEAD' ? ctx.path : '';
    if (asked !== '/healthz' && asked !== '/readyz') return next();
    ctx.set('Cache-Control', 'no-store');
    if (asked === '/healthz') {
      ctx.body = { status: 'ok' };
      return;
    }
    const readiness = await check();
    ctx.status = Object.values(readiness).every((state) => state === 'ok') ? 200 : 503;
    ctx.body = readiness;
  };
}
