import type { RedisConnection } from '../../../db/redis.ts';
import { orRedisUnavailable } from '../database/retry.ts';
import { type EphemeralRecord, type EphemeralStore, UserCodeTakenError } from './store.ts';

/**
 * Adds member ARGV[1], which expires in ARGV[2] milliseconds, to the index KEYS[1]. The index expires with its last
 * member. Uses the clock of Redis, since those of the processes differ.
 */
const addToIndex = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', KEYS[1], last[2])`;

/**
 * The store in Redis, which expires the records. Every command takes a single key, as Redis Cluster requires.
 * An index is written before the record it points to, so a crash in between leaves only a dangling entry.
 */
export function createRedisEphemeralStore({ redis }: { redis: RedisConnection }): EphemeralStore {
  const keyOf = (kind: string, id: Buffer | string) =>
    `writ:artifact:${kind}:${typeof id === 'string' ? id : id.toString('hex')}`;
  const indexOf = (kind: string, userCode: Buffer) =>
    `writ:user-code:${kind}:${userCode.toString('hex')}`;
  const grantOf = (kind: string, grantId: string) => `writ:grant:${kind}:${grantId}`;

  const get = async (kind: string, id: Buffer): Promise<EphemeralRecord | undefined> => {
    const sealed = await redis.getBuffer(keyOf(kind, id));
    return sealed ? { id, sealed } : undefined;
  };

  const getByUserCode = async (kind: string, userCode: Buffer) => {
    const id = await redis.get(indexOf(kind, userCode));
    return id ? get(kind, Buffer.from(id, 'hex')) : undefined;
  };

  const addToGrant = (kind: string, grantId: string, member: string, milliseconds: number) =>
    redis.eval(addToIndex, 1, grantOf(kind, grantId), member, milliseconds);

  return {
    async put(kind, id, sealed, lifetime, { grantId, userCode } = {}) {
      const stored = await orRedisUnavailable(async () => {
        const member = id.toString('hex');
        const milliseconds = Math.max(1, Math.ceil(lifetime * 1000));
        if (userCode) {
          const index = indexOf(kind, userCode);
          const taken = (await redis.set(index, member, 'PX', milliseconds, 'NX')) === null;
          if (taken && (await redis.get(index)) !== member) return false;
          if (taken) await redis.pexpire(index, milliseconds);
        }
        if (grantId) await addToGrant(kind, grantId, member, milliseconds);
        await redis.set(keyOf(kind, id), sealed, 'PX', milliseconds);
        return true;
      });
      if (!stored) throw new UserCodeTakenError();
    },
    get: (kind, id) => orRedisUnavailable(() => get(kind, id)),
    getByUserCode: (kind, userCode) => orRedisUnavailable(() => getByUserCode(kind, userCode)),
    delete: (kind, id) => orRedisUnavailable(async () => (await redis.unlink(keyOf(kind, id))) > 0),
    deleteByGrant: (kind, grantId) =>
      orRedisUnavailable(async () => {
        const members = await redis.zrange(grantOf(kind, grantId), '0', '-1');
        await Promise.all(members.map((member) => redis.unlink(keyOf(kind, member))));
        await redis.unlink(grantOf(kind, grantId));
      }),
    insertOnce: (kind, id, lifetime) =>
      orRedisUnavailable(
        async () =>
          (await redis.set(
            keyOf(kind, id),
            '',
            'PX',
            Math.max(1, Math.ceil(lifetime * 1000)),
            'NX',
          )) === 'OK',
      ),
  };
}
