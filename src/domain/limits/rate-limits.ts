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

/** Something was done too often; it can be tried again after so many seconds. */
export class LimitReached extends Error {
  readonly retryAfter: number;
  /** Which of the limits of requests it was (config/limits.ts). */
  readonly policy: Policy | undefined;

  constructor(retryAfter: number, policy?: Policy) {
    super(`too many attempts; the next is possible in ${retryAfter} seconds`);
    this.name = 'LimitReached';
    this.retryAfter = retryAfter;
    this.policy = policy;
  }
}

/** A limit, as callers are told it: its name, and how many calls within how many seconds. */
export interface Policy {
  name: string;
  points: number;
  seconds: number;
}

export interface LimitOptions {
  /** How often within the time; without it, what is counted is only told. */
  points?: number | undefined;
  /** How long, from the first that is counted. */
  seconds: number;
  /**
   * Whether a process remembers which keys have reached the limit, and refuses them until the period is over
   * without asking the store: a flood is not a load for it. What is given back makes it ask again.
   */
  remembersReached?: boolean | undefined;
  /** Counted in the memory of each process, and in no store. */
  byProcess?: boolean | undefined;
}

/** What `take` counted. */
export interface Taken {
  /** How many that makes in the running period. */
  count: number;
  /** Seconds until the period is over. */
  seconds: number;
}

/** How often something may be done, for each key. Keys are digested before they are stored. */
export interface Limit {
  /**
   * Counts one, and gives how many that makes. Throws LimitReached where it is one too many. Of any
   * number that come at once, no more than the limit get through.
   */
  consume(key: string): Promise<number>;
  /** As `consume`; gives the end of the period as well. */
  take(key: string): Promise<Taken>;
  /**
   * Takes back one that `consume` let through, and none that it refused: those have no bound, and
   * taken back in the next period they would let as many more through.
   */
  giveBack(key: string): Promise<void>;
  /** Throws LimitReached where the limit is reached already; counts nothing. */
  check(key: string): Promise<void>;
  /** How many were counted in the running period. */
  count(key: string): Promise<number>;
  reset(key: string): Promise<void>;
}

/** How long a Redis that did not answer is left alone, in milliseconds. */
const redisPause = 5_000;

const noLimit = 1_000_000_000;

/**
 * Limits that all processes share: counted in Redis, and in Postgres while Redis is away or where
 * there is none. What Redis forgets is counted anew, so an outage of it at most doubles a limit.
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
      // Where a connection breaks, one that counts twice is better than a sign-in that fails.
      const rows = await database.query({ name, text, idempotent: true }, values);
      return { rows, rowCount: rows.length };
    },
  };
  let redisAwayUntil = 0;

  return {
    /** A limit of that name; all limits with one name count together. */
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

      // The limiter's own insurance would wait for a Redis that hangs at each of a request's commands.
      const counted = async <Result>(
        run: (limiter: RateLimiterStoreAbstract | RateLimiterMemory) => Promise<Result>,
      ): Promise<Result> => {
        if (inMemory) return run(inMemory);
        if (inRedis && redis.status === 'ready' && performance.now() >= redisAwayUntil)
          try {
            return await run(inRedis);
          } catch (error) {
            if (error instanceof RateLimiterRes) throw error;
            redisAwayUntil = performance.now() + redisPause;
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
