import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '../../db/database.ts';
import { emptyPostgresDatabase, postgresUrl } from '../support/databases.ts';

(postgresUrl ? describe : describe.skip)('on Postgres', () => {
  test.each([
    ['off', 'on'],
    ['remote_apply', 'remote_apply'],
  ])('with synchronous_commit set to %s, a commit waits as with %s', async (set, effective) => {
    const url = await emptyPostgresDatabase();
    const first = await openDatabase(url);
    await sql`alter database ${sql.id(new URL(url).pathname.slice(1))} set synchronous_commit = ${sql.lit(set)}`.execute(
      first.kysely,
    );
    await first.close();
    const second = await openDatabase(url);
    const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(
      second.kysely,
    );
    await second.close();
    expect(rows).toEqual([{ synchronous_commit: effective }]);
  });
});
