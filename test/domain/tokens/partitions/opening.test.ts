import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { type Database, openDatabase } from '../../../../db/database.ts';
import { createClock } from '../../../../src/domain/database/clock.ts';
import { createTokenIssue } from '../../../../src/domain/tokens/issue.ts';
import { createLastUsed } from '../../../../src/domain/tokens/last-used.ts';
import { createPartitions } from '../../../../src/domain/tokens/partitions.ts';
import { createTokenRevocation } from '../../../../src/domain/tokens/revocation.ts';
import { createTokenLookup } from '../../../../src/domain/tokens/token-state.ts';
import type { TokenId } from '../../../../src/domain/tokens/value.ts';
import { postgresDatabase, postgresUrl } from '../../../support/databases.ts';
import { partitionsOf, thisWeek } from './weeks.ts';

/** With sixty partitions, a lookup that opens all of them is many times as expensive as one that opens its own. */
(postgresUrl ? describe : describe.skip)('the statement that looks tokens up', () => {
  test.each([
    ['planned once for all values', 'force_generic_plan'],
    ['planned for these values', 'force_custom_plan'],
  ])('opens only the partitions of the requested tokens, %s', async (_how, mode) => {
    const url = await postgresDatabase();
    const database = await openDatabase(url);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { storedToken } = partitionsOf(database);
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
      expect([...new Set(opened)].sort()).toEqual(ids.map(({ partition }) => partition).sort());
      const named = plan.flatMap((line) => /on token_shelf_(\d+)/.exec(line)?.[1] ?? []);
      expect(named.length).toBeLessThanOrEqual(8);
    } finally {
      await client.end();
      await database.close();
    }
  });

  test('finds every token, in any number of partitions', async () => {
    const database = await openDatabase(await postgresDatabase());
    try {
      const { storedToken, lookup } = partitionsOf(database);
      const tokens = await Promise.all(
        Array.from({ length: 57 }, (_, weeks) => storedToken(60 + weeks * 7 * 86_400)),
      );
      expect(new Set(tokens.map(({ id }) => id.partition)).size).toBeGreaterThan(50);
      const states = await Promise.all(tokens.map(({ id }) => lookup(id)));
      expect(states.map((state) => state?.alive)).toEqual(tokens.map(() => true));
      expect(await lookup({ ...(tokens[0]?.id as TokenId), partition: thisWeek() - 1 })).toBe(
        undefined,
      );
    } finally {
      await database.close();
    }
  });
});

/** A partition can have millions of rows, so a change of one token must not scan it. */
(postgresUrl ? describe : describe.skip)('a statement that changes a token of a partition', () => {
  const id = { partition: 0, key: randomBytes(16) };
  const work = { id: Buffer.of(1), fingerprint: Buffer.of(1), retainSeconds: 30 };
  test.each<[string, (database: Database) => Promise<unknown>]>([
    ['revokes it', (database) => createTokenRevocation({ database })(id)],
    [
      'redeems it',
      (database) =>
        createTokenIssue({
          database,
          partitions: createPartitions({ database }),
          clock: createClock({ database }),
        })
          .redeem({ ...work, of: { token: id } }, [])
          .catch(() => {}),
    ],
    [
      'records its last use',
      (database) => {
        const lastUsed = createLastUsed({ database, onError: () => {} });
        lastUsed.touchToken(id);
        return lastUsed.close();
      },
    ],
  ])('and %s finds it by its key', async (_what, change) => {
    const url = await postgresDatabase();
    const database = await openDatabase(url);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, issued_at)
        select 0, sha256(i::text::bytea), 'api_token', gen_random_uuid(), 0, 0, 0, 0, now() from generate_series(1, 5000) i`.execute(
        database.kysely,
      );
      await sql`analyze token_shelf_0`.execute(database.kysely);
      const sent = await statementsOf(database, change);
      const { text, values } = sent.find(({ text }) => text.includes('token_shelf_0')) ?? {};
      await client.query('set plan_cache_mode = force_generic_plan');
      await client.query(`prepare changing as ${text}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (costs off) execute changing (${values?.map(literal).join(', ')})`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('Update on token_shelf_0');
      expect(plan).not.toMatch(/Seq Scan on token_shelf_0/);
      expect(plan).toMatch(/Index Cond: \(\(shelf = 0\) AND \(key = /);
    } finally {
      await client.end();
      await database.close();
    }
  });
});

/** The statements that the server sends, with their values. They are not run. */
async function statementsOf(
  database: Database,
  work: (database: Database) => Promise<unknown>,
): Promise<{ text: string; values: unknown[] }[]> {
  const sent: { text: string; values: unknown[] }[] = [];
  await work({
    ...database,
    query: async (statement: { text: string }, values: unknown[]) => {
      sent.push({ text: statement.text, values });
      return [];
    },
  });
  return sent;
}

/** The statement that the server prepares for these tokens, with its values. */
async function statementFor(database: Database, ids: TokenId[]) {
  const sent = await statementsOf(database, (recording) => {
    const lookup = createTokenLookup({ database: recording, window: 30 });
    return Promise.all(ids.map(lookup));
  });
  expect(sent).toHaveLength(1);
  return sent[0] as { text: string; values: unknown[] };
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (Array.isArray(value))
    return value.length === 0 ? `'{}'` : `array[${value.map(literal).join(', ')}]`;
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'::bytea`;
  throw new Error(`no literal for ${typeof value}`);
}
