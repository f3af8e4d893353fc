import { setTimeout as delay } from 'node:timers/promises';
import { codeFlood, codeGuesses } from '../../../config/attempts.ts';
import type { Limits } from '../../domain/limits/rate-limits.ts';

/**
 * Limits guesses of user codes (RFC 8628 §5.1). A code has 34 bits, and at any moment thousands may be waiting. A lookup
 * counts before it runs, so parallel guesses gain nothing, and is given back if it finds a code. `wait` takes
 * milliseconds.
 */
export function createCodeGuesses(
  limits: Limits,
  wait: (milliseconds: number) => Promise<unknown> = delay,
) {
  const byAccount = limits.limit('user code, account', codeGuesses.ofAccount);
  const bySession = limits.limit('user code, session', codeGuesses.ofSession);
  const ofAll = limits.limit('user code', { seconds: codeFlood.seconds });

  return {
    /** Throws LimitReached after too many codes that do not exist. */
    async guard<Found>(
      { id, account }: { id: string; account: { id: string } },
      look: () => Promise<Found | undefined>,
    ): Promise<Found | undefined> {
      await bySession.consume(id);
      try {
        await byAccount.consume(account.id);
      } catch (error) {
        await bySession.giveBack(id);
        throw error;
      }
      const excess = (await ofAll.count('all')) - codeFlood.free;
      if (excess > 0) await wait(Math.min(codeFlood.max, excess * codeFlood.each));
      const giveBack = () => Promise.all([byAccount.giveBack(account.id), bySession.giveBack(id)]);
      let found: Found | undefined;
      try {
        found = await look();
      } catch (error) {
        // Not a guess: the code exists, or could not be looked up.
        await giveBack();
        throw error;
      }
      if (found === undefined) await ofAll.consume('all');
      else await giveBack();
      return found;
    },
  };
}

export type CodeGuesses = ReturnType<typeof createCodeGuesses>;
