// Refreshes of many clients at the same time share a statement, and none waits for another's locks.
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { parseToken } from '../../../../src/domain/tokens/value.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { onStack } from '../../../support/stacks.ts';
import { statementsOf } from '../../../support/statements.ts';

onStack((stack) => {
  const logins = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => makeLoggedIn(stack(), { rotate_refresh_tokens: true })),
    );

  test('refreshes at the same time are stored by fewer statements, each with its own tokens', async () => {
    const people = await logins(8);
    const responses: { status: number; body: Record<string, unknown> }[] = [];
    const sent = await statementsOf(stack().database, async () => {
      responses.push(
        ...(await Promise.all(people.map(({ refresh, refreshToken }) => refresh(refreshToken)))),
      );
    });
    expect(sent.filter((name) => name.startsWith('redeem')).length).toBeLessThan(people.length);
    for (const [index, { status, body }] of responses.entries()) {
      expect(status).toBe(200);
      const app = people[index]?.app;
      if (!app) throw new Error('no login');
      const { body: state } = await stack().introspect(String(body['access_token']), app);
      expect(state).toMatchObject({ active: true, client_id: app.id });
    }
    const again = await Promise.all(
      responses.map(({ body }, index) => people[index]?.refresh(String(body['refresh_token']))),
    );
    expect(again.map((response) => response?.status)).toEqual(people.map(() => 200));
  });

  test('a token whose row is locked delays no other refresh, and is refreshed once it is free', async () => {
    // The embedded database has one connection, so nothing else can hold a row.
    if (stack().name === 'embedded') return;
    const [blocked, ...others] = await logins(4);
    if (!blocked) throw new Error('no login');
    const { key, partition } = parseToken(blocked.refreshToken)?.id ?? {};
    const done: string[] = [];
    let waiting: Promise<unknown> | undefined;
    await stack()
      .database.kysely.transaction()
      .execute(async (transaction) => {
        await sql`select from token where shelf = ${partition} and key = ${key} for update`.execute(
          transaction,
        );
        waiting = blocked.refresh(blocked.refreshToken).then(({ status }) => {
          done.push(`blocked ${status}`);
        });
        const rest = others.map(async ({ refresh, refreshToken }) => {
          done.push(`other ${(await refresh(refreshToken)).status}`);
        });
        await Promise.all(rest);
      });
    await waiting;
    expect(done).toEqual(['other 200', 'other 200', 'other 200', 'blocked 200']);
  });

  test('of requests at the same time with one token, all get the tokens of the one that won', async () => {
    const [person] = await logins(1);
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => person?.refresh(person.refreshToken)),
    );
    expect(responses.map((response) => response?.status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(responses.map((response) => response?.body['refresh_token'])).size).toBe(1);
  });
});
