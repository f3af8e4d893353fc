import { isOutOfResources, isUnavailable, isUnstorable } from '../../../db/errors.ts';
import { OAuthError, UnstorableValue } from '../../oauth/errors.ts';

/**
 * Runs work on the database once; temporary failures become `temporarily_unavailable`. Retries happen in the pool,
 * for statements that are safe to repeat (`db/postgres/pool.ts`). A value that the database cannot store becomes
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

/** Runs a Redis command; any failure becomes `temporarily_unavailable`. */
export async function orRedisUnavailable<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    throw new OAuthError(
      'temporarily_unavailable',
      'A part of the server is unreachable at the moment. Try again in a few seconds.',
      { cause },
    );
  }
}

/** The error for a database that is unreachable or out of resources. */
export const databaseUnavailable = (cause: unknown): OAuthError =>
  new OAuthError(
    'temporarily_unavailable',
    isOutOfResources(cause)
      ? 'The database is out of resources at the moment. Try again in a few seconds.'
      : 'The database is unreachable at the moment. Try again in a few seconds.',
    { cause },
  );
