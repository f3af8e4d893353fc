import type { Connection } from './schema.ts';

/** Runs in the transaction that the connection is, or in a new one where it is none. */
export const inTransaction = <Result>(
  connection: Connection,
  run: (transaction: Connection) => Promise<Result>,
): Promise<Result> =>
  connection.isTransaction ? run(connection) : connection.transaction().execute(run);
