import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { createBatch, createLookup } from '../../../src/domain/database/batch.ts';

/** Runs that stay pending until the test settles them. */
function heldRuns() {
  const runs: { items: unknown[]; end: () => void; fail: (error: Error) => void }[] = [];
  const run = <Item>(items: Item[]) =>
    new Promise<Item[]>((resolve, reject) => {
      runs.push({ items, end: () => resolve(items), fail: reject });
    });
  return { runs, run, items: () => runs.map((held) => held.items) };
}

const unavailable = expect.objectContaining({ code: 'temporarily_unavailable' });

test('calls of one tick share one run, and each gets its own result', async () => {
  const { runs, run, items } = heldRuns();
  const enqueue = createBatch({ run, maxConcurrent: 1 });
  const answers = ['a', 'b', 'c'].map(enqueue);
  expect(items()).toEqual([]);
  await nextTick();
  expect(items()).toEqual([['a', 'b', 'c']]);
  runs[0]?.end();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
});

test('with one run at a time, calls made meanwhile share the next one', async () => {
  const { runs, run, items } = heldRuns();
  const enqueue = createBatch({ run, maxConcurrent: 1 });
  const first = enqueue('a');
  await nextTick();
  const later = [enqueue('b')];
  await nextTick();
  later.push(enqueue('c'));
  await nextTick();
  expect(items()).toEqual([['a']]);
  runs[0]?.end();
  await first;
  await nextTick();
  expect(items()).toEqual([['a'], ['b', 'c']]);
  runs[1]?.end();
  expect(await Promise.all(later)).toEqual(['b', 'c']);
});

test('the number of concurrent runs is limited', async () => {
  const { runs, run, items } = heldRuns();
  const enqueue = createBatch({ run, maxConcurrent: 2, batchSize: 2 });
  const answers = ['a', 'b', 'c', 'd', 'e'].map(enqueue);
  await nextTick();
  expect(items()).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  runs[1]?.end();
  await answers[2];
  await nextTick();
  expect(items()[2]).toEqual(['e']);
  for (const { end } of runs) end();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a failing run fails only its own items, and the next one runs', async () => {
  const { runs, run } = heldRuns();
  const enqueue = createBatch({ run, maxConcurrent: 1 });
  const failing = [enqueue('a'), enqueue('b')].map((answer) =>
    expect(answer).rejects.toThrow('broken'),
  );
  await nextTick();
  const next = enqueue('c');
  runs[0]?.fail(new Error('broken'));
  await Promise.all(failing);
  await nextTick();
  runs[1]?.end();
  expect(await next).toBe('c');
});

test('a full queue refuses further calls, and the others get their results', async () => {
  const { runs, run } = heldRuns();
  const enqueue = createBatch({ run, maxConcurrent: 1, maxQueued: 2 });
  const answers = ['a', 'b'].map(enqueue);
  await expect(enqueue('c')).rejects.toEqual(unavailable);
  await nextTick();
  runs[0]?.end();
  expect(await Promise.all(answers)).toEqual(['a', 'b']);
});

test('callers of a hanging run, and those queued behind it, wait no longer than the deadline', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  try {
    const { runs, run, items } = heldRuns();
    const enqueue = createBatch({ run, maxConcurrent: 1, deadline: 5_000 });
    const hanging = enqueue('a');
    hanging.catch(() => {});
    await nextTick();
    const late = expect(enqueue('b')).rejects.toEqual(unavailable);
    await nextTick();
    await jest.advanceTimersByTimeAsync(4_000);
    const inTime = enqueue('c');
    await jest.advanceTimersByTimeAsync(2_000);
    await late;
    await expect(hanging).rejects.toEqual(unavailable);
    runs[0]?.end();
    await nextTick();
    expect(items()[1]).toEqual(['c']);
    runs[1]?.end();
    expect(await inTime).toBe('c');
  } finally {
    jest.useRealTimers();
  }
});

test('lookups of the same key in one tick share one item', async () => {
  const { runs, run, items } = heldRuns();
  const load = createLookup<unknown>({ run, maxConcurrent: 1 });
  const answers = ['a', 'b', 'a'].map(load);
  await nextTick();
  expect(items()).toEqual([['a', 'b']]);
  runs[0]?.end();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'a']);
});

test('a lookup never joins one of an earlier tick, whose result may be older than the call', async () => {
  const { runs, run, items } = heldRuns();
  const load = createLookup<unknown>({ run, maxConcurrent: 2 });
  const first = load('a');
  await nextTick();
  const second = load('a');
  await nextTick();
  expect(items()).toEqual([['a'], ['a']]);
  for (const { end } of runs) end();
  expect(await Promise.all([first, second])).toEqual(['a', 'a']);
});

test('a lookup never joins one that has started within the same tick', async () => {
  const { runs, run, items } = heldRuns();
  const load = createLookup<unknown>({ run, maxConcurrent: 1 });
  const earlier = load('a');
  await nextTick();
  const first = load('b');
  runs[0]?.end();
  await earlier;
  await Promise.resolve();
  expect(items()).toEqual([['a'], ['b']]);
  const second = load('b');
  await nextTick();
  runs[1]?.end();
  await first;
  await nextTick();
  expect(items()).toEqual([['a'], ['b'], ['b']]);
  runs[2]?.end();
  expect(await second).toBe('b');
});
