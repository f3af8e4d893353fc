import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../db/database.ts';
import { isTimeout, isUnavailable } from '../../db/errors.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';

(postgresUrl ? describe : describe.skip)('a statement on Postgres that takes too long', () => {
  let database: Database;
  let noStatementTimeout: Database;
  beforeAll(async () => {
    const url = await postgresDatabase();
    database = await openDatabase(url, { poolSize: 2 });
    noStatementTimeout = await openDatabase(url, { poolSize: 2, noStatementTimeout: true });
  });
  afterAll(() => Promise.all([database.close(), noStatementTimeout.close()]));

  const limit = async ({ kysely }: Database) => {
    const { rows } = await sql<{
      limit: string;
    }>`select current_setting('statement_timeout') as limit`.execute(kysely);
    return rows[0]?.limit;
  };

  test('is ended by Postgres itself, before we stop waiting for it, and its connection becomes free', async () => {
    expect(await limit(database)).toBe('9s');
    const tooLong = database.kysely.transaction().execute(async (transaction) => {
      await sql`set local statement_timeout = '20ms'`.execute(transaction);
      await sql`select pg_sleep(8)`.execute(transaction);
    });
    const error = await tooLong.catch((thrown) => thrown);
    expect([isUnavailable(error), isTimeout(error)]).toEqual([true, true]);
    expect(await Promise.all([1, 2, 3].map(() => limit(database)))).toEqual(['9s', '9s', '9s']);
  });

  test('has no limit in a migration', async () => {
    expect(await limit(noStatementTimeout)).toBe('0');
  });
});
