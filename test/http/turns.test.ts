import { describe, expect, test } from '@jest/globals';
import { createTurns } from '../../src/http/turns.ts';

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('requests that begin in turns of the event loop', () => {
  test('below the bound they begin at once', () => {
    const begun: number[] = [];
    const inTurn = createTurns(2);
    for (const each of [1, 2]) inTurn(() => begun.push(each));
    expect(begun).toEqual([1, 2]);
  });

  test('beyond it they begin in later turns, at most as many in each, in the order of their arrival', async () => {
    const begun: number[] = [];
    const inTurn = createTurns(2);
    for (const each of [1, 2, 3, 4, 5]) inTurn(() => begun.push(each));
    const perTurn = [begun.length];
    for (; begun.length < 5; perTurn.push(begun.length)) await nextTurn();
    expect(perTurn).toEqual([2, 4, 5]);
    expect(begun).toEqual([1, 2, 3, 4, 5]);
  });

  test('one that arrives while others wait begins after them', async () => {
    const begun: number[] = [];
    const inTurn = createTurns(1);
    inTurn(() => begun.push(1));
    inTurn(() => begun.push(2));
    await nextTurn();
    inTurn(() => begun.push(3));
    expect(begun).toEqual([1, 2]);
    await nextTurn();
    expect(begun).toEqual([1, 2, 3]);
    await nextTurn();
    inTurn(() => begun.push(4));
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  test('while connections arrive, 16 are accepted before further requests begin', async () => {
    let arriving = 20;
    const begun: number[] = [];
    const inTurn = createTurns(1, () => arriving-- > 0);
    for (const each of [1, 2, 3]) inTurn(() => begun.push(each));
    const turns: number[] = [];
    for (let turn = 0; begun.length < 3; turn++) {
      const before = begun.length;
      await nextTurn();
      if (begun.length > before) turns.push(turn);
    }
    // The last 4 of 20, and then none.
    expect(turns).toEqual([15, 20]);
  });
});
