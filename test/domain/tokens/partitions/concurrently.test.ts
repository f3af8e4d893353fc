import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Database, openDatabase } from '../../../../db/database.ts';
import { postgresDatabase, postgresUrl } from '../../../support/databases.ts';
import { until } from '../../../support/process.ts';
import { partitionsOf, thisWeek } from './weeks.ts';

/** Only on a server: PGlite has a single connection. */
(postgresUrl ? describe : describe.skip)('while others use the tokens', () => {
  let database: Database;
  let other: pg.Client;
  const over = thisWeek() - 3;

  beforeEach(async () => {
    const url = await postgresDatabase();
    database = await openDatabase(url);
    other = new pg.Client({ connectionString: url });
    await other.connect();
    await partitionsOf(database).ensure([over]);
  });
  afterEach(async () => {
    await other.end();
    await database.close();
  });

  /** Waits until the detach waits for other transactions, and returns its backend's process id. */
  const detaching = async (): Promise<number> => {
    let pid: number | undefined;
    await until('the detachment to wait', async () => {
      // Within a transaction, Postgres caches the activity statistics unless they are cleared.
      await other.query('select pg_stat_clear_snapshot()');
      const { rows } = await other.query(
        `select pid from pg_stat_activity
          where query like 'alter table token detach%' and wait_event_type = 'Lock'`,
      );
      pid = rows[0]?.pid;
      if (pid === undefined) throw new Error('not yet');
    });
    return pid as number;
  };

  test('tokens are read and stored while a partition is being detached', async () => {
    const { retire, lookup, storedToken, attached } = partitionsOf(database);
    const token = await storedToken(3600);
    await other.query('begin');
    await other.query('select count(*) from token');
    const retired = retire();
    await detaching();
    expect(await lookup(token.id)).toMatchObject({ alive: true });
    expect(await lookup((await storedToken(3600)).id)).toMatchObject({ alive: true });
    await other.query('commit');
    expect(await retired).toEqual({ detached: [over], dropped: [] });
    expect(await attached()).not.toContain(over);
    expect(await lookup(token.id)).toMatchObject({ alive: true });
  });

  test('an interrupted detach is completed by the next run, and nothing is blocked in between', async () => {
    const { retire, lookup, storedToken, attached, exists, detachedDaysAgo } =
      partitionsOf(database);
    const token = await storedToken(3600);
    await other.query('begin');
    await other.query('select count(*) from token');
    const cutShort = expect(retire()).rejects.toThrow('canceling statement');
    await other.query('select pg_cancel_backend($1)', [await detaching()]);
    await cutShort;
    await other.query('commit');
    const { rows } = await other.query(
      `select inhrelid::regclass::text as name from pg_inherits where inhdetachpending`,
    );
    expect(rows).toEqual([{ name: `token_shelf_${over}` }]);
    expect(await lookup(token.id)).toMatchObject({ alive: true });
    await storedToken(3600);

    const next = thisWeek() - 2;
    await partitionsOf(database).ensure([next]);
    expect(await retire()).toEqual({ detached: [next], dropped: [] });
    expect(await attached()).not.toContain(over);
    expect(await exists(over)).toBe(true);
    await detachedDaysAgo(over, 8);
    expect(await retire()).toEqual({ detached: [], dropped: [over] });
  });

  test('partitions are created while a transaction reads tokens', async () => {
    const { ensure, attached } = partitionsOf(database);
    await other.query('begin');
    await other.query('select count(*) from token');
    await ensure([thisWeek() + 60]);
    expect(await attached()).toContain(thisWeek() + 60);
    await other.query('commit');
  });
});
