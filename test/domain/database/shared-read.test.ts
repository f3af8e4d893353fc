import { expect, test } from '@jest/globals';
import { sharedRead } from '../../../src/domain/database/shared-read.ts';

/** A read that is completed by hand. */
function makeRead() {
  const runs: { answer: (value: number) => void; fail: (error: Error) => void }[] = [];
  const read = sharedRead(
    () =>
      new Promise<number>((answer, fail) => {
        runs.push({ answer, fail });
      }),
  );
  return { runs, read };
}

test('callers that arrive during a read share the next one, which begins after they asked', async () => {
  const { runs, read } = makeRead();
  const first = read();
  const others = [read(), read(), read()];
  expect(runs).toHaveLength(1);
  runs[0]?.answer(1);
  expect(await first).toBe(1);
  // The next run begins once the first has ended.
  await Promise.resolve();
  expect(runs).toHaveLength(2);
  runs[1]?.answer(2);
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
});

test('a failed read fails its callers only, and the next one runs', async () => {
  const { runs, read } = makeRead();
  const first = read();
  const second = read();
  runs[0]?.fail(new Error('unreachable'));
  await expect(first).rejects.toThrow('unreachable');
  await Promise.resolve();
  runs[1]?.answer(2);
  expect(await second).toBe(2);
  const third = read();
  expect(runs).toHaveLength(3);
  runs[2]?.answer(3);
  expect(await third).toBe(3);
});
