import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createClock } from '../../../src/domain/database/clock.ts';
import { createTokenIssue } from '../../../src/domain/tokens/issue.ts';
import { createLastUsed } from '../../../src/domain/tokens/last-used.ts';
import { createPartitions } from '../../../src/domain/tokens/partitions.ts';
import { onEachDatabase, watched } from '../../db/each-database.ts';
import { newClient, newToken } from './support.ts';

onEachDatabase((database) => {
  const counted = () => {
    const statements: string[] = [];
    const written: unknown[] = [];
    const lastUsed = createLastUsed({
      database: watched(database(), (run, name, values) => {
        statements.push(name);
        written.push(...values.flat());
        return run();
      }),
      onError: (error) => {
        throw error;
      },
    });
    return { statements, written, lastUsed };
  };

  const storedTokens = async (count: number) => {
    const issue = createTokenIssue({
      database: database(),
      partitions: createPartitions({ database: database() }),
      clock: createClock({ database: database() }),
    });
    const tokens = Array.from({ length: count }, () => newToken());
    await Promise.all(tokens.map((token) => issue.insert(token)));
    return tokens;
  };

  const storedSecret = async () => {
    await database()
      .kysely.insertInto('sealed_key')
      .values({ id: 'k', purpose: 'client-secret-digest', sealed: Buffer.of(1) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { id } = await database()
      .kysely.insertInto('client_secret')
      .values({
        client_id: await newClient(database()),
        kind: 'keyed',
        key_id: 'k',
        digest: '',
        hint: null,
        expires_at: null,
        last_used_at: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  };

  test('a token that waits to be written keeps none of the memory that its ID was read from', async () => {
    const { lastUsed, written } = counted();
    const [token] = await storedTokens(1);
    const { partition, key } = token?.id ?? { partition: 0, key: Buffer.of() };
    const shared = Buffer.alloc(65_536);
    key.copy(shared);
    lastUsed.touchToken({ partition, key: shared.subarray(0, key.length) });
    shared.fill(0);
    await lastUsed.close();
    expect(written).toEqual([key]);
    expect((written as Buffer[]).map(({ buffer }) => buffer.byteLength)).toEqual([key.length]);
  });

  test('a use writes nothing; a thousand uses are written by one statement for tokens and one for secrets', async () => {
    const { statements, lastUsed } = counted();
    const tokens = await storedTokens(3);
    const secrets = [await storedSecret(), await storedSecret()];
    for (let use = 0; use < 1000; use++) {
      for (const { id } of tokens) lastUsed.touchToken(id);
      for (const id of secrets) lastUsed.touchSecret(id);
    }
    expect(statements).toEqual([]);
    await lastUsed.flush();
    expect(statements).toEqual([expect.stringContaining('token'), 'secret-last-used']);
    await lastUsed.close();
    expect(statements).toHaveLength(2);
  });

  test('times are written in whole minutes, only for what was used', async () => {
    const { lastUsed } = counted();
    const [used, unused] = await storedTokens(2);
    const [usedSecret, unusedSecret] = [await storedSecret(), await storedSecret()];
    if (used) lastUsed.touchToken(used.id);
    lastUsed.touchSecret(usedSecret);
    await lastUsed.close();
    const { kysely } = database();
    const tokens = await kysely.selectFrom('token').select(['key', 'last_used_at']).execute();
    const at = (key: Buffer | undefined) =>
      tokens.find((token) => key?.equals(token.key))?.last_used_at;
    expect(at(unused?.id.key)).toBeNull();
    expect(at(used?.id.key)?.getTime()).toBeGreaterThan(Date.now() - 120_000);
    expect((at(used?.id.key)?.getTime() ?? 1) % 60_000).toBe(0);
    const secrets = await kysely
      .selectFrom('client_secret')
      .select(['id', 'last_used_at'])
      .execute();
    const secretAt = (id: string) => secrets.find((secret) => secret.id === id)?.last_used_at;
    expect(secretAt(unusedSecret)).toBeNull();
    expect((secretAt(usedSecret)?.getTime() ?? 1) % 60_000).toBe(0);
  });

  test('the number of pending tokens is bounded, and so is the size of a statement', async () => {
    const { lastUsed, statements, written } = counted();
    const keys = randomBytes(16 * 120_000);
    for (let at = 0; at < keys.length; at += 16)
      lastUsed.touchToken({ partition: 0, key: keys.subarray(at, at + 16) });
    await lastUsed.close();
    expect(written).toHaveLength(100_000);
    expect(statements).toHaveLength(10);
  });

  test('two processes that write the same tokens do not wait for each other', async () => {
    const [one, other] = [counted(), counted()];
    const tokens = await storedTokens(200);
    for (const { id } of tokens) one.lastUsed.touchToken(id);
    for (const { id } of tokens.toReversed()) other.lastUsed.touchToken(id);
    await Promise.all([one.lastUsed.close(), other.lastUsed.close()]);
    const keys = tokens.map(({ id }) => id.key);
    const rows = await database()
      .kysely.selectFrom('token')
      .select('last_used_at')
      .where('key', 'in', keys)
      .execute();
    expect(rows.filter(({ last_used_at }) => last_used_at !== null)).toHaveLength(200);
  });

  test('a token that has this minute already is not written again', async () => {
    const [token] = await storedTokens(1);
    const version = async () => {
      const { rows } = await sql<{ xmin: string }>`
        select xmin::text from token where key = ${token?.id.key}`.execute(database().kysely);
      return rows[0]?.xmin;
    };
    const write = async () => {
      const { lastUsed } = counted();
      if (token) lastUsed.touchToken(token.id);
      await lastUsed.close();
      return version();
    };
    // The minute can change between two of the three writes, but not twice.
    const versions = [await version(), await write(), await write(), await write()];
    expect(versions[1]).not.toBe(versions[0]);
    expect(new Set(versions.slice(1)).size).toBeLessThan(3);
  });

  test('closing writes pending uses', async () => {
    const { lastUsed, statements } = counted();
    const [token] = await storedTokens(1);
    if (token) lastUsed.touchToken(token.id);
    await lastUsed.close();
    expect(statements).toEqual([expect.stringContaining('token')]);
  });
});
