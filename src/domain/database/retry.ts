import { isConnectionLost, isReadTimeout, isUnstorable } from '../../../db/errors.ts';
import { OAuthError, UnstorableValue } from '../../oauth/errors.ts';

/**
 * Runs a statement that may be run again. A pool hands out connections that a restarted server has
 * closed, so the first loss is tried again at once; a second one means that the database is away.
 */
export async function retryLostConnection<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    if (isReadTimeout(error)) throw databaseUnavailable(error);
    return await orUnavailable(run);
  }
}

/**
 * Runs a statement once; a lost connection becomes `temporarily_unavailable`, and a value that the database cannot
 * hold `invalid_request`.
 */
export async function orUnavailable<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (isUnstorable(cause)) throw new UnstorableValue(cause);
    throw isConnectionLost(cause) ? databaseUnavailable(cause) : cause;
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
    'The database cannot be reached at the moment; try again in a few seconds.',
    { cause },
  );
