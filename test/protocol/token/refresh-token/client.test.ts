import { expect, test } from '@jest/globals';
import { makeLoggedIn } from '../../../support/logins.ts';
import { onStack } from '../../../support/stacks.ts';

onStack((stack) => {
  test('a confidential client keeps its refresh token: its secret protects it', async () => {
    const { refreshToken, refresh } = await makeLoggedIn(stack());
    for (let time = 1; time <= 3; time++) {
      const { status, body } = await refresh(refreshToken);
      expect(status).toBe(200);
      expect(body.refresh_token ?? refreshToken).toBe(refreshToken);
    }
  });

  test('a confidential client with rotate_refresh_tokens gets a successor each time', async () => {
    const { app, refreshToken, refresh } = await makeLoggedIn(stack(), {
      rotate_refresh_tokens: true,
    });
    const first = (await refresh(refreshToken)).body.refresh_token;
    const second = (await refresh(first)).body.refresh_token;
    expect(new Set([refreshToken, first, second]).size).toBe(3);
    const active = async (token: string) => (await stack().introspect(token, app)).body.active;
    expect([await active(refreshToken), await active(first), await active(second)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('access_token_ttl also applies to refreshed tokens', async () => {
    const { refreshToken, refresh } = await makeLoggedIn(stack(), { access_token_ttl: 120 });
    expect((await refresh(refreshToken)).body.expires_in).toBe(120);
  });

  test('another client gets invalid_grant for a stolen refresh token, and the grant stays valid', async () => {
    const victim = await makeLoggedIn(stack(), { token_endpoint_auth_method: 'none' });
    const thief = await makeLoggedIn(stack(), { token_endpoint_auth_method: 'none' });
    expect(await thief.refresh(victim.refreshToken)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await victim.refresh(victim.refreshToken)).status).toBe(200);
  });

  test('the response of the winner is not repeated to another client within the window', async () => {
    const victim = await makeLoggedIn(stack(), { token_endpoint_auth_method: 'none' });
    const thief = await makeLoggedIn(stack(), { token_endpoint_auth_method: 'none' });
    const { body } = await victim.refresh(victim.refreshToken);
    expect((await thief.refresh(victim.refreshToken)).body.error).toBe('invalid_grant');
    expect((await victim.refresh(body.refresh_token)).status).toBe(200);
  });

  test('a confidential client needs its secret to refresh', async () => {
    const { app, refreshToken } = await makeLoggedIn(stack());
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: app.id };
    expect(await stack().post('/connect/token', form)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  test('a client that is not registered for the refresh token grant is refused', async () => {
    const { refreshToken, client } = await makeLoggedIn(stack());
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    expect(await stack().post('/connect/token', form, client)).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client' },
    });
  });
});
