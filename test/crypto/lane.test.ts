import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLane, QueueFullError } from '../../src/crypto/lane.ts';

/** Tasks that run until the test settles them. */
function controlledWork() {
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

test('runs at most maxConcurrent tasks at once, and the next in line follows', async () => {
  const { begun, work, end } = controlledWork();
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

test('a failing task frees its slot', async () => {
  const { begun, work, fail, end } = controlledWork();
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

test('a full queue refuses at once, and the refused task takes no slot', async () => {
  const { begun, work, end } = controlledWork();
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

test('a new task cannot overtake the next in line when a slot becomes free', async () => {
  const { begun, work, end } = controlledWork();
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

test('the first task of any key runs before the second of another', async () => {
  const { begun, work, end } = controlledWork();
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

test('a full queue drops the newest task of the busiest key for a key without tasks', async () => {
  const { begun, work, end } = controlledWork();
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

test('a key cannot exceed its maximum by varying the other keys', async () => {
  const { work, end } = controlledWork();
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
