import { setImmediate as nextTick } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { type Database, overPGlite } from '../../db/database.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';

interface Tables {
  note: { text: string };
}

let pool: PGlitePool;
let database: Database;
const notes = () => database.kysely as unknown as Kysely<Tables>;
const write = (text: string) =>
  database.query({ name: 'write', text: 'insert into note values ($1)' }, [text]);
const written = async () =>
  (await notes().selectFrom('note').select('text').orderBy('text').execute()).map(
    ({ text }) => text,
  );

beforeAll(async () => {
  pool = await PGlitePool.open();
  database = overPGlite(pool);
  await sql`create table note (text text)`.execute(database.kysely);
});
afterAll(() => database.close());

test('a statement outside of a transaction is not part of it: a rollback does not undo it', async () => {
  const { promise: held, resolve: go } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const transaction = notes()
    .transaction()
    .execute(async (within) => {
      await within.insertInto('note').values({ text: 'within' }).execute();
      begin();
      await held;
      const seen = await within.selectFrom('note').select('text').execute();
      expect(seen.map(({ text }) => text)).not.toContain('beside');
      throw new Error('roll back');
    });
  await begun;
  const beside = write('beside');
  await nextTick();
  go();
  await expect(transaction).rejects.toThrow('roll back');
  await beside;
  expect(await written()).toContain('beside');
  expect(await written()).not.toContain('within');
});

test('two transactions are never mixed, however their steps interleave', async () => {
  const increments = 20;
  await write('0');
  const add = () =>
    notes()
      .transaction()
      .execute(async (within) => {
        const { text } = await within
          .selectFrom('note')
          .select('text')
          .where('text', '~', '^[0-9]+$')
          .executeTakeFirstOrThrow();
        await nextTick();
        await within
          .updateTable('note')
          .set({ text: String(Number(text) + 1) })
          .where('text', '=', text)
          .execute();
      });
  await Promise.all(Array.from({ length: increments }, add));
  expect(await written()).toContain(String(increments));
});

test('a failing statement affects neither the next nor a waiting transaction', async () => {
  const results = await Promise.allSettled([
    sql`select 1 / 0`.execute(database.kysely),
    notes()
      .transaction()
      .execute((within) => within.insertInto('note').values({ text: 'after' }).execute()),
    sql`select nothing from nowhere`.execute(database.kysely),
    write('after all'),
  ]);
  expect(results.map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(await written()).toEqual(expect.arrayContaining(['after', 'after all']));
});

test('statements run in the order of their requests', async () => {
  const served: number[] = [];
  const first = await pool.connect();
  const waiting = Array.from({ length: 10 }, async (_, place) => {
    const client = await pool.connect();
    served.push(place);
    client.release();
  });
  expect(served).toEqual([]);
  first.release();
  await Promise.all(waiting);
  expect(served).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a prepared statement is parsed and planned once, also if its first run failed', async () => {
  const statement = { name: 'quotient', text: 'select 1 / $1::integer as quotient' };
  await expect(database.query(statement, [0])).rejects.toMatchObject({ code: '22012' });
  for (const divisor of [1, 2, 3]) await database.query(statement, [divisor]);
  const { rows } = await sql`select generic_plans::integer, custom_plans::integer
    from pg_prepared_statements where name = 'quotient'`.execute(database.kysely);
  expect(rows).toEqual([{ generic_plans: 4, custom_plans: 0 }]);
});

test('two statements of one name are refused', async () => {
  await database.query({ name: 'same', text: 'select 1 as one' }, []);
  await expect(database.query({ name: 'same', text: 'select 2 as two' }, [])).rejects.toThrow(
    'Two statements are called same',
  );
});

test('closing waits for running statements', async () => {
  const own = await PGlitePool.open();
  const client = await own.connect();
  const ended = own.end();
  const { rows } = await (
    client.query as unknown as (text: string, values: unknown[]) => Promise<{ rows: unknown[] }>
  )('select 1 as one', []);
  expect(rows).toEqual([{ one: 1 }]);
  client.release();
  await ended;
});
