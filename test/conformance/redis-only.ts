import { randomUUID } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import type { RedisConnection } from '../../db/redis.ts';
import { redeemables } from './people.ts';
import { keyInRedis, nodesOf, type Stores } from './stores.ts';

/** Redis is not trusted: it may forget anything, and bring back anything that it has held. */
export function redisOnly(stores: () => Stores): void {
  const redis = () => stores().redis as RedisConnection;

  test.each(['AuthorizationCode', 'DeviceCode'] as const)(
    '%s stays redeemed when Redis forgets everything and brings the code back',
    async (kind) => {
      const { value, redeem, login } = await redeemables[kind](stores());
      const bytes = (await redis().getBuffer(keyInRedis(kind, value))) as Buffer;
      expect((await redeem()).status).toBe(200);
      for (const node of nodesOf(redis())) await node.flushall();
      expect(await stores().adapter(kind).find(value)).toBeUndefined();
      await redis().set(keyInRedis(kind, value), bytes, 'PX', 60_000);
      expect(await stores().adapter(kind).find(value)).toMatchObject({ consumed: true });
      const tokens = stores()
        .database.kysely.selectFrom('token')
        .selectAll()
        .where('grant_id', '=', login.grantId);
      const before = (await tokens.execute()).length;
      await redeem();
      expect(await tokens.execute()).toHaveLength(before);
    },
  );

  test('commands that are sent at once share one write to the socket, and each gets its own answer', async () => {
    const nodes = nodesOf(redis());
    await Promise.all(nodes.map((node) => node.ping()));
    const counters = nodes.map(({ stream }) => {
      const one = jest.spyOn(stream, '_write');
      const several = jest.spyOn(stream as Required<typeof stream>, '_writev');
      return () => {
        const calls = one.mock.calls.length + several.mock.calls.length;
        for (const spy of [one, several]) spy.mockRestore();
        return calls;
      };
    });
    const values = Array.from({ length: 50 }, () => `writ:written-together:${randomUUID()}`);
    const answers = await Promise.all(
      values.map(async (value) => {
        await redis().set(value, value, 'PX', 60_000);
        return redis().get(value);
      }),
    );
    expect(answers).toEqual(values);
    for (const writes of counters) expect(writes()).toBeLessThan(25);
  });

  test('everything in Redis expires', async () => {
    for (const make of Object.values(redeemables)) await (await make(stores())).redeem();
    let keys = 0;
    for (const node of nodesOf(redis()))
      for (const key of await node.keys('writ:*')) {
        keys++;
        expect(await node.pttl(key)).toBeGreaterThan(0);
      }
    expect(keys).toBeGreaterThan(0);
  });

  const kind = 'AuthorizationCode';
  const indexKey = (grantId: string) => `writ:grant:${kind}:${grantId}`;
  const member = async (grantId: string, lifetime: number) => {
    const id = randomUUID();
    await stores().adapter(kind).upsert(id, { jti: id, grantId }, lifetime);
    return id;
  };
  const endOf = (key: string) => redis().pexpiretime(key);

  test.each([
    ['the longest first', [900, 60, 300]],
    ['the longest last', [60, 300, 900]],
    ['the longest in the middle', [60, 900, 300]],
  ])(
    'the index of a grant lives as long as its longest-lived member: %s',
    async (_order, lifetimes) => {
      const grantId = randomUUID();
      const expiries: number[] = [];
      for (const lifetime of lifetimes)
        expiries.push(await endOf(keyInRedis(kind, await member(grantId, lifetime))));
      const longest = Math.max(...expiries);
      // Two commands a moment apart; the index uses the clock of this process, on the same machine.
      const difference = Math.abs((await endOf(indexKey(grantId))) - longest);
      expect(difference).toBeLessThan(30_000);
      expect(await redis().zcard(indexKey(grantId))).toBe(3);
    },
  );

  test('the index of a grant drops expired members', async () => {
    const grantId = randomUUID();
    await redis().zadd(indexKey(grantId), Date.now() - 1000, 'an expired member');
    await member(grantId, 60);
    expect(await redis().zrange(indexKey(grantId), '0', '-1')).not.toContain('an expired member');
    expect(await redis().zcard(indexKey(grantId))).toBe(1);
  });

  test('the index of a grant is deleted with its members when the grant is revoked', async () => {
    const grantId = randomUUID();
    const id = await member(grantId, 60);
    await stores().adapter(kind).revokeByGrantId(grantId);
    expect(await redis().exists(indexKey(grantId))).toBe(0);
    expect(await redis().exists(keyInRedis(kind, id))).toBe(0);
  });
}
