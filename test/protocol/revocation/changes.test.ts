import { expect, test } from '@jest/globals';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onEveryStack } from '../../support/stacks.ts';

onEveryStack((stack) => {
  /** The changes that work leaves in the feed, as a follower reads them. */
  const changesOf = async (work: () => Promise<unknown>): Promise<Record<string, unknown>[]> => {
    const { last } = await stack()
      .database.kysely.selectFrom('change_counter')
      .select('last')
      .executeTakeFirstOrThrow();
    await work();
    const { body } = await stack().api.call('GET', `/changes?after=${last}`);
    expect(body.items.map(({ number }: { number: number }) => number)).toEqual(
      body.items.map((_: unknown, index: number) => Number(last) + 1 + index),
    );
    expect(body.last).toBe(Number(last) + body.items.length);
    return body.items;
  };

  test.each(['opaque', 'jwt'] as const)(
    'a revoked token is listed by its id, %s',
    async (format) => {
      const { client, issue } = await makeParties(stack(), { format });
      const token = await issue();
      const { jti } = (await stack().introspect(token, client)).body;
      expect(await changesOf(() => stack().revoke(token, client))).toMatchObject([
        { kind: 'token.revoked', token_id: jti, client_id: client.id },
      ]);
      expect(await changesOf(() => stack().revoke(token, client))).toEqual([]);
    },
  );

  test('a token that was revoked through the API is listed too', async () => {
    const { client, issue } = await makeParties(stack());
    const { jti } = (await stack().introspect(await issue(), client)).body;
    expect(await changesOf(() => stack().api.call('DELETE', `/tokens/${jti}`))).toMatchObject([
      { kind: 'token.revoked', token_id: jti, client_id: client.id },
    ]);
  });

  test('a client that is disabled, enabled and deleted is listed with its new epoch', async () => {
    const { client } = await makeParties(stack());
    const { api } = stack();
    const changes = await changesOf(async () => {
      await api.call('POST', `/clients/${client.id}/disable`);
      await api.call('POST', `/clients/${client.id}/enable`);
      await api.call('DELETE', `/clients/${client.id}`);
    });
    expect(changes).toMatchObject([
      { kind: 'client.disabled', client_id: client.id, epoch: 1 },
      { kind: 'client.enabled', client_id: client.id, epoch: 1 },
      { kind: 'client.deleted', client_id: client.id, epoch: 2 },
    ]);
    expect(await changesOf(() => api.call('DELETE', `/clients/${client.id}`))).toEqual([]);
  });

  test('an account that is disabled and enabled is listed', async () => {
    const { accountId } = await makeLoggedIn(stack());
    const { accounts } = stack().domain;
    const changes = await changesOf(async () => {
      await accounts.disable(serverActor, accountId);
      await accounts.enable(serverActor, accountId);
    });
    expect(changes).toMatchObject([
      { kind: 'account.disabled', account_id: accountId, epoch: 1 },
      { kind: 'account.enabled', account_id: accountId, epoch: 1 },
    ]);
  });

  test('a grant that was revoked with a refresh token is listed once, as the grant', async () => {
    const { accountId, grantId, refreshToken, revoke } = await makeLoggedIn(stack());
    const changes = await changesOf(async () => {
      await revoke(refreshToken);
      await revoke(refreshToken);
      await stack().domain.grants.revoke(grantId);
    });
    expect(changes).toMatchObject([
      { kind: 'grant.revoked', grant_id: grantId, account_id: accountId, epoch: 1 },
    ]);
  });

  test('a role with changed permissions is listed', async () => {
    const { role } = await makeParties(stack());
    const changes = await changesOf(() => stack().api.setRole(role, ['things.burn']));
    expect(changes).toMatchObject([{ kind: 'role.changed' }]);
  });

  test('issuing, introspecting and refreshing are not listed: nothing was revoked', async () => {
    const { refreshToken, refresh, resourceServer } = await makeLoggedIn(stack());
    const changes = await changesOf(async () => {
      const { body } = await refresh(refreshToken);
      await stack().introspect(body.access_token, resourceServer);
    });
    expect(changes).toEqual([]);
  });
});
