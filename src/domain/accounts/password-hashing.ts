import { QueueFullError } from '../../crypto/password.ts';
import { OAuthError } from '../../oauth/errors.ts';

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
