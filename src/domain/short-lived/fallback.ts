import { refusalOfWrites } from '../../../db/redis-state.ts';
import { type EphemeralStore, UserCodeTakenError } from './store.ts';

/**
 * Milliseconds after the last refused write during which Postgres is consulted first. Longer than any replay mark
 * or record lives.
 */
const fallbackPeriod = 10 * 60_000;

/**
 * A store that writes to Redis, and to Postgres while Redis refuses writes (out of memory, or a read-only replica).
 * Reads try both, because another process may have fallen back. An unreachable Redis does not cause a fallback:
 * a record in it would look as if it had never been stored. Calls then throw `temporarily_unavailable`.
 */
export function createFallbackStore({
  redis,
  postgres,
  onRefusal,
}: {
  redis: EphemeralStore;
  postgres: EphemeralStore;
  /** Called each time Redis refuses a write. */
  onRefusal: (error: unknown) => void;
}): EphemeralStore {
  let refusedUntil = 0;

  const writeOrFallBack = async <Result>(
    write: () => Promise<Result>,
    fallback: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await write();
    } catch (error) {
      if (!refusalOfWrites(error)) throw error;
      refusedUntil = performance.now() + fallbackPeriod;
      onRefusal(error);
      return fallback();
    }
  };

  return {
    put: (kind, id, sealed, lifetime, indexes = {}) =>
      writeOrFallBack(
        () => redis.put(kind, id, sealed, lifetime, indexes),
        async () => {
          const { userCode } = indexes;
          const other = userCode && (await redis.getByUserCode(kind, userCode));
          if (other && !other.id.equals(id)) throw new UserCodeTakenError();
          await postgres.put(kind, id, sealed, lifetime, indexes);
        },
      ),
    // A record that was updated during a fallback is stale in Redis and current in Postgres.
    get: async (kind, id) =>
      (isRefusing() && (await postgres.get(kind, id))) ||
      ((await redis.get(kind, id)) ?? postgres.get(kind, id)),
    getByUserCode: async (kind, userCode) =>
      (await redis.getByUserCode(kind, userCode)) ?? postgres.getByUserCode(kind, userCode),
    async delete(kind, id) {
      const found = await writeOrFallBack(
        () => redis.delete(kind, id),
        async () => false,
      );
      return found || postgres.delete(kind, id);
    },
    async deleteByGrant(kind, grantId) {
      await writeOrFallBack(
        () => redis.deleteByGrant(kind, grantId),
        async () => {},
      );
      await postgres.deleteByGrant(kind, grantId);
    },
    async insertOnce(kind, id, lifetime) {
      const first = await writeOrFallBack(
        () => redis.insertOnce(kind, id, lifetime),
        async () => (await redis.get(kind, id)) === undefined,
      );
      // Marks written during the fallback are only in Postgres, so they count until they have all expired.
      return first && (!isRefusing() || postgres.insertOnce(kind, id, lifetime));
    },
  };

  function isRefusing(): boolean {
    return performance.now() < refusedUntil;
  }
}
