import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import { type Database, openDatabase } from '../../db/database.ts';
import { embeddedDatabase, postgresDatabase, postgresUrl } from '../support/databases.ts';

/** Defines the same tests over each kind of database: a migrated one for them all, or one for every test. */
export function onEachDatabase(
  define: (database: () => Database) => void,
  { oneForEveryTest = false } = {},
): void {
  const kinds: [string, boolean, () => Promise<Database>][] = [
    ['PGlite', true, embeddedDatabase],
    ['Postgres', Boolean(postgresUrl), async () => openDatabase(await postgresDatabase())],
  ];
  const [before, after] = oneForEveryTest ? [beforeEach, afterEach] : [beforeAll, afterAll];
  for (const [name, present, open] of kinds)
    (present ? describe : describe.skip)(`on ${name}`, () => {
      let database: Database;
      before(async () => {
        database = await open();
      });
      after(() => database.close());
      define(() => database);
    });
}

/** A database whose statements a test can watch, hold, break or repeat. */
export const watched = (
  database: Database,
  query: (run: () => Promise<never[]>, name: string, values: unknown[]) => Promise<unknown[]>,
): Database => ({
  ...database,
  query: async <Row>(statement: { name: string; text: string }, values: unknown[]) =>
    (await query(() => database.query<never>(statement, values), statement.name, values)) as Row[],
});
