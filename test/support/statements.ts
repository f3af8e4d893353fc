import type { Database } from '../../db/database.ts';

/**
 * Runs work, and before each prepared statement that the server sends meanwhile is told its name. What
 * the observer awaits holds the statement back, so that a test can act in the middle of a request.
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

const byTheClock = /last-used$|^signing-key-state$|^client-usage-add$/;

/** The names of the statements that work sends, without those that are sent by the clock. */
export async function statementsOf(
  database: Database,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const names: string[] = [];
  await watchStatements(database, (name) => names.push(name), work);
  return names.filter((name) => !byTheClock.test(name));
}
