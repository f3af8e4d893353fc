import { expect, test } from '@jest/globals';
import { onStack, unique } from '../../support/stacks.ts';

/** The defaults of a resource. */
const untold = {
  default: false,
  apps: null,
  personal_access_tokens: null,
  self_registered_clients: null,
  authorization_details_types: [],
  claims: {},
};

onStack((stack) => {
  test('a resource is listed as it was created, and its identifier is taken', async () => {
    const { api } = stack();
    const given = {
      identifier: `https://${unique('api')}.test/v1`,
      name: 'An API',
      scopes: [{ name: 'things:read', description: 'See things' }],
      token_format: 'jwt',
      signing_alg: 'EdDSA',
      access_token_ttl: 600,
    };
    const { body } = await api.call('POST', '/resources', given);
    expect(body).toEqual({ ...given, ...untold });
    expect((await api.call('GET', '/resources?limit=500')).body.items).toContainEqual(body);
    expect(await api.call('POST', '/resources', given)).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
  });

  test('JWTs that live longer than a day cause a warning that offline verifiers do not notice a revocation', async () => {
    const { api } = stack();
    const identifier = `https://${unique('api')}.test`;
    const path = `/resources/${encodeURIComponent(identifier)}`;
    const made = await api.call('POST', '/resources', { identifier, token_format: 'jwt' });
    expect(made.body.warnings).toEqual([
      { parameter: 'access_token_ttl', message: expect.stringContaining('30 days') },
    ]);
    const short = await api.call('PATCH', path, { access_token_ttl: 3600 });
    expect(short.body).not.toHaveProperty('warnings');
    const opaque = await api.call('PATCH', path, {
      token_format: 'opaque',
      access_token_ttl: null,
    });
    expect(opaque.body).not.toHaveProperty('warnings');
    expect((await api.call('PATCH', path, { token_format: 'jwt' })).body.warnings).toHaveLength(1);
    expect((await api.call('GET', path)).body).not.toHaveProperty('warnings');
  });

  test('a resource takes claims from attributes of people, but none that has a meaning of its own', async () => {
    const { api } = stack();
    const identifier = `https://${unique('api')}.test`;
    const path = `/resources/${encodeURIComponent(identifier)}`;
    const claims = { tenant: 'tenant_id', 'https://acme.test/plan': 'plan' };
    expect((await api.call('POST', '/resources', { identifier, claims })).body.claims).toEqual(
      claims,
    );
    expect((await api.call('PATCH', path, { claims: { a: 'b' } })).body.claims).toEqual({ a: 'b' });
    for (const wrong of [{ sub: 'x' }, { roles: 'x' }, { 'a b': 'x' }, { a: '' }, { a: 1 }, ['a']])
      expect(await api.call('PATCH', path, { claims: wrong })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining('claims') },
      });
  });

  test('a new default resource replaces the old one: requests without a resource get it', async () => {
    const { api } = stack();
    const client = await api.createClient();
    const audience = async () => {
      const { body } = await stack().token(client);
      return (await stack().introspect(body.access_token, client)).body.aud;
    };
    for (const identifier of [`https://${unique('one')}.test`, `https://${unique('two')}.test`]) {
      await api.createResource({ identifier, default: true });
      expect(await audience()).toBe(identifier);
      const { items } = (await api.call('GET', '/resources?limit=500')).body;
      const standard = items.filter((item: { default: boolean }) => item.default);
      expect(standard).toMatchObject([{ identifier }]);
    }
  });

  test('of many concurrent changes of the default resource each succeeds, and the last one stays', async () => {
    const { api } = stack();
    const made = await Promise.all(
      Array.from({ length: 6 }, () =>
        api.call('POST', '/resources', {
          identifier: `https://${unique('made')}.test`,
          default: true,
        }),
      ),
    );
    expect(made.map(({ status }) => status)).toEqual(Array(6).fill(201));
    const changed = await Promise.all(
      made.map(({ body }) =>
        api.call('PATCH', `/resources/${encodeURIComponent(body.identifier)}`, { default: true }),
      ),
    );
    expect(changed.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const { items } = (await api.call('GET', '/resources?limit=500')).body;
    expect(items.filter((item: { default: boolean }) => item.default)).toHaveLength(1);
  });

  test('updating a role keeps its description and its policy for second factors unless a new one is sent', async () => {
    const { api } = stack();
    const name = unique('role');
    const set = async (given: object) => (await api.call('PUT', `/roles/${name}`, given)).body;
    const required = { second_factor: 'required', second_factor_within_days: 14 };
    await set({ permissions: ['a'], description: 'What it is for', ...required });
    expect(await set({ permissions: ['b'] })).toEqual({
      name,
      description: 'What it is for',
      permissions: ['b'],
      api_scopes: [],
      ...required,
    });
    expect(
      (await api.call('PUT', `/roles/${name}`, { permissions: [], second_factor_within_days: 1 }))
        .status,
    ).toBe(400);
    const optional = { second_factor: 'optional' };
    expect(
      await set({ permissions: [], description: 'Something else', ...optional }),
    ).toMatchObject({
      description: 'Something else',
      permissions: [],
    });
    const { items } = (await api.call('GET', '/roles?limit=500')).body;
    expect(items).toContainEqual({
      ...{ name, description: 'Something else', permissions: [] },
      api_scopes: [],
      ...{ second_factor: 'optional', second_factor_within_days: null },
    });
  });

  test('a resource is found and changed by its identifier, percent-encoded', async () => {
    const { api } = stack();
    const identifier = `https://${unique('api')}.test/a/b?c=é&d=%20`;
    const { body: made, headers } = await api.call('POST', '/resources', { identifier });
    const path = `/resources/${encodeURIComponent(identifier)}`;
    expect(headers.get('location')).toBe(`/api/v1${path}`);
    expect((await api.call('GET', path)).body).toEqual(made);
    const changes = {
      name: 'A name',
      scopes: [{ name: 'a', description: 'A' }],
      token_format: 'jwt',
      signing_alg: 'RS256',
      access_token_ttl: 60,
    };
    const { body } = await api.call('PATCH', path, changes);
    expect(body).toEqual({ identifier, ...changes, ...untold });
    expect((await api.call('PATCH', path, { access_token_ttl: null })).body).toEqual({
      ...body,
      access_token_ttl: null,
      warnings: [{ parameter: 'access_token_ttl', message: expect.stringContaining('30 days') }],
    });
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  test('a resource that a client has, or that is the default, cannot be deleted', async () => {
    const { api } = stack();
    const conflict = { status: 409, body: { error: 'conflict' } };
    const identifier = `https://${unique('api')}.test`;
    const path = `/resources/${encodeURIComponent(identifier)}`;
    await api.createResource({ identifier });
    const { id } = await api.createClient({ resources: [identifier] });
    expect(await api.call('DELETE', path)).toMatchObject(conflict);
    await api.call('DELETE', `/clients/${id}`);
    expect((await api.call('PATCH', path, { default: true })).body.default).toBe(true);
    expect(await api.call('DELETE', path)).toMatchObject(conflict);
  });

  test('Writ’s own API can be neither changed nor deleted', async () => {
    const { api, apiResource } = stack();
    const path = `/resources/${encodeURIComponent(apiResource)}`;
    expect((await api.call('GET', path)).status).toBe(200);
    for (const [method, body] of [
      ['PATCH', { default: true }],
      ['PATCH', { apps: {} }],
      ['PATCH', { personal_access_tokens: {} }],
      ['DELETE', undefined],
    ] as const)
      expect(await api.call(method, path, body)).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      });
    expect((await api.call('GET', path)).body.apps).toBeNull();
  });

  test('a resource is opened to apps, within the limits of its policy, and closed again', async () => {
    const { api } = stack();
    const identifier = `https://${unique('api')}.test`;
    const path = `/resources/${encodeURIComponent(identifier)}`;
    const made = await api.call('POST', '/resources', { identifier, apps: {} });
    const standard = {
      token_formats: ['opaque', 'jwt'],
      longest_access_token_ttl: 30 * 86_400,
      longest_api_token_ttl: 366 * 86_400,
    };
    expect(made.body.apps).toEqual(standard);
    expect((await api.call('GET', path)).body).toEqual(made.body);
    const apps = {
      token_formats: ['jwt'],
      longest_access_token_ttl: 600,
      longest_api_token_ttl: null,
    };
    for (const changes of [{ apps }, { name: 'Another' }])
      expect((await api.call('PATCH', path, changes)).body.apps).toEqual(apps);
    const shorter = await api.call('PATCH', path, { apps: { longest_access_token_ttl: 300 } });
    expect(shorter.body.apps).toEqual({ ...apps, longest_access_token_ttl: 300 });
    expect((await api.call('PATCH', path, { apps: null })).body.apps).toBeNull();
    expect((await api.call('GET', path)).body.apps).toBeNull();
    const again = await api.call('PATCH', path, { apps: { longest_access_token_ttl: 300 } });
    expect(again.body.apps).toEqual({ ...standard, longest_access_token_ttl: 300 });
  });

  test('a resource is opened to people, within the limits of its policy, and closed again', async () => {
    const { api } = stack();
    const identifier = `https://${unique('api')}.test`;
    const path = `/resources/${encodeURIComponent(identifier)}`;
    const made = async (given: object) =>
      (await api.call('POST', '/resources', given)).body.personal_access_tokens;
    expect(await made({ identifier })).toBeNull();
    const open = { identifier: `https://${unique('open')}.test`, personal_access_tokens: {} };
    expect(await made(open)).toEqual({ longest_ttl: 366 * 86_400 });
    const change = async (changes: object) =>
      (await api.call('PATCH', path, changes)).body.personal_access_tokens;
    for (const longest_ttl of [86_400, null])
      expect(await change({ personal_access_tokens: { longest_ttl } })).toEqual({ longest_ttl });
    expect(await change({ name: 'Another' })).toEqual({ longest_ttl: null });
    expect(await change({ personal_access_tokens: {} })).toEqual({ longest_ttl: null });
    const withheld_scopes = ['things:write'];
    expect(await change({ personal_access_tokens: { withheld_scopes } })).toEqual({
      longest_ttl: null,
      withheld_scopes,
    });
    // Withheld scopes stay withheld when something else changes.
    expect(await change({ personal_access_tokens: { longest_ttl: 3600 } })).toEqual({
      longest_ttl: 3600,
      withheld_scopes,
    });
    expect(await change({ personal_access_tokens: { withheld_scopes: [] } })).toEqual({
      longest_ttl: 3600,
      withheld_scopes: [],
    });
    expect(await change({ personal_access_tokens: null })).toBeNull();
    expect(await change({ personal_access_tokens: {} })).toEqual({ longest_ttl: 366 * 86_400 });
    expect(await change({ personal_access_tokens: null })).toBeNull();
    expect((await api.call('GET', path)).body.personal_access_tokens).toBeNull();
    for (const longest_ttl of [0, -1, 0.5, '60'])
      expect(
        await api.call('PATCH', path, { personal_access_tokens: { longest_ttl } }),
      ).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('a resource declares its types of authorization details, without duplicates', async () => {
    const { api } = stack();
    const identifier = `https://${unique('api')}.test`;
    const path = `/resources/${encodeURIComponent(identifier)}`;
    const database = { type: 'database', description: 'A database', actions: ['read', 'write'] };
    const project = { type: 'acme.com/project:v1', description: 'A project', actions: [] };
    const made = await api.call('POST', '/resources', {
      identifier,
      authorization_details_types: [{ ...database, actions: ['read', 'write', 'read'] }],
    });
    expect(made.body.authorization_details_types).toEqual([database]);
    const change = (types: unknown) =>
      api.call('PATCH', path, { authorization_details_types: types });
    expect((await change([database, project])).body.authorization_details_types).toEqual([
      database,
      project,
    ]);
    for (const wrong of [
      [database, { ...project, type: 'database' }],
      [{ ...database, type: 'a base' }],
      [{ ...database, description: '' }],
      [{ ...database, locations: [] }],
      [{ ...database, actions: Array.from({ length: 21 }, (_, index) => `a${index}`) }],
      Array.from({ length: 21 }, (_, index) => ({ ...database, type: `t${index}` })),
    ])
      expect(await change(wrong)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    expect((await api.call('GET', path)).body.authorization_details_types).toEqual([
      database,
      project,
    ]);
    expect((await change([])).body.authorization_details_types).toEqual([]);
  });

  test('a role in use cannot be deleted', async () => {
    const { api } = stack();
    const conflict = { status: 409, body: { error: 'conflict' } };
    const name = unique('role');
    await api.setRole(name, []);
    const { id } = await api.createClient({ roles: [name] });
    expect(await api.call('DELETE', `/roles/${name}`)).toMatchObject(conflict);
    await api.call('PATCH', `/clients/${id}`, { roles: [] });
    const { body } = await api.call('POST', '/accounts', { name: 'Ada', roles: [name] });
    expect(await api.call('DELETE', `/roles/${name}`)).toMatchObject(conflict);
    await api.call('PATCH', `/accounts/${body.id}`, { roles: [] });
    expect((await api.call('DELETE', `/roles/${name}`)).status).toBe(204);
    expect((await api.call('GET', `/roles/${name}`)).status).toBe(404);
  });
});
