import type { Redis } from 'ioredis';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

const consumable = new Set(['RefreshToken', 'DeviceCode']);

/**
 * The pattern that most installations of oidc-provider store by: each artifact is a JSON text under
 * its model and id, which Redis forgets when it expires; one that can be consumed is a hash, and the ids of a grant are
 * a list. Only what the workloads use is here.
 */
export function createRedisAdapter(redis: Redis): AdapterFactory {
  return (model): Adapter => {
    const keyOf = (id: string) => `oidc:${model}:${id}`;
    const isConsumable = consumable.has(model);
    const unused = async () => {
      throw new Error(`no workload needs this of ${model}`);
    };

    return {
      async upsert(id: string, payload: AdapterPayload, expiresIn = 0) {
        const text = JSON.stringify(payload);
        const transaction = redis.multi();
        if (isConsumable)
          transaction.hset(keyOf(id), { payload: text }).expire(keyOf(id), expiresIn);
        else if (expiresIn > 0) transaction.set(keyOf(id), text, 'EX', expiresIn);
        else transaction.set(keyOf(id), text);
        const { grantId, userCode } = payload;
        if (grantId && model !== 'Grant')
          transaction
            .rpush(`oidc:grant:${grantId}`, keyOf(id))
            .expire(`oidc:grant:${grantId}`, expiresIn);
        if (userCode) transaction.set(`oidc:userCode:${userCode}`, id, 'EX', expiresIn);
        const results = await transaction.exec();
        const failed = results?.find(([error]) => error)?.[0];
        if (failed) throw failed;
      },
      async find(id: string) {
        if (isConsumable) {
          const { payload, ...rest } = await redis.hgetall(keyOf(id));
          return payload === undefined ? undefined : { ...rest, ...JSON.parse(payload) };
        }
        const text = await redis.get(keyOf(id));
        return text === null ? undefined : JSON.parse(text);
      },
      async destroy(id: string) {
        await redis.del(keyOf(id));
      },
      findByUid: unused,
      findByUserCode: unused,
      async consume(id: string) {
        await redis.hset(keyOf(id), 'consumed', Math.floor(Date.now() / 1000));
      },
      revokeByGrantId: unused,
    };
  };
}
