import { expect, test } from '@jest/globals';
import { onEachDatabase } from '../../../db/each-database.ts';
import { shelvesOf, thisWeek } from './weeks.ts';

onEachDatabase(
  (database) => {
    test('shelves whose week is over are detached, the oldest first and two a run', async () => {
      const { ensure, retire, attached } = shelvesOf(database());
      const over = [5, 4, 3, 2].map((weeks) => thisWeek() - weeks);
      await ensure(over);
      expect(await retire()).toEqual({ detached: over.slice(0, 2), dropped: [] });
      expect(await retire()).toEqual({ detached: over.slice(2), dropped: [] });
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await attached()).toHaveLength(60);
    });

    test('this week, the weeks to come and shelf 0 are never detached', async () => {
      const { retire, attached } = shelvesOf(database());
      const before = await attached();
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await attached()).toEqual(before);
    });

    test('a detached shelf is kept for a week, and then dropped', async () => {
      const { ensure, retire, exists, detachedDaysAgo } = shelvesOf(database());
      const shelf = thisWeek() - 3;
      await ensure([shelf]);
      await retire();
      await detachedDaysAgo(shelf, 6);
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await exists(shelf)).toBe(true);
      await detachedDaysAgo(shelf, 8);
      expect(await retire()).toEqual({ detached: [], dropped: [shelf] });
      expect(await exists(shelf)).toBe(false);
    });

    test('a shelf that was detached long ago is not dropped while its week is not over', async () => {
      const { retire, exists, detachWrongly, detachedDaysAgo, storedToken } = shelvesOf(database());
      const { id } = await storedToken(3600);
      await detachWrongly(id.shelf);
      await detachedDaysAgo(id.shelf, 365);
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      expect(await exists(id.shelf)).toBe(true);
    });

    test('a live shelf that was detached by mistake comes back with its tokens', async () => {
      const { makeAhead, retire, lookup, detachWrongly, storedToken } = shelvesOf(database());
      const token = await storedToken(3600);
      await detachWrongly(token.id.shelf);
      // One statement for several shelves sees those that are attached; what asks for one names its table.
      const elsewhere = { ...token.id, shelf: token.id.shelf + 1 };
      const together = await Promise.all([lookup(token.id), lookup(elsewhere)]);
      expect(together).toEqual([undefined, undefined]);
      expect(await lookup(token.id)).toMatchObject({ alive: true });
      await makeAhead();
      expect(await Promise.all([lookup(token.id), lookup(elsewhere)])).toMatchObject([
        { alive: true },
        undefined,
      ]);
      expect((await storedToken(3600)).id.shelf).toBe(token.id.shelf);
      expect(await retire()).toEqual({ detached: [], dropped: [] });
    });

    test('a live shelf that was detached by mistake comes back when a token is to be stored on it', async () => {
      const { lookup, detachWrongly, storedToken } = shelvesOf(database());
      const token = await storedToken(3600);
      await detachWrongly(token.id.shelf);
      await storedToken(3600);
      expect(await lookup(token.id)).toMatchObject({ alive: true });
    });

    test('a process that died between detaching a shelf and saying so is made good', async () => {
      const { ensure, retire, detachWrongly, exists, detachedDaysAgo } = shelvesOf(database());
      const shelf = thisWeek() - 3;
      await ensure([shelf]);
      await detachWrongly(shelf);
      await database()
        .kysely.updateTable('shelf')
        .set({ detached_at: null })
        .where('shelf', '=', shelf)
        .execute();
      expect(await retire()).toEqual({ detached: [], dropped: [] });
      await detachedDaysAgo(shelf, 8);
      expect(await retire()).toEqual({ detached: [], dropped: [shelf] });
      expect(await exists(shelf)).toBe(false);
    });

    test('a process that died between dropping a shelf and saying so is made good', async () => {
      const { ensure, retire, detachedDaysAgo, attached } = shelvesOf(database());
      const shelf = thisWeek() - 3;
      await ensure([shelf]);
      await retire();
      await database().kysely.schema.dropTable(`token_shelf_${shelf}`).execute();
      await detachedDaysAgo(shelf, 8);
      expect(await retire()).toEqual({ detached: [], dropped: [shelf] });
      await ensure([shelf]);
      expect(await attached()).toContain(shelf);
    });
  },
  { oneForEveryTest: true },
);
