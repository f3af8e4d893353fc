import type { Connection } from './schema.ts';

/** Runs in the current transaction, or in a new one if the connection is not in one. */
export const inTransaction = <Result>(
  connection: Connection,
  run: (transaction: Connection) => Promise<Result>,
): Promise<Result> =>
  connection.isTransaction ? run(connection) : connection.transaction().execute(run);
