import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { onStack, unique } from '../../support/stacks.ts';
import { storeToken } from '../person-token.ts';

/** Apps that an operator creates, disables and deletes. */
onStack((stack) => {
  const call = (method: string, path: string, body?: unknown) =>
    stack().api.call(method, path, body);
  const account = async (name = 'Ada') =>
    String(
      (await call('POST', '/accounts', { name, email: `${unique('ada')}@example.com` })).body.id,
    );
  const make = async (given: object = {}) => {
    const { status, body } = await call('POST', '/apps', { display_name: unique('App'), ...given });
    expect(status).toBe(201);
    return { body, name: String(body.name), path: `/apps/${body.name}` };
  };

  /** Opens an API to apps, and returns a function that introspects the tokens of a client. */
  const openApi = async () => {
    const identifier = `https://${unique('api')}.test`;
    await stack().api.createResource({
      identifier,
      scopes: [{ name: 'things:read' }],
      apps: {},
    });
    const server = await stack().api.createClient({ resource_server_for: [identifier] });
    return {
      token: (id: string, secret: string) =>
        stack().token({ id, secret }, { resource: identifier }),
      introspect: async (token: string) => (await stack().introspect(token, server)).body,
    };
  };

  test('a new app is at its Location, with one client whose secret gets tokens and is returned once', async () => {
    const owner = await account();
    const name = unique('app');
    const made = await call('POST', '/apps', { display_name: 'Acme & Sons', name, owner });
    expect(made.headers.get('location')).toBe(`/api/v1/apps/${name}`);
    const { client, ...app } = made.body;
    expect(app).toEqual({
      name,
      display_name: 'Acme & Sons',
      disabled_at: null,
      disabled_by: null,
      created_at: expect.any(String),
      members: 1,
      clients: 1,
      role: null,
      manages: 'app',
    });
    expect((await call('GET', `/apps/${name}`)).body).toEqual(app);
    expect((await call('GET', '/apps?limit=500')).body.items).toContainEqual(app);
    const { client_secret: secret, ...shown } = client;
    expect(shown).toMatchObject({ client_id: `${name}:default`, kind: 'server', role: 'Reader' });
    const api = await openApi();
    const { status, body } = await api.token(shown.client_id, secret);
    expect(status).toBe(200);
    expect(await api.introspect(body.access_token)).toMatchObject({ active: true, app: name });
    for (const path of [
      '',
      '/clients',
      '/clients/default',
      '/clients/default/secrets',
      '/audit-events',
    ])
      expect((await call('GET', `/apps/${name}${path}`)).text).not.toContain(secret);
    expect((await call('GET', `/clients/${shown.client_id}`)).text).not.toContain(secret);
  });

  test('an omitted name is derived from the display name', async () => {
    const word = unique('Über').slice(0, 30);
    const { name } = await make({ display_name: `${word} & Co.` });
    expect(name).toBe(`${word.replace('Ü', 'u').toLowerCase()}-co`);
  });

  test('a name cannot be reused, even after its app was deleted', async () => {
    const { name, path } = await make();
    const taken = { status: 409, body: { error: 'conflict' } };
    const again = { display_name: 'Another', name };
    expect(await call('POST', '/apps', again)).toMatchObject(taken);
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await call('POST', '/apps', again)).toMatchObject(taken);
    expect((await call('GET', '/apps?limit=500')).text).not.toContain(`"${name}"`);
  });

  test('disabling an app revokes the tokens of its clients; when it is enabled they get new ones', async () => {
    const { body, path } = await make();
    const { client_id: id, client_secret: secret } = body.client;
    const api = await openApi();
    const before = (await api.token(id, secret)).body.access_token;
    const disabled = await call('POST', `${path}/disable`);
    expect(disabled.body.disabled_at).toEqual(expect.any(String));
    expect(disabled.headers.get('etag')).toBe((await call('GET', path)).headers.get('etag'));
    expect(await api.introspect(before)).toEqual({ active: false });
    expect((await api.token(id, secret)).status).toBe(401);
    expect((await call('POST', `${path}/enable`)).body.disabled_at).toBeNull();
    expect(await api.introspect(before)).toEqual({ active: false });
    const { access_token: after } = (await api.token(id, secret)).body;
    expect(await api.introspect(after)).toMatchObject({ active: true });
  });

  test('deleting an app deletes its clients, their tokens and everything else in it', async () => {
    const { body, path } = await make();
    const { client_id: id, client_secret: secret } = body.client;
    const api = await openApi();
    const { access_token: token } = (await api.token(id, secret)).body;
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await api.introspect(token)).toEqual({ active: false });
    expect((await api.token(id, secret)).status).toBe(401);
    expect((await call('GET', `/clients/${id}`)).status).toBe(404);
    for (const below of [
      '',
      '/clients',
      '/members',
      '/roles',
      '/invitations',
      '/audit-events',
      '/usage',
    ])
      expect((await call('GET', path + below)).status).toBe(404);
    expect((await call('DELETE', path)).status).toBe(404);
  });

  test('changes of an app have its name in the change feed', async () => {
    const since = (await call('GET', '/changes?limit=1000')).body.last;
    const { name, path } = await make();
    for (const past of ['disable', 'enable']) await call('POST', `${path}/${past}`);
    await call('DELETE', path);
    const { items } = (await call('GET', `/changes?after=${since}`)).body;
    const told = items.filter(({ app }: { app: string | null }) => app === name);
    expect(told.map(({ kind }: { kind: string }) => kind)).toEqual([
      'app.disabled',
      'app.enabled',
      'app.deleted',
    ]);
    expect(items[0]).not.toHaveProperty('app_id');
  });

  test('audit events can be filtered by app, also by a deleted one', async () => {
    const { name, path } = await make();
    await make();
    await call('DELETE', `${path}/clients/default`);
    await call('DELETE', path);
    const { items } = (await call('GET', `/audit-events?app=${name}`)).body;
    const actions = items.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['app.created', 'client.created', 'client.deleted', 'app.deleted']),
    );
    for (const { target } of items) expect(target.id.split(':')[0]).toBe(name);
    expect((await call('GET', `/audit-events?app=${unique('nothing')}`)).body.items).toEqual([]);
    expect((await call('GET', '/audit-events?app=%27%3B--')).body.items).toEqual([]);
  });

  test('an operator can transfer an app without members', async () => {
    const { body, path } = await make();
    expect(body.members).toBe(0);
    const owner = await account();
    expect((await call('PUT', `${path}/members/${owner}`, { role: 'Owner' })).status).toBe(200);
    expect((await call('GET', path)).body.members).toBe(1);
  });

  test('the list of all clients shows the app of a client, which only the app can change', async () => {
    const { name } = await make();
    const path = `/clients/${name}:default`;
    const before = (await call('GET', path)).body;
    expect(before).toMatchObject({ app: name, roles: ['Reader'] });
    expect((await call('GET', '/clients?limit=500')).body.items).toContainEqual(before);
    const { id } = await stack().api.createClient();
    expect((await call('GET', `/clients/${id}`)).body.app).toBeNull();

    const pointsTo = (place: string) => ({
      status: 409,
      body: { error: 'conflict', error_description: expect.stringContaining(`Use ${place} `) },
    });
    const changes = [{ roles: ['Owner'] }, { access_token_ttl: 1 }, {}];
    for (const change of changes)
      expect(await call('PATCH', path, change)).toMatchObject(
        pointsTo(`/apps/${name}/clients/default`),
      );
    for (const given of [{}, { value: 'a secret of my own choice' }])
      expect(await call('POST', `${path}/secrets`, given)).toMatchObject(
        pointsTo(`/apps/${name}/clients/default/secrets`),
      );
    expect((await call('GET', path)).body).toEqual(before);
    expect((await call('GET', `${path}/secrets`)).body.items).toHaveLength(1);

    expect((await call('POST', `${path}/disable`)).body.disabled_at).toEqual(expect.any(String));
    expect((await call('GET', `/apps/${name}/clients/default`)).body.disabled_at).not.toBeNull();
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', `/apps/${name}/clients`)).body.items).toEqual([]);
  });

  test('no client of an app has access to this API, for itself or for a person, whatever its row contains', async () => {
    const { body } = await make();
    const clientId = body.client.client_id;
    const form = { resource: stack().apiResource, scope: 'apps:read' };
    const asked = await stack().token({ id: clientId, secret: body.client.client_secret }, form);
    expect(asked).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    await sql`update client set resources = array[${stack().apiResource}],
      metadata = metadata || '{"scope":"apps:read"}' where client_id = ${clientId}`.execute(
      stack().database.kysely,
    );
    for (const accountId of [undefined, await account()]) {
      const value = await storeToken(stack(), { clientId, ...(accountId && { accountId }) });
      const authorization = `Bearer ${value}`;
      expect((await stack().get('/api/v1/apps', { authorization })).status).toBe(401);
    }
  });

  test('clients of apps can only be created below the app', async () => {
    const { name } = await make();
    for (const client_id of [`${name}:other`, `${name}~other`])
      expect((await call('POST', '/clients', { client_id })).status).toBe(400);
  });
});
