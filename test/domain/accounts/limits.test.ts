import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../../db/database.ts';
import { createLimits } from '../../../src/domain/limits/rate-limits.ts';
import { embeddedDatabase, postgresDatabase, postgresUrl } from '../../support/databases.ts';
import { type Service, startRedis } from '../../support/services.ts';
import { unique } from '../../support/stacks.ts';
import { onEveryStore, outcomes, tally } from './people.ts';

const lost = () => Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });

onEveryStore((store) => {
  const limited = (points = 3) =>
    createLimits(store()).limit(unique('limit'), { points, seconds: 60 });

  test('calls up to the limit pass, and further ones learn how long to wait', async () => {
    const limit = limited();
    expect([await limit.consume('a'), await limit.consume('a'), await limit.consume('a')]).toEqual([
      1, 2, 3,
    ]);
    const refused = await limit.consume('a').catch((error) => error);
    expect(refused).toMatchObject({
      name: 'LimitReached',
    });
    expect(refused.retryAfter).toBeGreaterThan(0);
    expect(refused.retryAfter).toBeLessThanOrEqual(60);
    expect(await limit.consume('b')).toBe(1);
  });

  test('of a hundred concurrent calls only as many as the limit pass', async () => {
    const limit = limited(7);
    const all = Array.from({ length: 100 }, () => limit.consume('a'));
    expect(tally(await outcomes(all))).toEqual({ in: 7, LimitReached: 93 });
  });

  test('checking does not count', async () => {
    const limit = limited();
    for (let i = 0; i < 5; i++) await limit.check('a');
    expect(await limit.count('a')).toBe(0);
    await limit.consume('a');
    await limit.consume('a');
    await limit.check('a');
    expect(await limit.count('a')).toBe(2);
    await limit.consume('a');
    await expect(limit.check('a')).rejects.toMatchObject({ name: 'LimitReached' });
  });

  test('points that are given back or reset are not counted', async () => {
    const limit = limited();
    for (let i = 0; i < 3; i++) await limit.consume('a');
    await limit.giveBack('a');
    await limit.check('a');
    expect(await limit.consume('a')).toBe(3);
    await limit.reset('a');
    expect(await limit.consume('a')).toBe(1);
    await limit.reset('never counted');
  });

  test('giving back reopens a limit that was reached, in the memory of the process as well', async () => {
    const limit = createLimits(store()).limit(unique('limit'), {
      points: 3,
      seconds: 60,
      remembersReached: true,
    });
    for (let i = 0; i < 3; i++) await limit.consume('a');
    await expect(limit.consume('a')).rejects.toMatchObject({ name: 'LimitReached' });
    await limit.giveBack('a');
    expect(await limit.consume('a')).toBe(3);
  });

  test('limits of different names count separately, those of the same name together', async () => {
    const [one, other] = [createLimits(store()), createLimits(store())];
    const name = unique('limit');
    const options = { points: 2, seconds: 60 };
    await one.limit(name, options).consume('a');
    await other.limit(name, options).consume('a');
    await expect(one.limit(name, options).consume('a')).rejects.toMatchObject({
      name: 'LimitReached',
    });
    expect(await one.limit(unique('limit'), options).consume('a')).toBe(1);
  });

  test('a key can be anything', async () => {
    const limit = limited();
    for (const key of ['', '\0', '🍋', 'x'.repeat(1_000_000)])
      expect(await limit.consume(key)).toBe(1);
  });
});

test('an unreachable database is temporarily_unavailable', async () => {
  const database = await embeddedDatabase();
  const limit = createLimits({
    database: { ...database, query: () => Promise.reject(lost()) },
  }).limit('away', { points: 1, seconds: 60 });
  for (const ask of [limit.consume, limit.check, limit.count, limit.reset, limit.giveBack])
    await expect(ask('a')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  await database.close();
});

(postgresUrl && process.env['TEST_REDIS_URL'] ? describe : describe.skip)('with Redis', () => {
  let service: Service;
  let database: Database;
  beforeAll(async () => {
    service = await startRedis();
    database = await openDatabase(await postgresDatabase());
  });
  afterAll(async () => {
    await database.close();
    await service.stop();
  });

  const connect = async (options: { commandTimeout?: number } = {}) => {
    const redis = new Redis(service.url, { maxRetriesPerRequest: 1, ...options });
    redis.on('error', () => {});
    await once(redis, 'ready');
    return redis;
  };

  /** Redis accepts commands but does not respond until it is restarted. */
  const hang = async () => {
    const control = await connect();
    await control.call('CLIENT', 'PAUSE', '600000', 'ALL');
    control.disconnect();
  };
  const options = { points: 2, seconds: 60 };
  const rows = async () =>
    Number(
      (await sql<{ count: number }>`select count(*) from rate_limit`.execute(database.kysely))
        .rows[0]?.count,
    );

  test('nothing is counted in Postgres while Redis is available', async () => {
    const redis = await connect();
    const before = await rows();
    await createLimits({ database, redis }).limit(unique('limit'), options).consume('a');
    expect(await rows()).toBe(before);
    redis.disconnect();
  });

  test('a hanging Redis is tried once, and then Postgres counts', async () => {
    const redis = await connect({ commandTimeout: 500 });
    const limit = createLimits({ database, redis }).limit(unique('limit'), options);
    await hang();
    let asked = 0;
    const { sendCommand } = redis;
    redis.sendCommand = function (...args) {
      asked++;
      return sendCommand.apply(this, args);
    };
    await limit.consume('a');
    const first = asked;
    expect(first).toBeGreaterThan(0);
    await limit.consume('a');
    await expect(limit.consume('a')).rejects.toMatchObject({ name: 'LimitReached' });
    await expect(limit.check('a')).rejects.toMatchObject({ name: 'LimitReached' });
    expect(await limit.count('b')).toBe(0);
    await limit.reset('a');
    expect(asked).toBe(first);
    redis.disconnect();
    await service.restart();
  });

  test.each(['check', 'count', 'reset', 'giveBack'] as const)(
    'a hanging Redis does not delay %s',
    async (method) => {
      const redis = await connect({ commandTimeout: 500 });
      await hang();
      await createLimits({ database, redis }).limit(unique('limit'), options)[method]('a');
      redis.disconnect();
      await service.restart();
    },
  );

  test('a stopped Redis is not waited for; if Postgres is stopped too, the error says so', async () => {
    const redis = await connect();
    const closed = new Promise((resolve) => redis.once('close', resolve));
    await service.kill();
    await closed;
    const name = unique('limit');
    const limit = createLimits({ database, redis }).limit(name, options);
    await limit.consume('a');
    await limit.consume('a');
    await expect(limit.consume('a')).rejects.toMatchObject({ name: 'LimitReached' });
    const without = { ...database, query: () => Promise.reject(lost()) };
    await expect(
      createLimits({ database: without, redis }).limit(name, options).consume('a'),
    ).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    redis.disconnect();
    await service.start();
  });
});
