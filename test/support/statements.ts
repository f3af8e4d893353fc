import type { Database } from '../../db/database.ts';

/**
 * Runs work and calls the observer with the name of each prepared statement before the server sends it. Awaiting in
 * the observer delays the statement, so that a test can act in the middle of a request.
 */
export async function watchStatements<Result>(
  database: Database,
  observe: (name: string) => unknown,
  work: () => Promise<Result>,
): Promise<Result> {
  const { query } = database;
  database.query = async (statement, values) => {
    await observe(statement.name);
    return query(statement, values);
  };
  try {
    return await work();
  } finally {
    database.query = query;
  }
}

const byTheClock = /last-used$|^signing-key-state$|^client-usage-add$|^jwt-audience-/;

/** Names of the statements that `work` sends, without those sent by a timer. */
export async function statementsOf(
  database: Database,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const names: string[] = [];
  await watchStatements(database, (name) => names.push(name), work);
  return names.filter((name) => !byTheClock.test(name));
}
