import { setTimeout } from 'node:timers/promises';
import { attempts as allowed, slowing, underAttack } from '../../../config/attempts.ts';
import { networkOf } from '../limits/ip-address.ts';
import { type Limit, LimitReached, type Limits } from '../limits/rate-limits.ts';

/** Waits for the given number of milliseconds. */
export type Delay = (milliseconds: number) => Promise<unknown>;

/** A counted attempt whose outcome is not yet known. Wrong attempts stay counted. */
export interface Attempt {
  /** There were many wrong passwords for the account, or from the network. Unknown browsers only. */
  isUnderAttack: boolean;
  /** The password was right. */
  succeeded(): Promise<void>;
  /** The attempt was not decided, for a reason that is not the person's fault. */
  abandoned(): Promise<void>;
}

/**
 * Too many wrong passwords in a row for an account: browsers that it does not know are refused until a correct one.
 */
export class TooManyInARow extends LimitReached {}

/**
 * Counts sign-in attempts before they are verified, so that concurrent attempts achieve no more than sequential
 * ones. Strangers can use up the limit of their own network, and slow down or block sign-ins from browsers that the
 * account does not know; they cannot lock out a browser that it knows (NIST SP 800-63B §5.2.2).
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

  /**
   * Resets the count of wrong passwords in a row, since the person has proven who they are. `email` is lowercased
   * by the database.
   */
  const resetWrongInARow = (email: string): Promise<void> => inARow.reset(email);

  /** Counts a correct password. */
  const countCorrect = async (email: string, network: string): Promise<void> => {
    await Promise.all([
      countAnyway(rightOfAccount, email),
      countAnyway(rightFromAddress, network),
      resetWrongInARow(email),
    ]);
  };

  return {
    resetWrongInARow,

    /**
     * Counts an attempt. Throws LimitReached and TooManyInARow. `email` is lowercased by the database, and need not
     * belong to an account.
     */
    async begin({
      email,
      ip,
      knownBrowser,
    }: {
      email: string;
      ip: string | undefined;
      /** The browser's id, if the account knows the browser. */
      knownBrowser: string | undefined;
    }): Promise<Attempt> {
      const network = networkOf(ip);
      await Promise.all([rightOfAccount.check(email), rightFromAddress.check(network)]);
      if (knownBrowser !== undefined) {
        const key = JSON.stringify([email, knownBrowser]);
        await fromKnownBrowser.consume(key);
        return {
          isUnderAttack: false,
          succeeded: () => all(fromKnownBrowser.reset(key), countCorrect(email, network)),
          abandoned: () => fromKnownBrowser.giveBack(key),
        };
      }
      const accountAndNetwork = JSON.stringify([email, network]);
      // Undo functions of the counts so far, run if the attempt is refused.
      const counted: (() => Promise<void>)[] = [];
      const count = async (limit: Limit, key: string): Promise<number> => {
        const number = await limit.consume(key);
        counted.push(() => limit.giveBack(key));
        return number;
      };
      let isUnderAttack = false;
      const giveBack = (): Promise<void> => all(...counted.splice(0).map((undo) => undo()));
      try {
        // First, so that a network that has used up its limit creates no more keys, for any account.
        const wrongFromNetwork = (await count(fromAddress, network)) - 1;
        await count(ofAccountFromAddress, accountAndNetwork);
        await count(inARow, email).catch((error: unknown) => {
          throw error instanceof LimitReached ? new TooManyInARow(error.retryAfter) : error;
        });
        const wrongAtAccount = (await count(atAccount, email)) - 1;
        isUnderAttack =
          wrongAtAccount >= underAttack.ofAccount || wrongFromNetwork >= underAttack.fromNetwork;
        await inTurn(email, waitAfter(wrongAtAccount));
      } catch (error) {
        await giveBack();
        throw error;
      }
      return {
        isUnderAttack,
        succeeded: () =>
          all(
            ofAccountFromAddress.reset(accountAndNetwork),
            fromAddress.giveBack(network),
            atAccount.giveBack(email),
            countCorrect(email, network),
          ),
        abandoned: giveBack,
      };
    },
  };
}

/** Milliseconds that an attempt is delayed after `wrong` wrong ones. */
export const waitAfter = (wrong: number): number =>
  wrong < slowing.free ? 0 : Math.min(slowing.max, slowing.first * 2 ** (wrong - slowing.free));

/**
 * Delays the attempts at one account one after another, in this process. Throws LimitReached if the queue is longer
 * than a browser waits for a response, or if so many attempts wait that they would take the places of other
 * requests.
 */
function createTurns(delay: Delay) {
  const lines = new Map<string, { milliseconds: number; end: Promise<unknown> }>();
  let waiting = 0;
  return async (key: string, milliseconds: number): Promise<void> => {
    const line = lines.get(key) ?? { milliseconds: 0, end: Promise.resolve() };
    if (milliseconds === 0 && line.milliseconds === 0) return;
    if (line.milliseconds + milliseconds > slowing.maxLine)
      throw new LimitReached(Math.ceil(line.milliseconds / 1000));
    if (waiting >= slowing.maxWaiting) throw new LimitReached(Math.ceil(slowing.max / 1000));
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

/** Counts something that has already happened; exceeding the limit is not an error. */
const countAnyway = (limit: Limit, key: string): Promise<unknown> =>
  limit.consume(key).catch((error: unknown) => {
    if (!(error instanceof LimitReached)) throw error;
  });

const all = (...work: Promise<unknown>[]): Promise<void> => Promise.all(work).then(() => {});

export type Attempts = ReturnType<typeof createAttempts>;
