/**
 * CONFIRMATION OF READS. A commit waits for the disk and for a synchronous standby only if its transaction wrote
 * something. A transaction that finds its change already made wrote nothing, although that change can belong to a
 * transaction that is still waiting: if a backend is terminated while it waits, its commit is visible but not replicated.
 * A response "already done" therefore writes one record to the log first, and its commit waits for that record and for
 * all before it. A transaction id is not enough: Postgres waits only if the transaction wrote to the log
 * (RecordTransactionCommit).
 */

/** Waits, as a statement of its own. */
export const confirmText = `select pg_logical_emit_message(true, 'writ', '')`;

/** Commits, and waits even if nothing was written. One round trip. */
export const confirmedCommit = `${confirmText} where pg_current_xact_id_if_assigned() is null; commit`;

/** Rolls back, and waits for the writes of others, which a refusal can report ("already exists", "not found"). */
export const confirmedRollback = `rollback; ${confirmText}`;

/**
 * Whether a notice says that a commit stopped waiting for the standby, which Postgres reports as a success with a
 * warning. The name of the routine does not depend on the language.
 */
export const isUnconfirmed = (notice: unknown): boolean =>
  (notice as { routine?: string } | null)?.routine === 'SyncRepWaitForLSN';
