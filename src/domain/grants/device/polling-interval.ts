/**
 * Enforces the polling interval (RFC 8628 §3.5): a device that polls too soon gets `slow_down`, and its interval grows.
 */
import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../../db/database.ts';
import type { RedisConnection } from '../../../../db/redis.ts';
import { refusalOfWrites } from '../../../../db/redis-state.ts';
import { orRedisUnavailable, orUnavailable } from '../../database/retry.ts';

/** A store of polling times. */
export interface DevicePolls {
  /**
   * Records a poll for the device code with this digest. Returns false if it comes too soon. `lifetime` is the
   * remaining lifetime of the code in seconds. Throws `temporarily_unavailable` while the store is unreachable, because
   * polling must not become unlimited.
   */
  admit(code: Buffer, lifetime: number): Promise<boolean>;
}

/** Tolerance in seconds, because polls can arrive closer together than they were sent. */
const jitter = 0.5;

/** An interval never exceeds the lifetime of a code. */
const maxInterval = lifetimes.deviceCode;

/** Of several concurrent polls one is admitted; the others wait for its row lock and are then too soon. */
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

/** The store of installations without Redis. */
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

/**
 * The key holds a hash: `polled_at` in milliseconds since the epoch, by the clock of Redis, and `interval` in seconds.
 */
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

/** Uses Redis, and Postgres while Redis refuses writes. At each switch, one poll may be admitted too soon. */
export const createFallbackPolls = (redis: DevicePolls, postgres: DevicePolls): DevicePolls => ({
  async admit(code, lifetime) {
    try {
      return await redis.admit(code, lifetime);
    } catch (error) {
      if (!refusalOfWrites(error)) throw error;
      return postgres.admit(code, lifetime);
    }
  },
});

/** The store in Redis. If Redis loses a key, one poll is admitted too soon. */
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
