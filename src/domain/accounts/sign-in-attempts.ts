import { setTimeout } from 'node:timers/promises';
import { attempts as allowed, slowing } from '../../../config/attempts.ts';
import { networkOf } from '../limits/ip-address.ts';
import { type Limit, LimitReached, type Limits } from '../limits/rate-limits.ts';

/** Waits so many milliseconds. */
export type Delay = (milliseconds: number) => Promise<unknown>;

/** What has been counted for an attempt, until it is known how it went. Wrong ones stay counted. */
export interface Attempt {
  /** The password was right. */
  succeeded(): Promise<void>;
  /** It came to nothing, and was not the person's fault. */
  abandoned(): Promise<void>;
}

/** Too many passwords in a row were wrong for an account: browsers that it does not know have to wait for a right one. */
export class TooManyInARow extends LimitReached {}

/**
 * Counts attempts to sign in before they are made, so that many at once get no further than one after
 * another. A stranger can use up their own network, and slow down or end sign-ins from browsers that the account
 * does not know; nothing that they do keeps out one that it knows (NIST SP 800-63B §5.2.2).
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
  const inARow = limits.limit('sign-in-row', allowed.inARow);
  const rightOfAccount = limits.limit('sign-in-right', allowed.rightOfAccount);
  const rightFromAddress = limits.limit('sign-in-right-address', allowed.rightFromAddress);
  const inTurn = createTurns(delay);

  /** Ends the row of wrong passwords: the person is there. `email` as the database compares it. */
  const endRow = (email: string): Promise<void> => inARow.reset(email);

  /** Counts a right one. */
  const countRight = async (email: string, network: string): Promise<void> => {
    await Promise.all([
      countOne(rightOfAccount, email),
      countOne(rightFromAddress, network),
      endRow(email),
    ]);
  };

  return {
    endRow,

    /** Throws LimitReached and TooManyInARow. `email` as the database compares it, whether or not an account has it. */
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
      const network = networkOf(ip);
      await Promise.all([rightOfAccount.check(email), rightFromAddress.check(network)]);
      if (knownBrowser !== undefined) {
        const key = JSON.stringify([email, knownBrowser]);
        await fromKnownBrowser.consume(key);
        return {
          succeeded: () => all(fromKnownBrowser.reset(key), countRight(email, network)),
          abandoned: () => fromKnownBrowser.giveBack(key),
        };
      }
      const accountAndNetwork = JSON.stringify([email, network]);
      // What was counted, to be given back in case of a refusal.
      const counted: (() => Promise<void>)[] = [];
      const count = async (limit: Limit, key: string): Promise<number> => {
        const number = await limit.consume(key);
        counted.push(() => limit.giveBack(key));
        return number;
      };
      const giveBack = (): Promise<void> => all(...counted.splice(0).map((undo) => undo()));
      try {
        // This one first: who has used up their network creates no more keys, whatever accounts they name.
        await count(fromAddress, network);
        await count(ofAccountFromAddress, accountAndNetwork);
        await count(inARow, email).catch((error: unknown) => {
          throw error instanceof LimitReached ? new TooManyInARow(error.retryAfter) : error;
        });
        await inTurn(email, waitAfter((await count(atAccount, email)) - 1));
      } catch (error) {
        await giveBack();
        throw error;
      }
      return {
        succeeded: () =>
          all(
            ofAccountFromAddress.reset(accountAndNetwork),
            fromAddress.giveBack(network),
            atAccount.giveBack(email),
            countRight(email, network),
          ),
        abandoned: giveBack,
      };
    },
  };
}

/** How long an attempt waits that follows so many wrong ones. */
export const waitAfter = (wrong: number): number =>
  wrong < slowing.free ? 0 : Math.min(slowing.max, slowing.first * 2 ** (wrong - slowing.free));

/**
 * Lets those who wait at one account wait one after another, in this process. Throws LimitReached where the line is
 * longer than a browser waits for an answer, and where so many wait that they would take the places of other requests.
 */
function createTurns(delay: Delay) {
  const lines = new Map<string, { milliseconds: number; end: Promise<unknown> }>();
  let waiting = 0;
  return async (key: string, milliseconds: number): Promise<void> => {
    const line = lines.get(key) ?? { milliseconds: 0, end: Promise.resolve() };
    if (milliseconds === 0 && line.milliseconds === 0) return;
    if (line.milliseconds + milliseconds > slowing.longestLine)
      throw new LimitReached(Math.ceil(line.milliseconds / 1000));
    if (waiting >= slowing.mostWaiting) throw new LimitReached(Math.ceil(slowing.max / 1000));
    waiting++;
    lines.set(key, line);
    line.milliseconds += milliseconds;
    const mine = line.end.then(() => delay(milliseconds));
    line.end = mine.catch(() => {});
    try {
      await mine;
    } finally {
      waiting--;
      line.milliseconds -= milliseconds;
      if (line.milliseconds === 0) lines.delete(key);
    }
  };
}

/** Counts what was done already: it cannot be refused any more. */
const countOne = (limit: Limit, key: string): Promise<unknown> =>
  limit.consume(key).catch((error: unknown) => {
    if (!(error instanceof LimitReached)) throw error;
  });

const all = (...work: Promise<unknown>[]): Promise<void> => Promise.all(work).then(() => {});

export type Attempts = ReturnType<typeof createAttempts>;
