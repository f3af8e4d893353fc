import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { onEachDatabase } from './each-database.ts';

/** Results do not depend on where Postgres runs. */
onEachDatabase((database) => {
  const ask = async (text: string, values: unknown[] = []) =>
    (await database().query<{ value: unknown }>({ name: `test ${text}`, text }, values))[0]?.value;

  test.each([
    ['a bigint is a number', `select 9007199254740991::bigint as value`, 2 ** 53 - 1],
    ['a count is a number', `select count(*) as value from (values (1), (2)) as t`, 2],
    ['bytes are a Buffer', `select '\\x00ff10'::bytea as value`, Buffer.of(0, 255, 16)],
    ['no bytes are an empty Buffer', `select ''::bytea as value`, Buffer.alloc(0)],
    ['a list is an array', `select array['a', 'b,"c']::text[] as value`, ['a', 'b,"c']],
    ['an empty list is an empty array', `select '{}'::text[] as value`, []],
    ['jsonb is its value', `select '{"a":[1,null]}'::jsonb as value`, { a: [1, null] }],
    ['a time is a Date', `select to_timestamp(1800000000) as value`, new Date(1_800_000_000_000)],
    ['a fraction is a number', `select 0.5::float8 as value`, 0.5],
    ['null is null', `select null::text as value`, null],
  ])('%s', async (_name, text, value) => {
    expect(await ask(text)).toEqual(value);
  });

  test.each([
    ['bytes', 'bytea', Buffer.of(0, 1, 255)],
    ['many bytes', 'bytea[]', [Buffer.of(0), Buffer.of(1, 2)]],
    ['numbers and null', 'float8[]', [1.5, null]],
    ['texts and null', 'text[]', ['a', null, '', 'NULL', '{"x":1}']],
    ['truths', 'boolean[]', [true, false]],
  ])('%s are read as they were written', async (_name, type, value) => {
    expect(await ask(`select $1::${type} as value`, [value])).toEqual(value);
  });

  test('an error says what was wrong, and has no value of the statement', async () => {
    const text = `insert into role (name, permissions) values ($1, '{}')`;
    const insert = () => database().query({ name: 'insert role', text }, ['the-secret']);
    await insert();
    const error = await insert().catch((error) => error);
    expect(error).toMatchObject({ code: '23505', table: 'role', severity: 'ERROR' });
    const { detail, ...others } = error;
    expect(detail).toContain('the-secret');
    expect(JSON.stringify(others)).not.toContain('the-secret');
  });

  test('several statements as one text give the result of the last', async () => {
    const { rows } = await sql.raw('select 1 as one; select 2 as two').execute(database().kysely);
    expect(rows).toEqual([{ two: 2 }]);
    await sql.raw('select 1 as one; set application_name = writ').execute(database().kysely);
  });

  test('texts of any characters and any length are read as they were written', async () => {
    const value = `é\u{1F600}"'\\{},\n${'x'.repeat(3_000_000)}`;
    expect(await ask('select $1::text as value', [value])).toBe(value);
    expect(await ask('select array[$1]::text[] as value', [value])).toEqual([value]);
  });

  test('infinity can be stored as a time', async () => {
    const value = await ask(`select to_timestamp($1::float8)::text as value`, [Infinity]);
    expect(value).toBe('infinity');
  });
});
