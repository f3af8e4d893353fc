import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import { type Database, openDatabase } from '../../db/database.ts';
import {
  embeddedDatabase,
  onAllStacks,
  postgresDatabase,
  postgresUrl,
} from '../support/databases.ts';

type Define = (database: () => Database) => void;
interface Options {
  /** Creates a new database for every test instead of one for all. */
  oneForEveryTest?: boolean;
}

type Kind = 'PGlite' | 'Postgres';

/** Defines the same tests on each kind of database, for tests whose subject is the database. */
export function onEachDatabase(define: Define, options: Options = {}): void {
  describeOn('PGlite', define, options);
  describeOn('Postgres', define, options);
}

/**
 * Defines tests of rules that hold on any database: on Postgres, or on PGlite on a machine without it.
 * With `--all-stacks` it is `onEachDatabase`.
 */
export function onDatabase(define: Define, options: Options = {}): void {
  if (onAllStacks) onEachDatabase(define, options);
  else describeOn(postgresUrl ? 'Postgres' : 'PGlite', define, options);
}

function describeOn(kind: Kind, define: Define, { oneForEveryTest = false }: Options): void {
  const [before, after] = oneForEveryTest ? [beforeEach, afterEach] : [beforeAll, afterAll];
  const present = kind === 'PGlite' || Boolean(postgresUrl);
  (present ? describe : describe.skip)(`on ${kind}`, () => {
    let database: Database;
    before(async () => {
      database =
        kind === 'PGlite' ? await embeddedDatabase() : await openDatabase(await postgresDatabase());
    });
    after(() => database.close());
    define(() => database);
  });
}

/** A database whose statements a test can watch, hold back, break or repeat. */
export const watched = (
  database: Database,
  query: (run: () => Promise<never[]>, name: string, values: unknown[]) => Promise<unknown[]>,
): Database => ({
  ...database,
  query: async <Row>(statement: { name: string; text: string }, values: unknown[]) =>
    (await query(() => database.query<never>(statement, values), statement.name, values)) as Row[],
});
