import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { currentWait, withWaitBudget } from '../../db/deadline.ts';
import { confirmChanges } from '../../src/confirm-changes.ts';
import { markReadOnly } from '../../src/http/read-only.ts';

/** How often a POST with this handler waits for the disk. */
const waitsFor = async (run: (ctx: Context) => void): Promise<number> => {
  let waits = 0;
  const confirm = async () => {
    waits++;
  };
  const ctx = { method: 'POST', path: '/graphql', status: 200, req: {} } as Context;
  await withWaitBudget(() =>
    confirmChanges(confirm)(ctx, async () => {
      currentWait()?.begin();
      await setImmediate();
      currentWait()?.end();
      run(ctx);
    }),
  );
  return waits;
};

test('a request that only read waits for no disk, and one that may have found a change does', async () => {
  expect(await waitsFor(() => {})).toBe(1);
  expect(await waitsFor(markReadOnly)).toBe(0);
});
