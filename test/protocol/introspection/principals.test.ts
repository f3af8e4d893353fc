import { describe, expect, test } from '@jest/globals';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { logIn } from '../../support/login.ts';
import { makeParties, type TokenFormat } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';

onStack((stack) => {
  const introspected = async (token: string, asker: { id: string; secret: string }) =>
    (await stack().introspect(token, asker)).text;

  describe.each<TokenFormat>(['opaque', 'jwt'])('tokens, %s,', (format) => {
    test('of a disabled client are inactive at once, and stay so when it is enabled', async () => {
      const { client, resourceServer, issue } = await makeParties(stack(), { format });
      const token = await issue();
      await stack().api.call('POST', `/clients/${client.id}/disable`);
      expect(await introspected(token, resourceServer)).toBe('{"active":false}');
      await stack().api.call('POST', `/clients/${client.id}/enable`);
      expect(await introspected(token, resourceServer)).toBe('{"active":false}');
      const { body } = await stack().introspect(await issue(), resourceServer);
      expect(body.active).toBe(true);
    });

    test('of a deleted client are inactive at once', async () => {
      const { client, resourceServer, issue } = await makeParties(stack(), { format });
      const token = await issue();
      await stack().api.call('DELETE', `/clients/${client.id}`);
      expect(await introspected(token, resourceServer)).toBe('{"active":false}');
    });

    test('of another client stay active meanwhile', async () => {
      const { client, otherClient, resourceServer } = await makeParties(stack(), { format });
      const { body } = await stack().token(otherClient);
      await stack().api.call('DELETE', `/clients/${client.id}`);
      expect((await stack().introspect(body.access_token, resourceServer)).body.active).toBe(true);
    });

    const loggedIn = async () => {
      const { resource, resourceServer } = await makeParties(stack(), { format });
      const client = await stack().api.createClient({
        grant_types: ['refresh_token', 'authorization_code'],
        redirect_uris: ['https://app.test/cb'],
        response_types: ['code'],
        resources: [resource],
      });
      const scope = 'offline_access things:read';
      const login = await logIn(stack(), client.id, { resource, scope });
      const refresh = async (): Promise<string | undefined> =>
        (
          await stack().post(
            '/connect/token',
            { grant_type: 'refresh_token', refresh_token: login.refreshToken },
            client,
          )
        ).body.access_token;
      const token = (await refresh()) ?? '';
      expect((await stack().introspect(token, resourceServer)).body.active).toBe(true);
      return { client, resourceServer, login, token, refresh };
    };

    test('of a disabled account are inactive at once, and stay so when it is enabled', async () => {
      const { client, resourceServer, login, token, refresh } = await loggedIn();
      const ended = async () => {
        expect(await introspected(token, resourceServer)).toBe('{"active":false}');
        expect(await introspected(login.refreshToken, client)).toBe('{"active":false}');
        expect(await refresh()).toBeUndefined();
      };
      await stack().domain.accounts.disable(serverActor, login.accountId);
      await ended();
      await stack().domain.accounts.enable(serverActor, login.accountId);
      await ended();
    });

    test('of a revoked grant are inactive at once', async () => {
      const { client, resourceServer, login, token, refresh } = await loggedIn();
      await stack().domain.grants.revoke(login.grantId);
      expect(await introspected(token, resourceServer)).toBe('{"active":false}');
      expect(await introspected(login.refreshToken, client)).toBe('{"active":false}');
      expect(await refresh()).toBeUndefined();
    });
  });

  test('a disabled resource server learns nothing', async () => {
    const { resourceServer, issue } = await makeParties(stack());
    const token = await issue();
    await stack().api.call('POST', `/clients/${resourceServer.id}/disable`);
    expect(await stack().introspect(token, resourceServer)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });
});
