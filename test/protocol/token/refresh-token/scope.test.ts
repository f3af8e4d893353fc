import { expect, test } from '@jest/globals';
import { makeLoggedIn } from '../../../support/logins.ts';
import { onStack } from '../../../support/stacks.ts';

onStack((stack) => {
  test('a refresh that requests less gets less, and the next one can have everything again', async () => {
    const { resourceServer, refreshToken, refresh } = await makeLoggedIn(stack());
    const shown = async (token: string) =>
      (await stack().introspect(token, resourceServer)).body.scope;
    const narrow = (await refresh(refreshToken, { scope: 'things:read' })).body;
    expect(await shown(narrow.access_token)).toBe('things:read');
    const whole = (await refresh(refreshToken)).body;
    expect(await shown(whole.access_token)).toBe('openid offline_access things:read things:write');
  });

  test('a refresh that requests more than the grant has is refused, and the grant stays valid', async () => {
    const { refreshToken, refresh } = await makeLoggedIn(stack(), {
      token_endpoint_auth_method: 'none',
      scope: 'offline_access things:read',
    });
    expect(await refresh(refreshToken, { scope: 'things:read things:write' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  test('a refresh for a resource that the grant does not have is refused, and the grant stays valid', async () => {
    const { refreshToken, refresh } = await makeLoggedIn(stack(), {
      token_endpoint_auth_method: 'none',
    });
    expect(await refresh(refreshToken, { resource: stack().apiResource })).toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
    expect((await refresh(refreshToken)).status).toBe(200);
  });
});
