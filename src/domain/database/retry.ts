import { isOutOfResources, isUnavailable, isUnstorable } from '../../../db/errors.ts';
import { OAuthError, UnstorableValue } from '../../oauth/errors.ts';

/**
 * Runs work on the database; what keeps it from its end for now becomes `temporarily_unavailable`. It runs once: what
 * may be sent again is sent again by the pool (`db/postgres/pool.ts`). A value that the database cannot hold becomes
 * `invalid_request`.
 */
export async function orUnavailable<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (isUnstorable(cause)) throw new UnstorableValue(cause);
    throw isUnavailable(cause) ? databaseUnavailable(cause) : cause;
  }
}

/** Runs a command of Redis; whatever keeps it from an answer becomes `temporarily_unavailable`. */
export async function orRedisUnavailable<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    throw new OAuthError(
      'temporarily_unavailable',
      'A part of the server cannot be reached at the moment; try again in a few seconds.',
      { cause },
    );
  }
}

export const databaseUnavailable = (cause: unknown): OAuthError =>
  new OAuthError(
    'temporarily_unavailable',
    isOutOfResources(cause)
      ? 'The database has no room or no time for this at the moment; try again in a few seconds.'
      : 'The database cannot be reached at the moment; try again in a few seconds.',
    { cause },
  );
