import { beforeAll, expect, test } from '@jest/globals';
import { onStack, unique } from '../../support/stacks.ts';

/** The clients of an app and their secrets. */
onStack((stack) => {
  const call = (method: string, path: string, body?: unknown) =>
    stack().api.call(method, path, body);
  let app: string;
  let clients: string;
  let resource: string;
  beforeAll(async () => {
    app = (await call('POST', '/apps', { display_name: unique('App') })).body.name;
    clients = `/apps/${app}/clients`;
    resource = `https://${unique('api')}.test`;
    const apps = { token_formats: ['opaque'], longest_access_token_ttl: 600 };
    await stack().api.createResource({ identifier: resource, apps });
  });

  const make = async (given: object = {}) => {
    const made = await call('POST', clients, { name: unique('client'), role: 'Reader', ...given });
    expect(made.status).toBe(201);
    const { client_secret: secret, ...client } = made.body;
    return {
      client,
      secret,
      path: `${clients}/${client.name}`,
      location: made.headers.get('location'),
    };
  };
  const token = (id: string, secret: string) => stack().token({ id, secret }, { resource });

  test('a client is created with a role, is listed, and gets tokens with its secret, which is returned once', async () => {
    const { client, secret, path, location } = await make({ display_name: 'The server' });
    expect(location).toBe(`/api/v1${path}`);
    expect(client).toEqual({
      client_id: `${app}:${client.name}`,
      name: client.name,
      display_name: 'The server',
      kind: 'server',
      role: 'Reader',
      redirect_uris: [],
      profile: null,
      jwks: null,
      require_pushed_authorization_requests: false,
      dpop_bound_access_tokens: false,
      id_token_signed_response_alg: null,
      access_token_ttl: null,
      access_token_format: null,
      api_calls_limit: null,
      api_traffic_limit: null,
      allow_anonymous: false,
      post_logout_redirect_uris: [],
      backchannel_logout_uri: null,
      frontchannel_logout_uri: null,
      initiate_login_uri: null,
      optional_scopes: [],
      default_max_age: null,
      require_auth_time: false,
      require_second_factor: false,
      claims_in_id_token: true,
      userinfo_signed_response_alg: null,
      token_exchange: false,
      agent: null,
      first_party: false,
      disabled_at: null,
      disabled_by: null,
      created_at: expect.any(String),
    });
    const [one, list] = [await call('GET', path), await call('GET', clients)];
    expect(one.body).toEqual(client);
    expect(list.body).toMatchObject({ next: null });
    expect(list.body.items).toContainEqual(client);
    expect(one.text + list.text).not.toContain(secret);
    expect(await token(client.client_id, secret)).toMatchObject({ status: 200 });
  });

  test.each([
    ['website', ['https://www.example.com/back']],
    ['native', ['com.example.app:/back']],
    ['device', []],
  ])('a %s is made with the redirect URIs %j, and has no secret', async (kind, uris) => {
    const { client, secret } = await make({
      kind,
      ...(uris.length > 0 && { redirect_uris: uris }),
    });
    expect(client).toMatchObject({ kind, redirect_uris: uris });
    expect(secret).toBeUndefined();
  });

  test('a name that is taken, even by a deleted client, creates no second client', async () => {
    const { client, path } = await make();
    const again = { name: client.name, role: 'Reader' };
    const taken = { status: 409, body: { error: 'conflict' } };
    expect(await call('POST', clients, again)).toMatchObject(taken);
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await call('POST', clients, again)).toMatchObject(taken);
    expect((await call('GET', path)).status).toBe(404);
  });

  test('a patch changes only its fields; null means the setting of the resource', async () => {
    const { client, path } = await make({
      kind: 'native',
      redirect_uris: ['com.example.app:/back'],
    });
    const changes = {
      display_name: 'Another',
      role: 'Editor',
      redirect_uris: ['http://localhost/back'],
      access_token_ttl: 60,
      access_token_format: 'opaque',
      optional_scopes: ['email'],
      default_max_age: 3600,
      require_auth_time: true,
      claims_in_id_token: false,
      userinfo_signed_response_alg: 'ES256',
      first_party: true,
    };
    for (const [name, value] of Object.entries(changes)) {
      const before = (await call('GET', path)).body;
      expect((await call('PATCH', path, { [name]: value })).body).toEqual({
        ...before,
        [name]: value,
      });
    }
    expect((await call('GET', path)).body).toEqual({ ...client, ...changes });
    const { metadata } = (await stack().domain.registry.find(client.client_id)) ?? {};
    expect(metadata).toMatchObject({
      optional_scopes: ['email'],
      default_max_age: 3600,
      require_auth_time: true,
      claims_in_id_token: false,
      userinfo_signed_response_alg: 'ES256',
      first_party: true,
    });
    const nulls = {
      access_token_ttl: null,
      access_token_format: null,
      default_max_age: null,
      userinfo_signed_response_alg: null,
    };
    expect((await call('PATCH', path, nulls)).body).toEqual({ ...client, ...changes, ...nulls });
  });

  test('a disabled or deleted client gets no tokens, and its existing tokens are revoked', async () => {
    const { client, secret, path } = await make();
    const server = await stack().api.createClient({ resource_server_for: [resource] });
    const active = async (value: string) => (await stack().introspect(value, server)).body.active;
    const { access_token: first } = (await token(client.client_id, secret)).body;
    expect(await active(first)).toBe(true);
    expect((await call('POST', `${path}/disable`)).body.disabled_at).toEqual(expect.any(String));
    expect(await active(first)).toBe(false);
    expect((await token(client.client_id, secret)).status).toBe(401);
    expect((await call('POST', `${path}/enable`)).body.disabled_at).toBeNull();
    const { access_token: second } = (await token(client.client_id, secret)).body;
    expect(await active(second)).toBe(true);
    await call('DELETE', path);
    expect(await active(second)).toBe(false);
  });

  test('a client of an app that was disabled under /clients shows that an operator did it', async () => {
    const { client, path } = await make();
    const { status, body } = await call('POST', `/clients/${client.client_id}/disable`);
    expect([status, 'disabled_by' in body]).toEqual([200, false]);
    expect((await call('GET', path)).body.disabled_by).toBe('operator');
    await call('POST', `/clients/${client.client_id}/enable`);
    expect((await call('GET', path)).body.disabled_by).toBeNull();
  });

  test('a client has at most two valid secrets, and each is returned once', async () => {
    const { client, secret, path } = await make();
    const made = await call('POST', `${path}/secrets`);
    expect(made.status).toBe(201);
    const { client_secret: other, ...shown } = made.body;
    expect(shown).toEqual({
      id: expect.any(String),
      hint: other.slice(-4),
      created_at: expect.any(String),
      expires_at: null,
      last_used_at: null,
      created_by: null,
    });
    for (const value of [secret, other])
      expect((await token(client.client_id, value)).status).toBe(200);
    expect(await call('POST', `${path}/secrets`)).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
    const list = await call('GET', `${path}/secrets`);
    expect(list.body).toMatchObject({ items: [{}, { id: shown.id }], next: null });
    expect(list.text).not.toContain(secret);
    expect(list.text).not.toContain(other);

    const first = `${path}/secrets/${list.body.items[0].id}`;
    expect((await call('DELETE', first)).status).toBe(204);
    expect((await call('DELETE', first)).status).toBe(404);
    expect((await token(client.client_id, secret)).status).toBe(401);
    expect((await token(client.client_id, other)).status).toBe(200);
  });

  test('a secret of another client, of this app or of none, is not found under this one', async () => {
    const [one, other] = [await make(), await make()];
    const { id } = await stack().api.createClient();
    for (const path of [other.path, `/clients/${id}`]) {
      const [secret] = (await call('GET', `${path}/secrets`)).body.items;
      expect((await call('DELETE', `${one.path}/secrets/${secret.id}`)).status).toBe(404);
      expect((await call('GET', `${path}/secrets`)).body.items).toHaveLength(1);
    }
  });

  test('a public client gets no secret', async () => {
    const { path } = await make({ kind: 'device' });
    expect((await call('POST', `${path}/secrets`)).status).toBe(400);
    expect((await call('GET', `${path}/secrets`)).body.items).toEqual([]);
  });

  test('a client is found only in its own app, by its name', async () => {
    const { client } = await make();
    const { body } = await call('POST', '/apps', { display_name: unique('App') });
    for (const path of [
      `/apps/${body.name}/clients/${client.name}`,
      `${clients}/${client.client_id}`,
      `${clients}/${client.name.toUpperCase()}`,
      `/apps/${app.toUpperCase()}/clients/${client.name}`,
    ])
      expect((await call('GET', path)).status).toBe(404);
  });
});
