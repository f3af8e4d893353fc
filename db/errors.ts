/** Reads what a database error means, by SQLSTATE or, for a lost connection, by the words of the driver. */
import { WaitTooLongError } from './deadline.ts';

const code = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/**
 * The connection is gone, or of no use any more. What was sent on it may or may not have happened. 25006: the server
 * behind it became a standby.
 */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionLost);
  return (
    /^(08...|57P0[1-5]|25006)$/.test(code(error)) ||
    /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/.test(
      code(error),
    ) ||
    /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|not queryable/i.test(
      error.message,
    )
  );
}

/** The database was asked and has not answered in time: asking again would double the wait. */
export const isTimeout = (error: unknown): boolean =>
  error instanceof WaitTooLongError || code(error) === '57014';

/**
 * Postgres cannot do this now, for want of disk, memory or connections (class 53, 58030), or since another transaction
 * was in the way (class 40, 55P03). The connection is as good as before.
 */
export const isOutOfResources = (error: unknown): boolean =>
  /^(53...|58030|40001|40P01|55P03)$/.test(code(error));

/** The same statement may work in a moment. What it wrote may or may not be there. */
export const isUnavailable = (error: unknown): boolean =>
  isConnectionLost(error) || isTimeout(error) || isOutOfResources(error);

/** A row for a partition that does not exist. */
export const isMissingPartition = (error: unknown): boolean =>
  code(error) === '23514' && /no partition of relation/.test((error as Error).message);

/** A table that does not exist: the partition of a token, once it was dropped. */
export const isMissingTable = (error: unknown): boolean => code(error) === '42P01';

/**
 * A value that the database cannot hold: text with a NUL or of another encoding, a number or a time out of range, a
 * text too long for its index. What comes in is checked before; this is for what slipped through.
 */
export const isUnstorable = (error: unknown): boolean =>
  /^(22001|22003|22008|22021|22P05|54000)$/.test(code(error));

/** A row that is there already. */
export const isUniqueViolation = (error: unknown): boolean => code(error) === '23505';
