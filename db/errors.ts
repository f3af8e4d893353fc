/** Classifies database errors by SQLSTATE or, for lost connections, by the driver's messages. */
import { WaitTooLongError } from './deadline.ts';

const code = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/**
 * The connection is lost or unusable. Whether a sent statement took effect is unknown. 25006: the server behind the
 * connection became a standby.
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

/** The database did not respond in time. A retry would double the wait. */
export const isTimeout = (error: unknown): boolean =>
  error instanceof WaitTooLongError || code(error) === '57014';

/** Another transaction kept a lock for longer than `lock_timeout`. */
export const isLockTimeout = (error: unknown): boolean => code(error) === '55P03';

/**
 * Postgres lacks disk space, memory or connections (class 53, 58030), or another transaction interfered (class 40,
 * 55P03). The connection stays usable.
 */
export const isOutOfResources = (error: unknown): boolean =>
  /^(53...|58030|40001|40P01|55P03)$/.test(code(error));

/** The same statement can succeed a moment later. Whether it already took effect is unknown. */
export const isUnavailable = (error: unknown): boolean =>
  isConnectionLost(error) || isTimeout(error) || isOutOfResources(error);

/** The partition of a row does not exist. */
export const isMissingPartition = (error: unknown): boolean =>
  code(error) === '23514' && /no partition of relation/.test((error as Error).message);

/** A table does not exist, such as the dropped partition of a token. */
export const isMissingTable = (error: unknown): boolean => code(error) === '42P01';

/**
 * A value that the database cannot store: text with a NUL or in another encoding, a number or time out of range, a text
 * too long for an index. Input is validated earlier; this detects gaps in the validation.
 */
export const isUnstorable = (error: unknown): boolean =>
  /^(22001|22003|22008|22021|22P05|54000)$/.test(code(error));

/** The row already exists. */
export const isUniqueViolation = (error: unknown): boolean => code(error) === '23505';
