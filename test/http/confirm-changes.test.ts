import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { currentWait, withWaitBudget } from '../../db/deadline.ts';
import { confirmChanges } from '../../src/confirm-changes.ts';
import { markReadOnly } from '../../src/http/read-only.ts';

/** How often the disk is waited for after a POST that asked the database, and did this. */
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

test('a request that says that it only read waits for no disk, and one that may have found a change does', async () => {
  expect(await waitsFor(() => {})).toBe(1);
  expect(await waitsFor(markReadOnly)).toBe(0);
});
