import { expect, test } from '@jest/globals';
import { onEachDatabase } from '../../../db/each-database.ts';
import { partitionsOf, thisWeek } from './weeks.ts';

onEachDatabase(
  (database) => {
    test('partitions whose week has passed are detached, the oldest first and two per run', async () => {
      const { ensure, retire, attached } = partitionsOf(database());
      const over = [5, 4, 3, 2].map((weeks) => thisWeek() - weeks);
      await ensure(over);
      expect(await retire()).toEqual({ detached: over.slice(0, 2), dropped: [] });
      expect(await retire()).toEqual({ detached: over.slice(2), dropped: [] });
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await attached()).toHaveLength(60);
    });

    test('this week, future weeks and partition 0 are never detached', async () => {
      const { retire, attached } = partitionsOf(database());
      const before = await attached();
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await attached()).toEqual(before);
    });

    test('a detached partition is kept for a week, and then dropped', async () => {
      const { ensure, retire, exists, detachedDaysAgo } = partitionsOf(database());
      const partition = thisWeek() - 3;
      await ensure([partition]);
      await retire();
      await detachedDaysAgo(partition, 6);
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await exists(partition)).toBe(true);
      await detachedDaysAgo(partition, 8);
      expect(await retire()).toEqual({ detached: [], dropped: [partition] });
      expect(await exists(partition)).toBe(false);
    });

    test('a partition that was detached long ago is not dropped before its week has passed', async () => {
      const { retire, exists, detachWrongly, detachedDaysAgo, storedToken } = partitionsOf(
        database(),
      );
      const { id } = await storedToken(3600);
      await detachWrongly(id.partition);
      await detachedDaysAgo(id.partition, 365);
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await exists(id.partition)).toBe(true);
    });

    test('a current partition that was detached by mistake is attached again with its tokens', async () => {
      const { createAhead, retire, lookup, detachWrongly, storedToken } = partitionsOf(database());
      const token = await storedToken(3600);
      await detachWrongly(token.id.partition);
      // A statement for several partitions sees only attached ones; one for a single partition uses its table.
      const elsewhere = { ...token.id, partition: token.id.partition + 1 };
      const together = await Promise.all([lookup(token.id), lookup(elsewhere)]);
      expect(together).toEqual([undefined, undefined]);
      expect(await lookup(token.id)).toMatchObject({ alive: true });
      await createAhead();
      expect(await Promise.all([lookup(token.id), lookup(elsewhere)])).toMatchObject([
        { alive: true },
        undefined,
      ]);
      expect((await storedToken(3600)).id.partition).toBe(token.id.partition);
      expect(await retire()).toEqual({ detached: [], dropped: [] });
    });

    test('a current partition that was detached by mistake is attached again when a token is stored in it', async () => {
      const { lookup, detachWrongly, storedToken } = partitionsOf(database());
      const token = await storedToken(3600);
      await detachWrongly(token.id.partition);
      await storedToken(3600);
      expect(await lookup(token.id)).toMatchObject({ alive: true });
    });

    test('a crash between detaching a partition and recording that is repaired', async () => {
      const { ensure, retire, detachWrongly, exists, detachedDaysAgo } = partitionsOf(database());
      const partition = thisWeek() - 3;
      await ensure([partition]);
      await detachWrongly(partition);
      await database()
        .kysely.updateTable('shelf')
        .set({ detached_at: null })
        .where('shelf', '=', partition)
        .execute();
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      await detachedDaysAgo(partition, 8);
      expect(await retire()).toEqual({ detached: [], dropped: [partition] });
      expect(await exists(partition)).toBe(false);
    });

    test('a crash between dropping a partition and recording that is repaired', async () => {
      const { ensure, retire, detachedDaysAgo, attached } = partitionsOf(database());
      const partition = thisWeek() - 3;
      await ensure([partition]);
      await retire();
      await database().kysely.schema.dropTable(`token_shelf_${partition}`).execute();
      await detachedDaysAgo(partition, 8);
      expect(await retire()).toEqual({ detached: [], dropped: [partition] });
      await ensure([partition]);
      expect(await attached()).toContain(partition);
    });
  },
  { oneForEveryTest: true },
);
