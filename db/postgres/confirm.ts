/**
 * WAITING AS A WRITE DOES. A commit waits for the disk and for a synchronous standby only where its transaction has
 * written something. One that finds a change made already has not, though the change may be that of a transaction
 * that still waits: a backend that is ended while it waits has committed, and everyone can see what it did. So what
 * would answer "already so" writes one record into the log, and its commit waits for that and for all before it.
 * A transaction id alone is not enough: Postgres waits where the log was written to (RecordTransactionCommit).
 */

/** Waits, by itself. */
export const confirmText = `select pg_logical_emit_message(true, 'writ', '')`;

/** Commits, and waits where nothing was written too. One round trip. */
export const confirmedCommit = `${confirmText} where pg_current_xact_id_if_assigned() is null; commit`;

/** Takes back, and waits for what others wrote: a refusal can tell of it ("exists already", "is not there"). */
export const confirmedRollback = `rollback; ${confirmText}`;

/**
 * Whether a notice says that a commit stopped waiting for the standby: Postgres calls that a success with a warning.
 * The name of the function is the same in every language.
 */
export const isUnconfirmed = (notice: unknown): boolean =>
  (notice as { routine?: string } | null)?.routine === 'SyncRepWaitForLSN';
