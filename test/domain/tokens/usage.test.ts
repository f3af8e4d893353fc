import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Domain } from '../../../src/domain/index.ts';
import { createClientUsage } from '../../../src/domain/tokens/client-usage.ts';
import { createLastUsed } from '../../../src/domain/tokens/last-used.ts';
import { sweep } from '../../../src/jobs/sweep.ts';
import { logInToApp } from '../../support/app-logins.ts';
import { makeApp, makeOpenApi, type TestApp } from '../../support/apps.ts';
import { onStack, startStack } from '../../support/stacks.ts';
import { statementsOf } from '../../support/statements.ts';

/** The total of each client. */
async function totals({ appActivity }: Pick<Domain, 'appActivity'>, app: TestApp) {
  const { clients } = await appActivity.usage(app.actor, app.name);
  return Object.fromEntries(
    clients.map(({ clientId, accessTokens }) => [
      clientId,
      accessTokens.reduce((sum, count) => sum + count, 0),
    ]),
  );
}

onStack((stack) => {
  const internalId = async ({ client }: TestApp) =>
    (await stack().domain.clients(client.id))?.id ?? '';

  test('counts of several processes are added up by client and day, and deleted clients are ignored', async () => {
    const app = await makeApp(stack());
    const { database } = stack();
    const id = await internalId(app);
    const [one, other] = [createClientUsage({ database }), createClientUsage({ database })];
    for (let n = 0; n < 3; n++) one.count(id);
    other.count(id);
    other.count('00000000-0000-7000-8000-000000000000');
    await one.write();
    await other.write();
    await other.write();
    expect(await totals(stack().domain, app)).toMatchObject({ [app.client.id]: 4 });
  });

  test('counts that cannot be written are kept for the next time', async () => {
    const app = await makeApp(stack());
    const { database } = stack();
    const usage = createClientUsage({ database });
    usage.count(await internalId(app));
    const { query } = database;
    database.query = async () => {
      throw new Error('away');
    };
    try {
      await expect(usage.write()).rejects.toThrow('away');
    } finally {
      database.query = query;
    }
    usage.count(await internalId(app));
    await usage.write();
    expect(await totals(stack().domain, app)).toMatchObject({ [app.client.id]: 2 });
  });

  test('counts are written together with last use, and cost a request no statement', async () => {
    const app = await makeApp(stack());
    const { resource } = await makeOpenApi(stack());
    const { database } = stack();
    await stack().token(app.client, { resource });
    const sent = await statementsOf(database, () => stack().token(app.client, { resource }));
    expect(sent.filter((name) => /usage/.test(name))).toEqual([]);
    const usage = createClientUsage({ database });
    const lastUsed = createLastUsed({ database, usage, onError: () => {} });
    usage.count(await internalId(app));
    await lastUsed.close();
    expect(await totals(stack().domain, app)).toMatchObject({ [app.client.id]: 1 });
  });

  test('old days are swept, and those of today are shown', async () => {
    const app = await makeApp(stack());
    const { database, domain } = stack();
    const id = await internalId(app);
    await sql`insert into client_usage select ${id}::uuid, (now() at time zone 'UTC')::date - n, 1
      from generate_series(0, 120) n`.execute(database.kysely);
    await sweep(database, { changeRetentionDays: 60 });
    const { rows } = await sql<{ days: number }>`
      select count(*)::integer as days from client_usage where client_id = ${id}::uuid`.execute(
      database.kysely,
    );
    expect(rows[0]?.days).toBe(91);
    const { days, clients } = await domain.appActivity.usage(app.actor, app.name);
    expect(days).toHaveLength(30);
    expect(clients.find(({ clientId }) => clientId === app.client.id)?.accessTokens).toEqual(
      Array.from({ length: 30 }, () => 1),
    );
  });
});

test('a stopped server has counted every access token of every grant type, and no refresh token', async () => {
  const stack = await startStack('embedded');
  const { database, domain } = stack;
  const close = database.close.bind(database);
  try {
    const app = await makeApp(stack);
    const { resource } = await makeOpenApi(stack);
    await stack.token(app.client, { resource });
    await stack.token(app.client, { resource, scope: 'no:such' });
    const device = await app.addClient({ kind: 'device' });
    const { refreshToken } = await logInToApp(stack, device.id, app.owner, { resource });
    await stack.post('/connect/token', {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: device.id,
    });
    // Keeps the database, to read what the server wrote when it stopped.
    database.close = async () => {};
    await stack.close();
    expect(await totals(domain, app)).toEqual({ [app.client.id]: 1, [device.id]: 2 });
  } finally {
    await close();
  }
});
