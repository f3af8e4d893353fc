import { type HashTurn, QueueFullError } from '../../crypto/password.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { networkOf } from '../limits/ip-address.ts';

/** Hashes or verifies a password. Throws `temporarily_unavailable` if too many are waiting for that. */
export async function unlessQueueFull<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof QueueFullError)) throw cause;
    throw new OAuthError(
      'temporarily_unavailable',
      'Too many passwords are being checked at the moment; try again in a few seconds.',
      { cause },
    );
  }
}

/** The turn of a person who is signed in, whose browser the account knows, or who has a link. */
export const turnOfPerson = (account: string, ip: string | undefined): HashTurn => ({
  lane: 'people',
  account,
  network: networkOf(ip),
});

/**
 * The turn of whoever tries to sign in from a browser that the account does not know. `email` as the database
 * compares it, whether or not an account has it.
 */
export const turnOfStranger = (email: string, ip: string | undefined): HashTurn => ({
  lane: 'strangers',
  account: email,
  network: networkOf(ip),
});
