import { expect, test } from '@jest/globals';
import { onStack, unique } from '../../support/stacks.ts';
import { tokenOfPerson } from '../person-token.ts';

/** The roles of clients and members of apps. */
onStack((stack) => {
  const call = (method: string, path: string, body?: unknown) =>
    stack().api.call(method, path, body);
  const make = async () => {
    const { body } = await call('POST', '/apps', { display_name: unique('App') });
    return { name: String(body.name), roles: `/apps/${body.name}/roles`, client: body.client };
  };
  const builtIn = ['Owner', 'Developer', 'Editor', 'Reader'];
  const namesOf = (items: { name: string }[]) => items.map(({ name }) => name);

  test('an app has the built-in roles and its own, which other apps do not have', async () => {
    const [one, other] = [await make(), await make()];
    const role = {
      description: 'Sees things',
      permissions: ['things.read', 'notes.*'],
      manages: 'clients',
    };
    const set = await call('PUT', `${one.roles}/auditor`, role);
    expect(set.body).toEqual({ name: 'auditor', ...role, built_in: false });
    expect(set.headers.get('etag')).toBe(
      (await call('GET', `${one.roles}/auditor`)).headers.get('etag'),
    );
    const { items, next } = (await call('GET', one.roles)).body;
    expect(next).toBeNull();
    expect(namesOf(items)).toEqual([...builtIn, 'auditor']);
    expect(items).toContainEqual(set.body);
    expect((await call('GET', `${one.roles}/Owner`)).body).toMatchObject({
      permissions: ['*'],
      manages: 'app',
      built_in: true,
    });
    expect(namesOf((await call('GET', other.roles)).body.items)).toEqual(builtIn);
    expect((await call('GET', `${other.roles}/auditor`)).status).toBe(404);
  });

  test('updating a role keeps the fields that are omitted', async () => {
    const { roles } = await make();
    await call('PUT', `${roles}/auditor`, {
      description: 'Audits',
      permissions: ['a'],
      manages: 'clients',
    });
    expect((await call('PUT', `${roles}/auditor`, { permissions: ['b'] })).body).toMatchObject({
      description: 'Audits',
      permissions: ['b'],
      manages: 'clients',
    });
  });

  test('a role in use cannot be deleted, nor can a built-in one', async () => {
    const { name, roles } = await make();
    const conflict = { status: 409, body: { error: 'conflict' } };
    await call('PUT', `${roles}/auditor`, { permissions: [] });
    const client = `/apps/${name}/clients/default`;
    await call('PATCH', client, { role: 'auditor' });
    expect(await call('DELETE', `${roles}/auditor`)).toMatchObject(conflict);
    expect(await call('DELETE', `${roles}/Reader`)).toMatchObject(conflict);
    await call('PATCH', client, { role: 'Reader' });
    expect((await call('DELETE', `${roles}/auditor`)).status).toBe(204);
    expect((await call('DELETE', `${roles}/auditor`)).status).toBe(404);
  });

  test('a built-in role cannot be changed within an app, or by its members', async () => {
    const { roles } = await make();
    const body = { permissions: ['*'] };
    expect((await call('PUT', `${roles}/Reader`, body)).status).toBe(400);
    const account = await call('POST', '/accounts', { name: 'Ada' });
    const { api } = await tokenOfPerson(stack(), account.body.id);
    const own = (await api.call('POST', '/apps', { display_name: unique('App') })).body.name;
    expect((await api.call('PUT', `/apps/${own}/roles/Reader`, body)).status).toBe(400);
    expect((await api.call('PUT', '/app-roles/Reader', body)).status).toBe(403);
    expect((await call('GET', '/app-roles/Reader')).body.permissions).not.toContain('*');
  });

  test('an operator changes a built-in role for all apps, and introspection returns it immediately', async () => {
    const { roles, client } = await make();
    const resource = `https://${unique('api')}.test`;
    await stack().api.createResource({ identifier: resource, apps: {} });
    const server = await stack().api.createClient({ resource_server_for: [resource] });
    await call('PATCH', `${roles.replace('/roles', '')}/clients/default`, { role: 'Editor' });
    const { body } = await stack().token(
      { id: client.client_id, secret: client.client_secret },
      { resource },
    );
    const shown = async () => (await stack().introspect(body.access_token, server)).body;
    expect(await shown()).toMatchObject({ roles: ['Editor'] });
    const path = '/app-roles/Editor';
    const before = (await call('GET', path)).body;
    const permissions = [unique('permission')];
    const set = await call('PUT', path, { permissions });
    expect(set.body).toEqual({ ...before, permissions });
    expect(set.headers.get('etag')).toBe((await call('GET', path)).headers.get('etag'));
    expect(await shown()).toMatchObject({ entitlements: permissions });
    expect((await call('GET', `${roles}/Editor`)).body).toEqual(set.body);
    const list = (await call('GET', '/app-roles')).body;
    expect(namesOf(list.items)).toEqual(builtIn);
    expect(list).toMatchObject({ next: null });
    expect(list.items).toContainEqual(set.body);
  });

  test('no built-in role can be created', async () => {
    for (const name of ['auditor', 'reader', '%00'])
      expect((await call('PUT', `/app-roles/${name}`, { permissions: [] })).status).toBe(404);
    expect((await call('GET', '/app-roles/auditor')).status).toBe(404);
  });
});
