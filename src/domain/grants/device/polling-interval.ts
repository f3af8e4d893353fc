/**
 * The polling interval of devices (RFC 8628 §3.5). A device that polls too soon gets `slow_down`, and its
 * interval grows.
 */
import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../../db/database.ts';
import type { RedisConnection } from '../../../../db/redis.ts';
import { refusalOfWrites } from '../../../../db/redis-state.ts';
import { orRedisUnavailable, orUnavailable } from '../../database/retry.ts';

export interface DevicePolls {
  /**
   * Counts a poll for the code with this digest: false if it comes too soon. `lifetime` is the remaining
   * lifetime of the code in seconds. Throws `temporarily_unavailable` while the store is unreachable, since
   * polls must not go unlimited.
   */
  admit(code: Buffer, lifetime: number): Promise<boolean>;
}

/** Tolerance in seconds, since networks bring two polls closer together than they were sent. */
const jitter = 0.5;

/** An interval never exceeds the lifetime of a code. */
const maxInterval = lifetimes.deviceCode;

/** The first of several that come at once is admitted; the row lock lets the others see that. */
const admit: Statement = {
  name: 'device-poll',
  text: `with admitted as (
      insert into device_poll (id, interval_seconds, expires_at)
      values ($1::bytea, $2::integer, now() + $3::float8 * interval '1 second')
      on conflict (id) do update set polled_at = now()
      where device_poll.polled_at <= now() - (device_poll.interval_seconds - $4::float8) * interval '1 second'
      returning 1
    ),
    slowed as (
      update device_poll set interval_seconds = least(interval_seconds + $5::integer, $6::integer)
      where id = $1::bytea and not exists (select from admitted)
    )
    select count(*)::integer as admitted from admitted`,
};

/** Counts in Postgres, without Redis. */
export const createPostgresPolls = ({ database }: { database: Database }): DevicePolls => ({
  async admit(code, lifetime) {
    const [row] = await orUnavailable(() =>
      database.query<{ admitted: number }>(admit, [
        code,
        lifetimes.devicePollInterval,
        lifetime,
        jitter,
        lifetimes.deviceSlowDown,
        maxInterval,
      ]),
    );
    return row?.admitted === 1;
  },
});

/** One key, a hash of milliseconds since 1970 and of seconds, by the clock of Redis. */
const admitInRedis = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local polled = tonumber(redis.call('HGET', KEYS[1], 'polled_at'))
  if not polled then
    redis.call('HSET', KEYS[1], 'polled_at', now, 'interval', ARGV[1])
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return 1
  end
  local interval = tonumber(redis.call('HGET', KEYS[1], 'interval'))
  if now - polled >= (interval - ARGV[3]) * 1000 then
    redis.call('HSET', KEYS[1], 'polled_at', now)
    return 1
  end
  redis.call('HSET', KEYS[1], 'interval', math.min(interval + ARGV[4], ARGV[5]))
  return 0`;

/** Counts in Redis, and in Postgres while Redis refuses writes: a code may then be polled once too soon. */
export const createFallingBackPolls = (redis: DevicePolls, postgres: DevicePolls): DevicePolls => ({
  async admit(code, lifetime) {
    try {
      return await redis.admit(code, lifetime);
    } catch (error) {
      if (!refusalOfWrites(error)) throw error;
      return postgres.admit(code, lifetime);
    }
  },
});

/** Counts in Redis. If Redis loses a key, one poll more is admitted. */
export const createRedisPolls = ({ redis }: { redis: RedisConnection }): DevicePolls => ({
  admit: (code, lifetime) =>
    orRedisUnavailable(
      async () =>
        (await redis.eval(
          admitInRedis,
          1,
          `writ:device-poll:${code.toString('hex')}`,
          lifetimes.devicePollInterval,
          Math.max(1, Math.ceil(lifetime * 1000)),
          jitter,
          lifetimes.deviceSlowDown,
          maxInterval,
        )) === 1,
    ),
});
