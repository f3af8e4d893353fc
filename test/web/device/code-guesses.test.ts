import { expect, test } from '@jest/globals';
import { codeFlood, codeGuesses } from '../../../config/attempts.ts';
import { LimitReached } from '../../../src/domain/limits/rate-limits.ts';
import { createCodeGuesses } from '../../../src/web/device/code-guesses.ts';
import { onEveryStack } from '../../support/stacks.ts';

onEveryStack((stack) => {
  const of = (name: string) => ({ id: `session of ${name}`, account: { id: name } });
  const guessing = () => {
    const waits: number[] = [];
    const guesses = createCodeGuesses(stack().domain.limits, async (wait) => waits.push(wait));
    return { waits, guesses };
  };
  const nothing = async () => undefined;

  test('of a hundred wrong ones at once, no more are looked up than of one after another', async () => {
    const { guesses } = guessing();
    let looked = 0;
    const look = async () => {
      looked++;
      return undefined;
    };
    const seen = await Promise.allSettled(
      Array.from({ length: 100 }, () => guesses.guard(of('parallel'), look)),
    );
    expect(looked).toBe(codeGuesses.ofSession.points);
    for (const result of seen)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(LimitReached);
  });

  test('another session of the same person has its own, up to those of the account', async () => {
    const { guesses } = guessing();
    let looked = 0;
    for (let session = 0; session < 5; session++)
      for (let tries = 0; tries < 20; tries++)
        await guesses
          .guard({ id: `${session}`, account: { id: 'several' } }, async () => {
            looked++;
            return undefined;
          })
          .catch(() => {});
    expect(looked).toBe(codeGuesses.ofAccount.points);
  });

  test('what is there is no guess, nor is what could not be looked up', async () => {
    const { guesses } = guessing();
    for (let tries = 0; tries < 50; tries++) {
      expect(await guesses.guard(of('right'), async () => 'found')).toBe('found');
      await expect(
        guesses.guard(of('right'), async () => {
          throw new Error('away');
        }),
      ).rejects.toThrow('away');
    }
  });

  test('while many guess, each look-up waits, longer the more there are, and never longer than the most', async () => {
    const { waits, guesses } = guessing();
    let person = 0;
    for (let guess = 0; guess < codeFlood.free + 300; guess++)
      await guesses.guard(of(`person ${guess % 2 === 0 ? ++person : person}`), nothing);
    await guesses.guard(of('somebody else'), async () => 'found');
    expect(waits.length).toBeGreaterThan(100);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(-1)).toBe(codeFlood.max);
  });
});
