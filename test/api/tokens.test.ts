import { expect, test } from '@jest/globals';
import { issueApiKey } from '../../src/domain/tokens/api-keys.ts';
import { apiClient } from '../support/http.ts';
import { makeLoggedIn } from '../support/logins.ts';
import { makeParties } from '../support/parties.ts';
import { onEveryStack } from '../support/stacks.ts';
import { tokenWith } from './routes.ts';

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

  test('the operator’s key ends only when it asks for that itself', async () => {
    const { api, apiResource, database, domain, origin } = stack();
    const owner = await domain.clients('writ-operator');
    if (!owner) throw new Error('no operator');
    const { id, value } = await issueApiKey(database.kysely, {
      owner,
      name: 'another key of the operator',
      scopes: ['tokens:read', 'tokens:write'],
      audience: apiResource,
      now: Math.floor(Date.now() / 1000),
    });
    const key = apiClient(origin, value);
    const path = `/tokens/${id}`;
    const weak = apiClient(origin, await tokenWith(stack(), ['tokens:write']));
    for (const other of [weak, api])
      expect(await other.call('DELETE', path)).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      });
    expect((await key.call('GET', path)).body.active).toBe(true);
    expect((await key.call('DELETE', path)).status).toBe(204);
    expect((await key.call('GET', path)).status).toBe(401);
  });

  test('API keys are listed by owner and kind; what comes and goes with logins is not', async () => {
    const { api, database, domain, apiResource } = stack();
    const { client, issue } = await makeParties(stack());
    await issue();
    const owner = await domain.clients(client.id);
    if (!owner) throw new Error('no owner');
    const now = Math.floor(Date.now() / 1000);
    const given = { owner, name: 'a key', scopes: ['clients:read'], audience: apiResource, now };
    const { id, value } = await issueApiKey(database.kysely, given);
    const listed = async (query: string) => (await api.call('GET', `/tokens?${query}`)).body;
    const { items, next } = await listed(`client_id=${client.id}`);
    expect(next).toBeNull();
    expect(items).toEqual([(await api.call('GET', `/tokens/${id}`)).body]);
    expect(items).toMatchObject([{ id, kind: 'api_key', name: 'a key', scope: 'clients:read' }]);
    expect(JSON.stringify(items)).not.toContain(value);
    expect((await listed(`client_id=${client.id}&kind=api_key`)).items).toEqual(items);
    for (const query of [
      `client_id=${client.id}&kind=personal_access_token`,
      'client_id=nobody',
      `account_id=00000000-0000-0000-0000-000000000000`,
    ])
      expect(await listed(query)).toEqual({ items: [], next: null });
  });
});
