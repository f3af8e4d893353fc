import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { logIn } from '../../support/login.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack, startStack } from '../../support/stacks.ts';
import { makeDevices } from './support.ts';

test('a grant is used by its redemption, by a refresh, and by an active introspection of its token', async () => {
  const stack = await startStack('embedded');
  const written: unknown[] = [];
  const { query } = stack.database;
  stack.database.query = async (statement, values) => {
    if (statement.name === 'grant-last-used') written.push(...(values[0] as string[]));
    return query(statement, values);
  };
  const { approved, poll, client } = await makeDevices(stack, { isPublicClient: false });
  const redeemed = await approved();
  await poll(redeemed);
  const scope = 'openid offline_access';
  const { resource } = await makeParties(stack);
  await stack.api.call('PATCH', `/clients/${client.id}`, { resources: [resource] });
  const ofApi = { scope: 'offline_access things:read', resource };
  const [refreshedFast, refreshed, introspected, revoked, unused] = [
    await logIn(stack, client.id, ofApi),
    await logIn(stack, client.id, { scope }),
    await logIn(stack, client.id, { scope }),
    await logIn(stack, client.id, { scope }),
    await logIn(stack, client.id, { scope }),
  ];
  const form = { grant_type: 'refresh_token' };
  for (const { refreshToken } of [refreshedFast, refreshed])
    await stack.post('/connect/token', { ...form, refresh_token: refreshToken }, client);
  await stack.introspect(introspected.refreshToken, client);
  await stack.domain.grants.revoke(revoked.grantId);
  await stack.introspect(revoked.refreshToken, client);
  await stack.post('/connect/token', { ...form, refresh_token: revoked.refreshToken }, client);
  await stack.close();
  const used = [redeemed, refreshedFast, refreshed, introspected].map(({ grantId }) => grantId);
  expect(written.sort()).toEqual(used.sort());
  expect(written).not.toContain(unused.grantId);
});

onStack((stack) => {
  test('uses are written in one statement, to ten minutes', async () => {
    const { approved } = await makeDevices(stack());
    const [one, two] = [await approved(), await approved()];
    const { lastUsed } = stack().domain;
    const { kysely } = stack().database;
    const used = async ({ grantId }: typeof one) =>
      (
        await kysely
          .selectFrom('oauth_grant')
          .select('last_used_at')
          .where('id', '=', grantId)
          .executeTakeFirstOrThrow()
      ).last_used_at;
    const setUsed = (minutes: number) =>
      sql`update oauth_grant set last_used_at = now() - ${minutes} * interval '1 minute' where id = ${one.grantId}`.execute(
        kysely,
      );
    expect(await used(one)).toBeNull();
    for (const { grantId } of [one, two, one]) lastUsed.touchGrant(grantId);
    await lastUsed.flush();
    expect(await used(one)).toBeInstanceOf(Date);
    expect(await used(two)).toEqual(await used(one));
    for (const [minutes, written] of [
      [9, false],
      [11, true],
    ] as const) {
      await setUsed(minutes);
      const before = await used(one);
      lastUsed.touchGrant(one.grantId);
      await lastUsed.flush();
      expect((await used(one))?.getTime() !== before?.getTime()).toBe(written);
    }
  });
});
