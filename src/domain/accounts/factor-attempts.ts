import { attempts as allowed } from '../../../config/attempts.ts';
import { networkOf } from '../limits/ip-address.ts';
import { LimitReached, type Limits } from '../limits/rate-limits.ts';

/** A refused code of a second factor. */
export class FactorRefused extends Error {
  readonly reason: 'wrong' | 'limited';
  /** Seconds to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    reason: FactorRefused['reason'],
    { retryAfter, ...options }: ErrorOptions & { retryAfter?: number } = {},
  ) {
    super(reason === 'wrong' ? 'This code is not correct.' : 'Too many attempts.', options);
    this.name = 'FactorRefused';
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** Who tries a code: a person who has proven their password, or is signed in. */
export interface FactorAttempt {
  accountId: string;
  ip: string | undefined;
  /** Whether the account has signed in with its current password in this browser before. */
  isKnownBrowser: boolean;
  /** Whether codes can be guessed: those of an authenticator app have six digits. */
  isGuessable: boolean;
}

/**
 * Counts codes before they are verified, so that concurrent ones achieve no more than sequential ones. Only those who have
 * proven the password get this far, so strangers cannot use up the limits of an account.
 */
export function createFactorAttempts({ limits }: { limits: Limits }) {
  const fromAddress = limits.limit('factor', allowed.atFactorFromAddress);
  const fromKnownBrowser = limits.limit('factor-known', allowed.atFactorFromKnownBrowser);
  const inARow = limits.limit('factor-row', allowed.atFactorInARow);

  /** Counts an attempt, and returns what to do if it was right. Throws FactorRefused. */
  return async ({
    accountId,
    ip,
    isKnownBrowser,
    isGuessable,
  }: FactorAttempt): Promise<() => Promise<void>> => {
    const network = JSON.stringify([accountId, networkOf(ip)]);
    const [limit, key] = isKnownBrowser ? [fromKnownBrowser, accountId] : [fromAddress, network];
    try {
      await limit.consume(key);
      if (isGuessable && !isKnownBrowser) await inARow.consume(accountId);
    } catch (cause) {
      if (!(cause instanceof LimitReached)) throw cause;
      throw new FactorRefused('limited', { retryAfter: cause.retryAfter, cause });
    }
    return async () => {
      await Promise.all([limit.reset(key), inARow.reset(accountId)]);
    };
  };
}
