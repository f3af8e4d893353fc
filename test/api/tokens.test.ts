import { expect, test } from '@jest/globals';
import { makeLoggedIn } from '../support/logins.ts';
import { makeParties } from '../support/parties.ts';
import { onEveryStack } from '../support/stacks.ts';

onEveryStack((stack) => {
  test.each(['opaque', 'jwt'] as const)(
    'a token is shown and ended by its id, without its value, %s',
    async (format) => {
      const { client, resource, role, issue } = await makeParties(stack(), { format });
      const token = await issue({ scope: 'things:read' });
      const { jti } = (await stack().introspect(token, client)).body;
      const { api } = stack();
      const shown = await api.call('GET', `/tokens/${jti}`);
      expect(shown.body).toMatchObject({
        id: jti,
        kind: 'access_token',
        format,
        active: true,
        client_id: client.id,
        scope: 'things:read',
        audience: [resource],
        roles: [role],
        entitlements: ['things.read'],
      });
      expect(shown.text).not.toContain(token);
      for (let time = 1; time <= 2; time++)
        expect((await api.call('DELETE', `/tokens/${jti}`)).status).toBe(204);
      expect((await stack().introspect(token, client)).body.active).toBe(false);
      expect((await api.call('GET', `/tokens/${jti}`)).body.active).toBe(false);
    },
  );

  test('a token is not found by its value: values do not belong into paths and logs', async () => {
    const { issue } = await makeParties(stack());
    const { status } = await stack().api.call('GET', `/tokens/${await issue()}`);
    expect(status).toBe(404);
  });

  test('a refresh token that is ended by its id ends its login', async () => {
    const { app, refreshToken, refresh, resourceServer } = await makeLoggedIn(stack());
    const { body } = await refresh(refreshToken);
    const { jti } = (await stack().introspect(refreshToken, app)).body;
    expect((await stack().api.call('DELETE', `/tokens/${jti}`)).status).toBe(204);
    expect((await stack().introspect(body.access_token, resourceServer)).body.active).toBe(false);
    expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
  });
});
