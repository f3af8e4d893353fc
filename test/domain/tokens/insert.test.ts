import { expect, test } from '@jest/globals';
import { WaitTooLongError } from '../../../db/deadline.ts';
import { createClock } from '../../../src/domain/database/clock.ts';
import { createTokenIssue, type NewToken } from '../../../src/domain/tokens/issue.ts';
import { createPartitions } from '../../../src/domain/tokens/partitions.ts';
import { onEachDatabase, watched } from '../../db/each-database.ts';
import { newToken } from './support.ts';

const lost = () => Object.assign(new Error('Connection terminated unexpectedly'));

onEachDatabase((database) => {
  const issueOver = (over = database()) =>
    createTokenIssue({
      database: over,
      partitions: createPartitions({ database: over }),
      clock: createClock({ database: over }),
    });

  /** The number of rows of each token. */
  const stored = async (tokens: NewToken[]) => {
    const rows = await database().kysely.selectFrom('token').select('key').execute();
    return tokens.map(({ id }) => rows.filter(({ key }) => key.equals(id.key)).length);
  };
  const allOnce = (tokens: NewToken[]) => tokens.map(() => 1);

  test('tokens of the same tick are stored by one statement', async () => {
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

  test('a row that Postgres rejects does not fail the others of its batch', async () => {
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

  test('a batch that is sent twice stores its tokens once', async () => {
    const tokens = Array.from({ length: 3 }, () => newToken());
    const issue = issueOver(
      watched(database(), async (run) => {
        await run();
        return run();
      }),
    );
    await Promise.all(tokens.map((token) => issue.insert(token)));
    expect(await stored(tokens)).toEqual(allOnce(tokens));
  });

  test('tokens whose request has timed out are not stored by a retry', async () => {
    let attempts = 0;
    const issue = issueOver(
      watched(database(), () => {
        attempts++;
        return Promise.reject(new WaitTooLongError('too long'));
      }),
    );
    const results = await Promise.allSettled(
      [newToken(), newToken()].map((token) => issue.insert(token)),
    );
    expect(results).toEqual(
      [1, 2].map(() => ({
        status: 'rejected',
        reason: expect.objectContaining({ code: 'temporarily_unavailable' }),
      })),
    );
    expect(attempts).toBe(1);
  });

  test('a process with a wrong clock stores no tokens until the clock is right', async () => {
    let ahead = 6;
    const clock = createClock({ database: database(), now: () => Date.now() / 1000 + ahead });
    const reported: unknown[] = [];
    const watch = await clock.watch((isAccurate) => reported.push(isAccurate));
    watch.stop();
    const partitions = createPartitions({ database: database() });
    const issue = createTokenIssue({ database: database(), partitions, clock });
    const token = newToken();
    await expect(issue.insert(token)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    await clock.measure();
    ahead = 4;
    await clock.measure();
    await issue.insert(token);
    expect(await stored([token])).toEqual([1]);
    expect(reported).toEqual([false, true]);
  });

  test('an unreachable database is reported as temporarily_unavailable', async () => {
    const issue = issueOver(watched(database(), () => Promise.reject(lost())));
    await expect(issue.insert(newToken())).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    });
  });
});
