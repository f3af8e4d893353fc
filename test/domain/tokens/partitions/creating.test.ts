import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { redemptionId } from '../../../../src/domain/tokens/redemptions.ts';
import { mintToken, partitionFor } from '../../../../src/domain/tokens/value.ts';
import { onEachDatabase } from '../../../db/each-database.ts';
import { newToken, now } from '../support.ts';
import { partitionsOf, thisWeek, week } from './weeks.ts';

const day = 86_400;

onEachDatabase((database) => {
  /** The next partition beyond all that tests have created. */
  let weeks = 58;
  const furthest = () => thisWeek() + ++weeks;

  test('partitions exist for this week and 58 more, and creating them again changes nothing', async () => {
    const { attached, createAhead } = partitionsOf(database());
    const weeks = Array.from({ length: 59 }, (_, index) => thisWeek() + index);
    const before = await attached();
    expect(before).toEqual(expect.arrayContaining([0, ...weeks]));
    await createAhead();
    expect(await attached()).toEqual(before);
  });

  test('a missing partition among those created in advance is created', async () => {
    const { attached, createAhead } = partitionsOf(database());
    const missing = thisWeek() + 58;
    await sql`drop table ${sql.table(`token_shelf_${missing}`)}`.execute(database().kysely);
    await sql`delete from shelf where shelf = ${missing}`.execute(database().kysely);
    expect(await attached()).not.toContain(missing);
    await createAhead();
    expect(await attached()).toContain(missing);
  });

  test('a token that expires after the last partition gets its partition at once', async () => {
    const { issue, attached, lookup, storedToken } = partitionsOf(database());
    const client = (await storedToken(60)).client;
    const partition = furthest();
    expect(await attached()).not.toContain(partition);
    const lifetime = partition * week - now() + day;
    const tokens = [newToken({ client }), newToken({ client })].map((token) => ({
      ...token,
      ...mintToken('access_token', partition),
      expiresAt: now() + lifetime,
    }));
    const neighbour = newToken({ client });
    await Promise.all([...tokens, neighbour].map((token) => issue.insert(token)));
    expect(await attached()).toContain(partition);
    for (const { id } of [...tokens, neighbour])
      expect(await lookup(id)).toMatchObject({ alive: true });
  });

  test('a redemption that needs a missing partition creates it, and happens once', async () => {
    const { issue, attached, lookup, storedToken } = partitionsOf(database());
    const client = (await storedToken(60)).client;
    const partition = furthest();
    expect(await attached()).not.toContain(partition);
    const token = { ...newToken({ client }), ...mintToken('access_token', partition) };
    const id = redemptionId('AuthorizationCode', randomUUID());
    const redemption = { of: { code: id }, id, fingerprint: id, retainSeconds: 60 };
    expect(await issue.redeem(redemption, [token])).toBe(true);
    expect(await issue.redeem(redemption, [newToken({ client })])).toBe(false);
    expect(await attached()).toContain(partition);
    expect(await lookup(token.id)).toMatchObject({ alive: true });
  });

  test('a partition that ten callers need at once is created once', async () => {
    const partition = furthest();
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => partitionsOf(database()).ensure([partition])),
    );
    expect(results.map(({ status }) => status)).toEqual(Array(10).fill('fulfilled'));
    expect(await partitionsOf(database()).attached()).toContain(partition);
  });

  test('a weekly partition has its primary key and the index on the client, and no other index', async () => {
    const { rows } = await sql<{ columns: string }>`
        select pg_get_indexdef(indexrelid) as columns from pg_index
        where indrelid = ${`token_shelf_${thisWeek()}`}::regclass order by 1`.execute(
      database().kysely,
    );
    expect(rows.map(({ columns }) => columns.replace(/^.* USING btree /, '')).sort()).toEqual([
      '(client_id)',
      '(shelf, key)',
    ]);
  });

  test.each([
    ['personal_access_token', 30 * day],
    ['api_key', 30 * day],
    ['api_key', undefined],
    ['refresh_token', 401 * day],
    ['access_token', undefined],
  ] as const)('a %s with a lifetime of %s lies on partition 0', async (kind, lifetime) => {
    const { issue, lookup, storedToken } = partitionsOf(database());
    const client = (await storedToken(60)).client;
    const issuedAt = now();
    const expiresAt = lifetime === undefined ? undefined : issuedAt + lifetime;
    const { id } = mintToken(kind, partitionFor(kind, issuedAt, expiresAt));
    await issue.insert({ ...newToken({ client }), id, kind, issuedAt, expiresAt });
    const { rows } = await sql<{ key: Buffer }>`select key from token_shelf_0`.execute(
      database().kysely,
    );
    expect(rows.map(({ key }) => key.toString('hex'))).toContain(id.key.toString('hex'));
    expect(await lookup(id)).toMatchObject({ alive: true, expiresAt: expiresAt ?? null });
  });
});
