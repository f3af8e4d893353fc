import type { Redis } from 'ioredis';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/**
 * The pattern that most installations of oidc-provider store by: each artifact is a JSON text under
 * its model and id, which Redis forgets when it expires. Only what the workloads use is here.
 */
export function createRedisAdapter(redis: Redis): AdapterFactory {
  return (model): Adapter => {
    const keyOf = (id: string) => `oidc:${model}:${id}`;
    const unused = async () => {
      throw new Error(`no workload needs this of ${model}`);
    };

    return {
      async upsert(id: string, payload: AdapterPayload, expiresIn = 0) {
        const text = JSON.stringify(payload);
        const transaction = redis.multi();
        if (expiresIn > 0) transaction.set(keyOf(id), text, 'EX', expiresIn);
        else transaction.set(keyOf(id), text);
        const results = await transaction.exec();
        const failed = results?.find(([error]) => error)?.[0];
        if (failed) throw failed;
      },
      async find(id: string) {
        const text = await redis.get(keyOf(id));
        return text === null ? undefined : JSON.parse(text);
      },
      async destroy(id: string) {
        await redis.del(keyOf(id));
      },
      findByUid: unused,
      findByUserCode: unused,
      consume: unused,
      revokeByGrantId: unused,
    };
  };
}
