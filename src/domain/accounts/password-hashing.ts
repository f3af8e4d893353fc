import { type HashLane, QueueFullError } from '../../crypto/password.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { networkOf } from '../limits/ip-address.ts';

/** Runs a password hash or verification. Throws `temporarily_unavailable` if its lane is full. */
export async function unlessQueueFull<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof QueueFullError)) throw cause;
    throw new OAuthError(
      'temporarily_unavailable',
      'Too many passwords are being checked at the moment. Try again in a few seconds.',
      { cause },
    );
  }
}

/** Lane of a person who is signed in, uses a browser that the account knows, or follows a link. */
export const laneOfPerson = (account: string, ip: string | undefined): HashLane => ({
  lane: 'people',
  account,
  network: networkOf(ip),
});

/**
 * Lane of a sign-in from a browser that the account does not know. `email` is lowercased by the database, and need
 * not belong to an account.
 */
export const laneOfStranger = (email: string, ip: string | undefined): HashLane => ({
  lane: 'strangers',
  account: email,
  network: networkOf(ip),
});
