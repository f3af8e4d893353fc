import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { createBatch, createLookup } from '../../../src/domain/database/batch.ts';

/** Runs that a test ends when it likes. */
function heldRuns() {
  const runs: { items: unknown[]; end: () => void; fail: (error: Error) => void }[] = [];
  const run = <Item>(items: Item[]) =>
    new Promise<Item[]>((resolve, reject) => {
      runs.push({ items, end: () => resolve(items), fail: reject });
    });
  return { runs, run, items: () => runs.map((held) => held.items) };
}

const unavailable = expect.objectContaining({ code: 'temporarily_unavailable' });

test('what is asked within one tick goes in one run, and each gets its own answer', async () => {
  const { runs, run, items } = heldRuns();
  const enqueue = createBatch({ run, maxConcurrent: 1 });
  const answers = ['a', 'b', 'c'].map(enqueue);
  expect(items()).toEqual([]);
  await nextTick();
  expect(items()).toEqual([['a', 'b', 'c']]);
  runs[0]?.end();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
});

test('one run is under way at a time, and what comes meanwhile goes together in the next', async () => {
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

test('no more than so many runs are under way', async () => {
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

test('a run that fails fails its own items, and the next goes on', async () => {
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

test('who finds the queue full is told to come back, and the others are answered', async () => {
  const { runs, run } = heldRuns();
  const enqueue = createBatch({ run, maxConcurrent: 1, maxQueued: 2 });
  const answers = ['a', 'b'].map(enqueue);
  await expect(enqueue('c')).rejects.toEqual(unavailable);
  await nextTick();
  runs[0]?.end();
  expect(await Promise.all(answers)).toEqual(['a', 'b']);
});

test('the caller of a run that hangs, and those behind it, wait no longer than the deadline', async () => {
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

test('lookups of a tick that ask for the same key share one place', async () => {
  const { runs, run, items } = heldRuns();
  const load = createLookup<unknown>({ run, maxConcurrent: 1 });
  const answers = ['a', 'b', 'a'].map(load);
  await nextTick();
  expect(items()).toEqual([['a', 'b']]);
  runs[0]?.end();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'a']);
});

test('a lookup never joins one of an earlier tick, whose answer may be older than the question', async () => {
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

test('a lookup never joins one that set off within its tick, when an earlier run made room', async () => {
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
