import { expect, test } from '@jest/globals';
import { onEveryStack, unique } from '../support/stacks.ts';

onEveryStack((stack) => {
  test('a resource is listed as it was made, and its identifier is taken from then on', async () => {
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
    expect(body).toEqual({ ...given, default: false });
    expect((await api.call('GET', '/resources')).body.items).toContainEqual(body);
    expect(await api.call('POST', '/resources', given)).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
  });

  test('a new default resource takes the place of the old one: requests that name none get it', async () => {
    const { api } = stack();
    const client = await api.createClient();
    const audience = async () => {
      const { body } = await stack().token(client);
      return (await stack().introspect(body.access_token, client)).body.aud;
    };
    for (const identifier of [`https://${unique('one')}.test`, `https://${unique('two')}.test`]) {
      await api.createResource({ identifier, default: true });
      expect(await audience()).toBe(identifier);
      const { items } = (await api.call('GET', '/resources')).body;
      const standard = items.filter((item: { default: boolean }) => item.default);
      expect(standard).toMatchObject([{ identifier }]);
    }
  });

  test('a role that is set again keeps its description unless a new one is given', async () => {
    const { api } = stack();
    const name = unique('role');
    const set = async (given: object) => (await api.call('PUT', `/roles/${name}`, given)).body;
    await set({ permissions: ['a'], description: 'What it is for' });
    expect(await set({ permissions: ['b'] })).toEqual({
      name,
      description: 'What it is for',
      permissions: ['b'],
    });
    expect(await set({ permissions: [], description: 'Something else' })).toMatchObject({
      description: 'Something else',
      permissions: [],
    });
    const { items } = (await api.call('GET', '/roles')).body;
    expect(items).toContainEqual({ name, description: 'Something else', permissions: [] });
  });
});
