/** Reads what a database error means, by SQLSTATE or, for a lost connection, by the words of the driver. */

const code = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/**
 * The database is away, or went away while it was asked: the same statement may work in a moment.
 * What it wrote may or may not be there.
 */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionLost);
  return (
    /^(08...|57P0[1-3]|57014|53300|25006)$/.test(code(error)) ||
    /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/.test(
      code(error),
    ) ||
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|not queryable/i.test(
      error.message,
    )
  );
}

/** The database was asked and has not answered in time: asking again would double the wait. */
export const isReadTimeout = (error: unknown): boolean =>
  code(error) === '57014' || (error instanceof Error && error.message === 'Query read timeout');

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
