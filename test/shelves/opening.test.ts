import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { openDatabase } from '../../db/database.ts';
import { createTokenLookup } from '../../src/domain/tokens/lookup.ts';
import type { TokenId } from '../../src/domain/tokens/value.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import { shelvesOf, thisWeek } from './weeks.ts';

/** With sixty shelves, a lookup that opens them all costs many times one that opens its own. */
(postgresUrl ? describe : describe.skip)('the statement that looks tokens up', () => {
  test.each([
    ['planned once for all values', 'force_generic_plan'],
    ['planned for these values', 'force_custom_plan'],
  ])('opens no other shelf than those of the tokens it is asked about, %s', async (_how, mode) => {
    const url = await postgresDatabase();
    const database = await openDatabase(url);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { storedToken } = shelvesOf(database);
      const day = 86_400;
      const ids = [(await storedToken(3600)).id, (await storedToken(200 * day)).id];
      const { text, values } = await statementFor(database, ids);
      await client.query(`set plan_cache_mode = ${mode}`);
      await client.query(`prepare lookup as ${text}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, costs off) execute lookup (${values.map(literal).join(', ')})`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']);
      const opened = plan
        .filter((line) => !line.includes('never executed'))
        .flatMap((line) => /on token_shelf_(\d+)/.exec(line)?.[1] ?? [])
        .map(Number);
      expect([...new Set(opened)].sort()).toEqual(ids.map(({ shelf }) => shelf).sort());
      const named = plan.flatMap((line) => /on token_shelf_(\d+)/.exec(line)?.[1] ?? []);
      expect(named.length).toBeLessThanOrEqual(8);
    } finally {
      await client.end();
      await database.close();
    }
  });

  test('finds every token, however many shelves they lie on', async () => {
    const database = await openDatabase(await postgresDatabase());
    try {
      const { storedToken, lookup } = shelvesOf(database);
      const tokens = await Promise.all(
        Array.from({ length: 57 }, (_, weeks) => storedToken(60 + weeks * 7 * 86_400)),
      );
      expect(new Set(tokens.map(({ id }) => id.shelf)).size).toBeGreaterThan(50);
      const states = await Promise.all(tokens.map(({ id }) => lookup(id)));
      expect(states.map((state) => state?.alive)).toEqual(tokens.map(() => true));
      expect(await lookup({ ...(tokens[0]?.id as TokenId), shelf: thisWeek() - 1 })).toBe(
        undefined,
      );
    } finally {
      await database.close();
    }
  });
});

/** The text that the server prepares, and what it is asked with. */
async function statementFor(database: Awaited<ReturnType<typeof openDatabase>>, ids: TokenId[]) {
  const asked: { text: string; values: unknown[] }[] = [];
  const recording = {
    ...database,
    query: async (statement: { text: string }, values: unknown[]) => {
      asked.push({ text: statement.text, values });
      return [];
    },
  };
  const lookup = createTokenLookup({ database: recording, window: 30 });
  await Promise.all(ids.map(lookup));
  expect(asked).toHaveLength(1);
  return asked[0] as { text: string; values: unknown[] };
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `array[${value.map(literal).join(', ')}]`;
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'::bytea`;
  throw new Error(`no literal for ${typeof value}`);
}
