import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createSemaphore, QueueFullError } from '../../src/crypto/semaphore.ts';

/** Work that a test ends when it likes. */
function heldWork() {
  const begun: string[] = [];
  const ends = new Map<string, { end: () => void; fail: () => void }>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      begun.push(name);
      ends.set(name, { end: () => resolve(name), fail: () => reject(new Error(name)) });
    });
  return {
    begun,
    work,
    end: (name: string) => ends.get(name)?.end(),
    fail: (name: string) => ends.get(name)?.fail(),
  };
}

test('no more than so many are let through at once, and the next in line follows', async () => {
  const { begun, work, end } = heldWork();
  const semaphore = createSemaphore({ maxConcurrent: 2, maxQueued: 10 });
  const results = ['a', 'b', 'c', 'd'].map((name) => semaphore(work(name)));
  await nextTick();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await nextTick();
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c']) end(name);
  await nextTick();
  end('d');
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails frees its place', async () => {
  const { begun, work, fail, end } = heldWork();
  const semaphore = createSemaphore({ maxConcurrent: 1, maxQueued: 10 });
  const failing = expect(semaphore(work('a'))).rejects.toThrow('a');
  const next = semaphore(work('b'));
  fail('a');
  await failing;
  await nextTick();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  expect(await next).toBe('b');
});

test('who finds too many waiting is told so at once, and does not take a place', async () => {
  const { begun, work, end } = heldWork();
  const semaphore = createSemaphore({ maxConcurrent: 1, maxQueued: 1 });
  const results = ['a', 'b'].map((name) => semaphore(work(name)));
  await expect(semaphore(work('c'))).rejects.toThrow(QueueFullError);
  end('a');
  await nextTick();
  const later = semaphore(work('d'));
  end('b');
  await nextTick();
  end('d');
  expect(await Promise.all([...results, later])).toEqual(['a', 'b', 'd']);
  expect(begun).toEqual(['a', 'b', 'd']);
});

test('nobody slips in between the one who leaves and the next in line', async () => {
  const { begun, work, end } = heldWork();
  const semaphore = createSemaphore({ maxConcurrent: 1, maxQueued: 10 });
  const first = semaphore(work('a'));
  const second = semaphore(work('b'));
  end('a');
  const third = first.then(() => semaphore(work('c')));
  await nextTick();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await nextTick();
  end('c');
  expect(await Promise.all([first, second, third])).toEqual(['a', 'b', 'c']);
});
