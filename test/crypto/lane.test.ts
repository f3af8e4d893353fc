import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLane, QueueFullError } from '../../src/crypto/lane.ts';

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
  const lane = createLane({ maxConcurrent: 2, maxQueued: 10, maxOfOne: {} });
  const results = ['a', 'b', 'c', 'd'].map((name) => lane({}, work(name)));
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
  const lane = createLane({ maxConcurrent: 1, maxQueued: 10, maxOfOne: {} });
  const failing = expect(lane({}, work('a'))).rejects.toThrow('a');
  const next = lane({}, work('b'));
  fail('a');
  await failing;
  await nextTick();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  expect(await next).toBe('b');
});

test('who finds too many waiting is told so at once, and does not take a place', async () => {
  const { begun, work, end } = heldWork();
  const lane = createLane({ maxConcurrent: 1, maxQueued: 1, maxOfOne: {} });
  const results = ['a', 'b'].map((name) => lane({}, work(name)));
  await expect(lane({}, work('c'))).rejects.toThrow(QueueFullError);
  end('a');
  await nextTick();
  const later = lane({}, work('d'));
  end('b');
  await nextTick();
  end('d');
  expect(await Promise.all([...results, later])).toEqual(['a', 'b', 'd']);
  expect(begun).toEqual(['a', 'b', 'd']);
});

test('nobody slips in between the one who leaves and the next in line', async () => {
  const { begun, work, end } = heldWork();
  const lane = createLane({ maxConcurrent: 1, maxQueued: 10, maxOfOne: {} });
  const first = lane({}, work('a'));
  const second = lane({}, work('b'));
  end('a');
  const third = first.then(() => lane({}, work('c')));
  await nextTick();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await nextTick();
  end('c');
  expect(await Promise.all([first, second, third])).toEqual(['a', 'b', 'c']);
});

test('the first of each goes before the second of any', async () => {
  const { begun, work, end } = heldWork();
  const lane = createLane({ maxConcurrent: 1, maxQueued: 10, maxOfOne: {} });
  const of = (network: string, name: string) => lane({ network, account: name }, work(name));
  const results = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => of(name.slice(0, 1), name));
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) {
    await nextTick();
    end(name);
  }
  await Promise.all(results);
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('where the queue is full, the newest of the busiest gives way to one that has nothing in it', async () => {
  const { begun, work, end } = heldWork();
  const lane = createLane({ maxConcurrent: 1, maxQueued: 3, maxOfOne: {} });
  const flood = ['a1', 'a2', 'a3', 'a4'].map((name) => lane({ network: 'a' }, work(name)));
  const last = expect(flood[3]).rejects.toThrow(QueueFullError);
  const quiet = lane({ network: 'b' }, work('b1'));
  await last;
  await expect(lane({ network: 'a' }, work('a5'))).rejects.toThrow(QueueFullError);
  for (const name of ['a1', 'b1', 'a2', 'a3']) {
    await nextTick();
    end(name);
  }
  await Promise.all([...flood.slice(0, 3), quiet]);
  expect(begun).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('one key has no more in the lane than it may, under whatever other keys it comes', async () => {
  const { work, end } = heldWork();
  const lane = createLane({ maxConcurrent: 1, maxQueued: 10, maxOfOne: { account: 2 } });
  const of = (network: string, name: string) => lane({ account: 'ada', network }, work(name));
  const results = [of('a', '1'), of('b', '2')];
  await expect(of('c', '3')).rejects.toThrow(QueueFullError);
  end('1');
  await results[0];
  const third = of('c', '3');
  await nextTick();
  end('2');
  await nextTick();
  end('3');
  expect(await Promise.all([...results, third])).toEqual(['1', '2', '3']);
});
