import { expect, test } from '@jest/globals';
import { createTokenIssue, type NewToken } from '../../../src/domain/tokens/issue.ts';
import { createPartitions } from '../../../src/domain/tokens/partitions.ts';
import { onEachDatabase, watched } from '../../db/each-database.ts';
import { newToken } from './support.ts';

const lost = () => Object.assign(new Error('Connection terminated unexpectedly'));

onEachDatabase((database) => {
  const issueOver = (over = database()) =>
    createTokenIssue({ database: over, partitions: createPartitions({ database: over }) });

  /** How often each of these tokens is stored. */
  const stored = async (tokens: NewToken[]) => {
    const rows = await database().kysely.selectFrom('token').select('key').execute();
    return tokens.map(({ id }) => rows.filter(({ key }) => key.equals(id.key)).length);
  };
  const allOnce = (tokens: NewToken[]) => tokens.map(() => 1);

  test('the tokens of a tick are stored by one statement', async () => {
    const statements: string[] = [];
    const issue = issueOver(
      watched(database(), (run, name) => {
        statements.push(name);
        return run();
      }),
    );
    const tokens = Array.from({ length: 20 }, () => newToken());
    await Promise.all(tokens.map((token) => issue.insert(token)));
    expect(statements).toHaveLength(1);
    expect(await stored(tokens)).toEqual(allOnce(tokens));
  });

  test('a row that Postgres refuses does not sink its neighbours', async () => {
    const issue = issueOver();
    const tokens = Array.from({ length: 5 }, () => newToken());
    const refused = { ...newToken(), scope: 'a NUL: \0' };
    const results = await Promise.allSettled(
      [...tokens.slice(0, 2), refused, ...tokens.slice(2)].map((token) => issue.insert(token)),
    );
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await stored([...tokens, refused])).toEqual([...allOnce(tokens), 0]);
  });

  test('a connection lost after Postgres stored the tokens: they are there once, and nobody is told otherwise', async () => {
    let attempts = 0;
    const issue = issueOver(
      watched(database(), async (run) => {
        const rows = await run();
        if (++attempts === 1) throw lost();
        return rows;
      }),
    );
    const tokens = Array.from({ length: 3 }, () => newToken());
    await Promise.all(tokens.map((token) => issue.insert(token)));
    expect(attempts).toBe(2);
    expect(await stored(tokens)).toEqual(allOnce(tokens));
  });

  test('a connection lost before Postgres stored the tokens: the next attempt stores them', async () => {
    let attempts = 0;
    const issue = issueOver(
      watched(database(), async (run) => {
        if (++attempts === 1) throw lost();
        return run();
      }),
    );
    const token = newToken();
    await issue.insert(token);
    expect(await stored([token])).toEqual([1]);
  });

  test('a database that stays away is told as temporarily_unavailable', async () => {
    const issue = issueOver(watched(database(), () => Promise.reject(lost())));
    await expect(issue.insert(newToken())).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    });
  });
});
