import { expect, test } from '@jest/globals';
import { apiScopes } from '../../../config/scopes.ts';
import { apiClient } from '../../support/http.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { tokenWith } from '../routes.ts';

onStack((stack) => {
  const change = (id: string, changes: object) =>
    stack().api.call('PATCH', `/clients/${id}`, changes);

  test('omitted fields stay as they are, and null removes a field (RFC 7396)', async () => {
    const { api } = stack();
    const given = { client_name: 'A name', client_uri: 'https://a.test', access_token_ttl: 60 };
    const { id } = await api.createClient(given);
    const { body: before } = await api.call('GET', `/clients/${id}`);
    expect((await change(id, {})).body).toEqual(before);
    const { status, body } = await change(id, { client_name: 'Another', client_uri: null });
    expect(status).toBe(200);
    const { client_uri: _gone, ...kept } = before;
    expect(body).toEqual({ ...kept, client_name: 'Another' });
    expect((await api.call('GET', `/clients/${id}`)).body).toEqual(body);
  });

  test('null resets a required field to its default', async () => {
    const { id } = await stack().api.createClient({ grant_types: ['refresh_token'] });
    expect((await change(id, { grant_types: null })).body.grant_types).toEqual([
      'client_credentials',
    ]);
  });

  test('introspection returns new roles immediately, for existing tokens too', async () => {
    const { client, issue, resourceServer } = await makeParties(stack());
    const role = unique('role');
    await stack().api.setRole(role, ['things.write']);
    const token = await issue();
    expect((await change(client.id, { roles: [role] })).status).toBe(200);
    expect((await stack().introspect(token, resourceServer)).body).toMatchObject({
      active: true,
      roles: [role],
      entitlements: ['things.write'],
    });
  });

  test('a secret can be sent in the header or the body, and no other authentication replaces it', async () => {
    const { api } = stack();
    const { id } = await api.createClient();
    const to = async (token_endpoint_auth_method: string) =>
      (await change(id, { token_endpoint_auth_method })).status;
    expect(await to('client_secret_post')).toBe(200);
    expect(await to('client_secret_basic')).toBe(200);
    for (const method of ['none', 'private_key_jwt']) expect(await to(method)).toBe(400);
    const open = await api.createClient({ token_endpoint_auth_method: 'none', grant_types: [] });
    expect((await change(open.id, { token_endpoint_auth_method: 'none' })).status).toBe(200);
    for (const changes of [
      { token_endpoint_auth_method: 'client_secret_basic' },
      { grant_types: ['client_credentials'] },
    ])
      expect(await change(open.id, changes)).toMatchObject({
        status: 400,
        body: { error: 'invalid_client_metadata' },
      });
  });

  test('a caller can neither give nor leave a client more access to Writ’s API than its own', async () => {
    const { api, apiResource, origin } = stack();
    const denied = { status: 403, body: { error: 'access_denied' } };
    const weak = apiClient(origin, await tokenWith(stack(), ['clients:write']));
    const { id } = await api.createClient();
    const path = `/clients/${id}`;
    const scope = Object.keys(apiScopes).join(' ');
    expect(await weak.call('PATCH', path, { resources: [apiResource], scope })).toMatchObject(
      denied,
    );
    // The same in two steps.
    expect((await weak.call('PATCH', path, { scope })).status).toBe(200);
    expect(await weak.call('PATCH', path, { resources: [apiResource] })).toMatchObject(denied);
    expect(await weak.call('PATCH', path, { resource_server_for: [apiResource] })).toMatchObject(
      denied,
    );
    // Choosing the keys of a privileged client means becoming it.
    const mighty = await api.createClient({ resources: [apiResource], scope });
    expect(
      await weak.call('PATCH', `/clients/${mighty.id}`, { jwks_uri: 'https://a.test/jwks' }),
    ).toMatchObject(denied);
  });

  test('nor can the rights be removed, a key be planted, and the rights be restored by another caller', async () => {
    const { api, apiResource, origin } = stack();
    const weak = apiClient(origin, await tokenWith(stack(), ['clients:write']));
    const scope = 'clients:read tokens:write';
    const { id } = await api.createClient({ resources: [apiResource], scope });
    for (const changes of [{ resources: [] }, { scope: 'clients:write' }, { client_name: 'Mine' }])
      expect(await weak.call('PATCH', `/clients/${id}`, changes)).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      });
    const { body } = await api.call('GET', `/clients/${id}`);
    expect(body).toMatchObject({ resources: [apiResource], scope });
    // Revoking requires only clients:write.
    expect((await weak.call('DELETE', `/clients/${id}`)).status).toBe(204);
  });

  test('null empties the lists of roles and resources, and duplicates are removed', async () => {
    const { api } = stack();
    const [role, resource] = [unique('role'), `https://${unique('api')}.test`];
    await api.setRole(role, []);
    await api.createResource({ identifier: resource });
    const rights = {
      roles: [role],
      resources: [resource],
      resource_server_for: [resource],
    };
    const twice = Object.entries(rights).map(([name, list]) => [name, [...list, ...list]]);
    const { id } = await api.createClient(Object.fromEntries(twice));
    expect((await api.call('GET', `/clients/${id}`)).body).toMatchObject(rights);
    const { status, body } = await change(id, {
      roles: null,
      resources: null,
      resource_server_for: null,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ roles: [], resources: [], resource_server_for: [] });
    const { body: account } = await api.call('POST', '/accounts', {
      name: 'Ada',
      roles: [role, role],
    });
    expect(account.roles).toEqual([role]);
  });

  test('the operator’s client cannot be changed, nor its tokens be revoked', async () => {
    for (const [method, path] of [
      ['PATCH', '/clients/writ-operator'],
      ['DELETE', '/clients/writ-operator/tokens'],
    ] as const)
      expect(await stack().api.call(method, path, {})).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      });
  });

  test('all tokens of a client can be revoked at once, and it can get new ones', async () => {
    const { client, issue, resourceServer } = await makeParties(stack());
    const tokens = [await issue(), await issue()];
    const { status } = await stack().api.call('DELETE', `/clients/${client.id}/tokens`);
    expect(status).toBe(204);
    const active = async (token: string) =>
      (await stack().introspect(token, resourceServer)).body.active;
    for (const token of tokens) expect(await active(token)).toBe(false);
    expect(await active(await issue())).toBe(true);
  });

  test('all tokens of a person can be revoked at once, at every client', async () => {
    const { accountId, refreshToken, refresh, resourceServer } = await makeLoggedIn(stack());
    const { body: refreshed } = await refresh(refreshToken);
    const active = async () =>
      (await stack().introspect(refreshed.access_token, resourceServer)).body.active;
    expect(await active()).toBe(true);
    expect((await stack().api.call('DELETE', `/accounts/${accountId}/tokens`)).status).toBe(204);
    expect(await active()).toBe(false);
    expect((await refresh(refreshed.refresh_token)).body.error).toBe('invalid_grant');
  });
});
