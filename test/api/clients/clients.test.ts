import { expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import { apiClient } from '../../support/http.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { tokenWith } from '../routes.ts';

onStack((stack) => {
  test('a client is returned as it was created, and its secret once', async () => {
    const { api } = stack();
    const role = unique('role');
    await api.setRole(role, []);
    const given = { client_id: unique('client'), client_name: 'A client', roles: [role] };
    const { body, headers } = await api.call('POST', '/clients', given);
    expect(body).toMatchObject({
      ...given,
      client_secret: expect.stringMatching(/^writ_cs_/),
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
    });
    expect(headers.get('location')).toBe(`/api/v1/clients/${given.client_id}`);
    const { client_secret: _secret, ...shown } = body;
    expect((await api.call('GET', `/clients/${given.client_id}`)).body).toEqual(shown);
    // The internal id is not exposed.
    expect(shown).not.toHaveProperty('id');
  });

  test('a device client shows the lifetimes that a person can choose, and whether its polling interval is enforced', async () => {
    const given = {
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      device_lifetimes: [2_592_000, 60, 366 * 86_400],
      enforce_polling_interval: false,
    };
    const { status, body } = await stack().api.call('POST', '/clients', given);
    expect(status).toBe(201);
    expect(body).toMatchObject(given);
    const path = `/clients/${body.client_id}`;
    const none = { device_lifetimes: null, enforce_polling_interval: null };
    await stack().api.call('PATCH', path, none);
    const cleared = (await stack().api.call('GET', path)).body;
    for (const name of Object.keys(none)) expect(cleared).not.toHaveProperty(name);
  });

  test('the ID token algorithm is stored for clients in which people sign in; the default is RS256', async () => {
    const { api } = stack();
    const grants = { token_endpoint_auth_method: 'none', grant_types: [grantTypes.deviceCode] };
    const { body } = await api.call('POST', '/clients', grants);
    expect(body.id_token_signed_response_alg).toBe('RS256');
    const set = async (alg: string | null) =>
      (await api.call('PATCH', `/clients/${body.client_id}`, { id_token_signed_response_alg: alg }))
        .body.id_token_signed_response_alg;
    expect([await set('EdDSA'), await set(null)]).toEqual(['EdDSA', 'RS256']);
    const machine = await api.call('POST', '/clients', {});
    expect(machine.body).not.toHaveProperty('id_token_signed_response_alg');
  });

  test('a client without a client_id gets a unique one', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => stack().api.createClient()));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(5);
  });

  test('of ten concurrent requests for a client_id one succeeds', async () => {
    const client_id = unique('client');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => stack().api.call('POST', '/clients', { client_id })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(9).fill(409)]);
  });

  test('no client gets the id of an account, so that its sub cannot be mistaken for a person’s (RFC 9700 §4.15)', async () => {
    const { api } = stack();
    const { body: person } = await api.call('POST', '/accounts', {
      email: `${unique('ada')}@writ.test`,
      name: 'Ada',
    });
    const id: string = person.id;
    for (const client_id of [id, id.toUpperCase(), id.replaceAll('-', '')])
      expect(await api.call('POST', '/clients', { client_id })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', details: [{ parameter: 'client_id' }] },
      });
    expect(await api.call('POST', '/apps', { name: id, display_name: 'Ada' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', details: [{ parameter: 'name' }] },
    });
  });

  test('a scope that no resource has causes a warning that suggests the intended one', async () => {
    const { api } = stack();
    const resource = `https://${unique('api')}.test`;
    await api.createResource({ identifier: resource, scopes: [{ name: 'invoices:approve' }] });
    const { body: made } = await api.call('POST', '/clients', {
      resources: [resource],
      scope: 'invoices:aprove',
    });
    const warnings = [
      {
        parameter: 'scope',
        message: 'No resource has the scope invoices:aprove. Did you mean invoices:approve?',
      },
    ];
    expect(made.warnings).toEqual(warnings);
    const path = `/clients/${made.client_id}`;
    const read = await api.call('GET', path);
    expect(read.body).not.toHaveProperty('warnings');
    // The ETag covers the client, not the warnings of the request.
    const changed = await api.call('PATCH', path, { client_name: 'B' });
    expect(changed.body.warnings).toEqual(warnings);
    expect(changed.headers.get('etag')).toBe((await api.call('GET', path)).headers.get('etag'));
    const right = await api.call('PATCH', path, { scope: 'invoices:approve' });
    expect(right.body).not.toHaveProperty('warnings');
  });

  test('the client_id of a deleted client cannot be reused, because it is the sub of tokens', async () => {
    const { api } = stack();
    const { id } = await api.createClient({ client_id: unique('client') });
    expect((await api.call('DELETE', `/clients/${id}`)).status).toBe(204);
    expect(await api.call('POST', '/clients', { client_id: id })).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
  });

  test('a deleted client is not found anywhere, and cannot be enabled', async () => {
    const { api } = stack();
    const { id } = await api.createClient();
    await api.call('DELETE', `/clients/${id}`);
    const path = `/clients/${id}`;
    for (const [method, rest] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/enable'],
      ['POST', '/disable'],
      ['GET', '/secrets'],
      ['POST', '/secrets'],
    ] as const)
      expect(await api.call(method, path + rest)).toMatchObject({
        status: 404,
        body: { error: 'not_found' },
      });
    const { body } = await api.call('GET', '/clients?limit=500');
    expect(body.items.map(({ client_id }: { client_id: string }) => client_id)).not.toContain(id);
  });

  test('a disabled client gets no tokens, and gets them again when enabled', async () => {
    const { api } = stack();
    const { client } = await makeParties(stack());
    const disabled = await api.call('POST', `/clients/${client.id}/disable`);
    expect(disabled.body.disabled_at).toEqual(expect.any(String));
    expect(await stack().token(client)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    const enabled = await api.call('POST', `/clients/${client.id}/enable`);
    expect(enabled.body.disabled_at).toBeNull();
    expect((await stack().token(client)).status).toBe(200);
  });

  test('a public client and one with keys of its own have no secret', async () => {
    const { api } = stack();
    const { publicKey } = await generateKeyPair('ES256');
    const publicOne = await api.call('POST', '/clients', {
      token_endpoint_auth_method: 'none',
      grant_types: [],
    });
    const withKeys = await api.call('POST', '/clients', {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [await exportJWK(publicKey)] },
    });
    for (const { status, body } of [publicOne, withKeys]) {
      expect(status).toBe(201);
      expect(body).not.toHaveProperty('client_secret');
      const path = `/clients/${body.client_id}/secrets`;
      expect((await api.call('GET', path)).body.items).toEqual([]);
      expect(await api.call('POST', path)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    }
  });

  test('the operator’s client cannot be changed, because that would lock everyone out', async () => {
    const api = apiClient(stack().origin, await tokenWith(stack(), ['clients:write']));
    for (const [method, rest] of [
      ['POST', '/disable'],
      ['POST', '/enable'],
      ['POST', '/secrets'],
      ['DELETE', ''],
    ] as const)
      expect(await api.call(method, `/clients/writ-operator${rest}`)).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      });
  });
});
