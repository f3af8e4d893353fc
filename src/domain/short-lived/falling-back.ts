import { refusalOfWrites } from '../../../db/redis-state.ts';
import { type EphemeralStore, UserCodeTakenError } from './store.ts';

/** Milliseconds for which marks of a Redis that refused writes are looked for in Postgres: longer than any mark is needed. */
const marksKeptFor = 10 * 60_000;

/**
 * The store in Redis, and in Postgres while Redis refuses writes: its memory is full, or it is a replica
 * that may only be read. What is not found in the one is looked for in the other, since another process may
 * have stored it there. A Redis that cannot be reached is no reason to look elsewhere: what it holds cannot be
 * told from what was never stored, so that is `temporarily_unavailable`.
 */
export function createFallingBackStore({
  redis,
  postgres,
  onRefusal,
}: {
  redis: EphemeralStore;
  postgres: EphemeralStore;
  /** Is told each time that Redis refuses a write. */
  onRefusal: (error: unknown) => void;
}): EphemeralStore {
  let refusedUntil = 0;

  const orElse = async <Result>(
    write: () => Promise<Result>,
    instead: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await write();
    } catch (error) {
      if (!refusalOfWrites(error)) throw error;
      refusedUntil = performance.now() + marksKeptFor;
      onRefusal(error);
      return instead();
    }
  };

  return {
    put: (kind, id, sealed, lifetime, indexes = {}) =>
      orElse(
        () => redis.put(kind, id, sealed, lifetime, indexes),
        async () => {
          const { userCode } = indexes;
          const other = userCode && (await redis.getByUserCode(kind, userCode));
          if (other && !other.id.equals(id)) throw new UserCodeTakenError();
          await postgres.put(kind, id, sealed, lifetime, indexes);
        },
      ),
    // A record that was stored again, in Postgres, is newer than the one that Redis still has.
    get: async (kind, id) =>
      (isRefusing() && (await postgres.get(kind, id))) ||
      ((await redis.get(kind, id)) ?? postgres.get(kind, id)),
    getByUserCode: async (kind, userCode) =>
      (await redis.getByUserCode(kind, userCode)) ?? postgres.getByUserCode(kind, userCode),
    async delete(kind, id) {
      const found = await orElse(
        () => redis.delete(kind, id),
        async () => false,
      );
      return found || postgres.delete(kind, id);
    },
    async deleteByGrant(kind, grantId) {
      await orElse(
        () => redis.deleteByGrant(kind, grantId),
        async () => {},
      );
      await postgres.deleteByGrant(kind, grantId);
    },
    async insertOnce(kind, id, lifetime) {
      const first = await orElse(
        () => redis.insertOnce(kind, id, lifetime),
        async () => (await redis.get(kind, id)) === undefined,
      );
      // While Redis refuses, and as long after that as a mark counts, the marks in Postgres decide as well.
      return first && (!isRefusing() || postgres.insertOnce(kind, id, lifetime));
    },
  };

  function isRefusing(): boolean {
    return performance.now() < refusedUntil;
  }
}
