import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterStoreAbstract,
} from 'rate-limiter-flexible';
import type { Database } from '../../../db/database.ts';
import type { RedisConnection } from '../../../db/redis.ts';
import { sha256 } from '../../crypto/digest.ts';
import { orUnavailable } from '../database/retry.ts';

/** A limit was reached. `retryAfter` is in seconds. */
export class LimitReached extends Error {
  readonly retryAfter: number;
  /** The limit of config/limits.ts that was reached, if it is one of those. */
  readonly policy: Policy | undefined;

  constructor(retryAfter: number, policy?: Policy) {
    super(`too many attempts; try again in ${retryAfter} seconds`);
    this.name = 'LimitReached';
    this.retryAfter = retryAfter;
    this.policy = policy;
  }
}

/** A limit as callers see it: at most `points` calls within `seconds`. */
export interface Policy {
  name: string;
  points: number;
  seconds: number;
}

/** Options of a limit. */
export interface LimitOptions {
  /** Maximum within the period. Without it, calls are only counted. */
  points?: number | undefined;
  /** Length of the period, which starts with the first counted call. */
  seconds: number;
  /**
   * Whether a process remembers the keys that have reached the limit, and refuses them until the period ends
   * without querying the store, so that a flood does not load it. `giveBack` clears this memory.
   */
  remembersReached?: boolean | undefined;
  /** Count in the memory of each process instead of the shared store. */
  byProcess?: boolean | undefined;
}

/** The result of `take`. */
export interface Taken {
  /** Count within the current period. */
  count: number;
  /** Seconds until the period ends. */
  seconds: number;
}

/** Limits how often something can be done with each key. Keys are stored as digests. */
export interface Limit {
  /**
   * Counts one and returns the count. Throws LimitReached above the limit, which concurrent calls cannot exceed
   * either.
   */
  consume(key: string): Promise<number>;
  /** Like `consume`; also returns the end of the period. */
  take(key: string): Promise<Taken>;
  /**
   * Returns a point that `consume` granted. Not for refused calls: their number is unbounded, and returned in the
   * next period they would raise that period's limit.
   */
  giveBack(key: string): Promise<void>;
  /** Throws LimitReached if the limit is already reached. Counts nothing. */
  check(key: string): Promise<void>;
  /** The count within the current period. */
  count(key: string): Promise<number>;
  reset(key: string): Promise<void>;
}

/** Milliseconds for which Redis is not used after it failed. */
const redisPause = 5_000;

const noLimit = 1_000_000_000;

/**
 * Limits that all processes share. They are counted in Redis, and in Postgres without Redis or while it is
 * unreachable. If Redis loses its counts they start over, so an outage at most doubles a limit.
 */
export function createLimits({
  database,
  redis,
}: {
  database: Database;
  redis?: RedisConnection | undefined;
}) {
  const storeClient = {
    query: async ({ name, text, values }: { name: string; text: string; values: unknown[] }) => {
      // If a connection breaks, counting twice is better than failing a sign-in.
      const rows = await database.query({ name, text, idempotent: true }, values);
      return { rows, rowCount: rows.length };
    },
  };
  let skipRedisUntil = 0;

  return {
    /** Creates a limit. Limits with the same name share their counts. */
    limit(
      name: string,
      { points = noLimit, seconds, remembersReached = false, byProcess = false }: LimitOptions,
    ): Limit {
      const options = {
        keyPrefix: `writ:limit:${name}`,
        points,
        duration: seconds,
        ...(remembersReached && { inMemoryBlockOnConsumed: points }),
      };
      const inMemory = byProcess ? new RateLimiterMemory(options) : undefined;
      const inPostgres = new RateLimiterPostgres({
        ...options,
        storeClient,
        storeType: 'client',
        tableName: 'rate_limit',
        tableCreated: true,
        clearExpiredByTimeout: false,
      });
      const inRedis = redis && new RateLimiterRedis({ ...options, storeClient: redis });

      // The library's own fallback would wait for a hanging Redis on every command of a request.
      const counted = async <Result>(
        run: (limiter: RateLimiterStoreAbstract | RateLimiterMemory) => Promise<Result>,
      ): Promise<Result> => {
        if (inMemory) return run(inMemory);
        if (inRedis && redis.status === 'ready' && performance.now() >= skipRedisUntil)
          try {
            return await run(inRedis);
          } catch (error) {
            if (error instanceof RateLimiterRes) throw error;
            skipRedisUntil = performance.now() + redisPause;
          }
        return orUnavailable(() => run(inPostgres));
      };

      const take = async (key: string): Promise<Taken> => {
        try {
          const taken = await counted((limiter) => limiter.consume(digestOf(key)));
          return { count: taken.consumedPoints, seconds: secondsOf(taken) };
        } catch (thrown) {
          throw thrown instanceof RateLimiterRes ? reached(thrown) : thrown;
        }
      };

      return {
        take,
        consume: async (key) => (await take(key)).count,
        async giveBack(key) {
          await counted(async (limiter) => {
            await limiter.reward(digestOf(key));
            if ('deleteInMemoryBlockedAll' in limiter) limiter.deleteInMemoryBlockedAll();
          });
        },
        async check(key) {
          const found = await counted((limiter) => limiter.get(digestOf(key)));
          if (found && found.consumedPoints >= points) throw reached(found);
        },
        async count(key) {
          const found = await counted((limiter) => limiter.get(digestOf(key)));
          return Math.max(0, found?.consumedPoints ?? 0);
        },
        async reset(key) {
          await counted((limiter) => limiter.delete(digestOf(key)));
        },
      };
    },
  };
}

const digestOf = (key: string): string => sha256(key).toString('base64url');

const secondsOf = ({ msBeforeNext }: RateLimiterRes): number =>
  Math.max(1, Math.ceil(msBeforeNext / 1000));

const reached = (result: RateLimiterRes) => new LimitReached(secondsOf(result));

export type Limits = ReturnType<typeof createLimits>;
