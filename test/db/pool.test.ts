import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { type Database, openDatabase } from '../../db/database.ts';
import { currentWait, withWaitBudget } from '../../db/deadline.ts';
import { isTimeout } from '../../db/errors.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import { until } from '../support/process.ts';

const write = { name: 'write', text: 'insert into written (name) values ($1) returning name' };
const read = { name: 'read', text: 'select name from written where name = $1' };

(postgresUrl ? describe : describe.skip)('the connections of a process to Postgres', () => {
  let url: string;
  let administrator: pg.Client;
  beforeAll(async () => {
    url = await postgresDatabase();
    administrator = new pg.Client({ connectionString: url });
    await administrator.connect();
    await administrator.query('create table written (name text)');
  });
  afterAll(() => administrator.end());

  const opened: Database[] = [];
  const open = async (options: { poolSize?: number; maxWait?: number }) => {
    const database = await openDatabase(url, options);
    opened.push(database);
    // Warm up, so that a statement hangs and not the opening of a connection.
    await database.query(read, ['']);
    return database;
  };
  afterAll(() => Promise.all(opened.map((database) => database.close())));

  const written = async (name: string) =>
    (await administrator.query('select from written where name = $1', [name])).rowCount;

  /** The backends of this database except our own. */
  const backends = async (condition = 'true'): Promise<number[]> => {
    const { rows } = await administrator.query(
      `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${condition}`,
    );
    return rows.map(({ pid }) => pid);
  };

  /** Runs work while every statement on the table hangs. */
  const whileItHangs = async (work: () => Promise<void>) => {
    const locker = new pg.Client({ connectionString: url });
    await locker.connect();
    await locker.query('begin; lock table written');
    try {
      await work();
    } finally {
      await locker.end();
    }
  };

  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error) => error,
    );

  describe('when Postgres has closed the idle connections', () => {
    /** From another process, while this one is blocked and cannot notice before it sends the next statement. */
    const endIdle = (database: Database) => {
      expect(database.embedded).toBe(false);
      const script = `
        const { default: pg } = await import('pg');
        const client = new pg.Client({ connectionString: process.argv[1] });
        await client.connect();
        await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle' and application_name = 'pooled'");
        await client.end();`;
      execFileSync(process.execPath, ['--input-type=module', '-e', script, url]);
    };

    test.each<[string, (database: Database, name: string) => Promise<unknown>]>([
      [
        'a transaction',
        ({ kysely }, name) =>
          kysely
            .transaction()
            .execute((transaction) =>
              sql`insert into written (name) values (${name})`.execute(transaction),
            ),
      ],
      ['a single write', (database, name) => database.query(write, [name])],
      [
        'a write of the query builder',
        ({ kysely }, name) => sql`insert into written (name) values (${name})`.execute(kysely),
      ],
    ])('%s that was not sent yet is sent once on another connection', async (name, send) => {
      const database = await openDatabase(`${url}?application_name=pooled`, { poolSize: 3 });
      await Promise.all([1, 2, 3].map(() => database.query(read, [''])));
      endIdle(database);
      await send(database, name);
      expect(await written(name)).toBe(1);
      endIdle(database);
      expect(await database.query(read, [name])).toEqual([{ name }]);
      await database.close();
    });
  });

  describe('when a statement hangs', () => {
    test('it is sent once, although it could be sent again after a lost connection', async () => {
      const database = await open({ poolSize: 4, maxWait: 300 });
      await administrator.query('create sequence attempts');
      // A sequence is never rolled back, whatever happens to the statement.
      const text = `select nextval('attempts') as attempt, pg_sleep(60)`;
      const hung = database.query({ name: 'hung', text, idempotent: true }, []);
      expect(isTimeout(await failure(hung))).toBe(true);
      const { rows } = await administrator.query('select last_value::integer from attempts');
      expect(rows).toEqual([{ last_value: 1 }]);
    });

    test('a transaction has ended: nothing more is sent, and nothing is stored', async () => {
      const database = await open({ poolSize: 4, maxWait: 300 });
      await whileItHangs(async () => {
        const hung = database.kysely.transaction().execute(async (transaction) => {
          await sql`create table never (name text)`.execute(transaction);
          await sql`insert into written (name) values ('never')`.execute(transaction);
        });
        expect(isTimeout(await failure(hung))).toBe(true);
      });
      await until('the backend to be gone', async () => {
        if ((await backends(`query like '%never%'`)).length > 0) throw new Error('not yet');
      });
      expect(await written('never')).toBe(0);
    });

    test('the statements of one request share one wait budget', async () => {
      const database = await open({ poolSize: 4, maxWait: 300 });
      await whileItHangs(() =>
        withWaitBudget(async () => {
          expect(isTimeout(await failure(database.query(write, ['first'])))).toBe(true);
          // Postgres ended the first just before the budget was used up.
          const second = { name: 'second', text: 'select pg_sleep(0.2) as second' };
          expect(isTimeout(await failure(database.query(second, [])))).toBe(true);
          const third = { name: 'third', text: 'select 1 as third' };
          expect(isTimeout(await failure(database.query(third, [])))).toBe(true);
          expect(await backends(`query like 'select 1 as third%'`)).toEqual([]);
        }),
      );
    });

    test('its slot stays occupied until it ends, so backends do not pile up, and reads continue', async () => {
      const database = await open({ poolSize: 4, maxWait: 300 });
      const before = await backends();
      await whileItHangs(async () => {
        for (let attempt = 0; attempt < 6; attempt++) {
          const results = await Promise.all(
            Array.from({ length: 10 }, () => failure(database.query(write, ['stuck']))),
          );
          expect(results.every(isTimeout)).toBe(true);
        }
        const more = (await backends()).filter((pid) => !before.includes(pid));
        // The locker is one of them.
        expect(more.length).toBeLessThanOrEqual(1 + 4);
        const clock = { name: 'one', text: 'select 1 as one' };
        expect(await database.query(clock, [])).toEqual([{ one: 1 }]);
      });
      await until('a place to be free', () => database.query(write, ['later']));
      expect(await written('later')).toBe(1);
    });

    test('a process ends although its statements do not', async () => {
      const database = await openDatabase(url, { poolSize: 2, maxWait: 300 });
      await whileItHangs(async () => {
        expect(isTimeout(await failure(database.query(write, ['end'])))).toBe(true);
        await database.close();
      });
    });
  });

  test('a read after a write can see newer data than the write has waited for', async () => {
    const database = await open({ poolSize: 1 });
    const states = await withWaitBudget(async () => {
      await database.query(write, ['confirmed']);
      const afterWrite = currentWait()?.confirmed;
      await database.query(read, ['confirmed']);
      return [afterWrite, currentWait()?.confirmed];
    });
    expect(states).toEqual([true, false]);
  });

  test('an error that breaks no connection closes none', async () => {
    const database = await open({ poolSize: 1 });
    const pid = { name: 'pid', text: 'select pg_backend_pid() as pid' };
    const first = await database.query(pid, []);
    const refused = { name: 'refused', text: 'select 1 / $1::integer as quotient' };
    expect(await failure(database.query(refused, [0]))).toMatchObject({ code: '22012' });
    const full = {
      name: 'full',
      text: `do $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`,
    };
    expect(await failure(database.query(full, []))).toMatchObject({ code: '53100' });
    expect(await database.query(pid, [])).toEqual(first);
  });
});
