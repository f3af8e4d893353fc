import { setTimeout } from 'node:timers/promises';
import { attempts as allowed, slowing } from '../../../config/attempts.ts';
import { networkOf } from '../limits/ip-address.ts';
import type { Limits } from '../limits/rate-limits.ts';

/** Waits so many milliseconds. */
export type Delay = (milliseconds: number) => Promise<unknown>;

/** What has been counted for an attempt, until it is known how it went. Wrong ones stay counted. */
export interface Attempt {
  /** The password was right. */
  succeeded(): Promise<void>;
  /** It came to nothing, and was not the person's fault. */
  abandoned(): Promise<void>;
}

/**
 * Counts attempts to sign in before they are made, so that many at once get no further than one after
 * another. A stranger can use up their own address; nothing that they do keeps out a browser that the
 * account knows, and others they only slow down.
 */
export function createAttempts({
  limits,
  delay = setTimeout,
}: {
  limits: Limits;
  delay?: Delay | undefined;
}) {
  const ofAccountFromAddress = limits.limit('sign-in', allowed.ofAccountFromAddress);
  const fromAddress = limits.limit('sign-in-address', allowed.fromAddress);
  const fromKnownBrowser = limits.limit('sign-in-known', allowed.fromKnownBrowser);
  const atAccount = limits.limit('sign-in-account', { seconds: slowing.seconds });

  return {
    /** Throws LimitReached. `email` as the database compares it, whether or not an account has it. */
    async begin({
      email,
      ip,
      knownBrowser,
    }: {
      email: string;
      ip: string | undefined;
      /** The browser, where the account knows it. */
      knownBrowser: string | undefined;
    }): Promise<Attempt> {
      if (knownBrowser !== undefined) {
        const key = JSON.stringify([email, knownBrowser]);
        await fromKnownBrowser.consume(key);
        return {
          succeeded: () => fromKnownBrowser.reset(key),
          abandoned: () => fromKnownBrowser.giveBack(key),
        };
      }
      const network = networkOf(ip);
      const accountAndNetwork = JSON.stringify([email, network]);
      // This one first: who has used up their address makes no more keys, whatever accounts they name.
      await fromAddress.consume(network);
      await orElse(ofAccountFromAddress.consume(accountAndNetwork), () =>
        fromAddress.giveBack(network),
      );
      const count = await atAccount.consume(email);
      const wait = waitAfter(count - 1);
      if (wait > 0) await delay(wait);
      const giveBack = (first: Promise<void>): Promise<void> =>
        Promise.all([first, fromAddress.giveBack(network), atAccount.giveBack(email)]).then(
          () => {},
        );
      return {
        succeeded: () => giveBack(ofAccountFromAddress.reset(accountAndNetwork)),
        abandoned: () => giveBack(ofAccountFromAddress.giveBack(accountAndNetwork)),
      };
    },
  };
}

/** How long an attempt waits that follows so many wrong ones. */
export const waitAfter = (wrong: number): number =>
  wrong < slowing.free ? 0 : Math.min(slowing.max, slowing.first * 2 ** (wrong - slowing.free));

async function orElse(work: Promise<unknown>, undo: () => Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    await undo();
    throw error;
  }
}

export type Attempts = ReturnType<typeof createAttempts>;
