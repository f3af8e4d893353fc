import { beforeAll, describe, expect, test } from '@jest/globals';
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import { apiClient } from '../../support/http.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { tokenOfPerson } from '../person-token.ts';
import { tokenWith } from '../routes.ts';

const everything = Object.keys(apiScopes);

/** An administrator is a person whose tokens give access to Writ's API; only callers with the same rights can create one. */
onStack((stack) => {
  const person = async (...roles: string[]) => {
    const email = `${unique('ada')}@example.com`;
    const { body } = await stack().api.call('POST', '/accounts', { name: 'Ada', email, roles });
    return { id: String(body.id), path: `/accounts/${body.id}` };
  };

  const tokenOf = (accountId: string, scopes?: readonly string[]) =>
    tokenOfPerson(stack(), accountId, scopes);

  // The last one could not be demoted.
  beforeAll(() => person(administratorRole));

  const denied = { status: 403, body: { error: 'access_denied' } };
  const closed = { status: 403, body: { error: 'insufficient_scope' } };
  const patchRoles = (path: string, roles: string[]) => stack().api.call('PATCH', path, { roles });

  test('a token of a person gives access to the API, and shows its scope, while they are an administrator', async () => {
    const { id, path } = await person(administratorRole);
    const { api, value, client } = await tokenOf(id, ['accounts:read', 'openid']);
    const shown = async () => (await stack().introspect(value, client)).body;
    expect((await api.call('GET', path)).status).toBe(200);
    expect(await shown()).toMatchObject({ active: true, scope: 'openid accounts:read' });
    await patchRoles(path, []);
    expect(await api.call('GET', path)).toMatchObject(closed);
    expect(await shown()).toMatchObject({ active: true, scope: 'openid' });
    await patchRoles(path, [administratorRole]);
    expect((await api.call('GET', path)).status).toBe(200);
  });

  test('it is limited to its own scope and the current scope of its client', async () => {
    const { id, path } = await person(administratorRole);
    const { api, client } = await tokenOf(id, ['accounts:read']);
    expect(await api.call('PATCH', path, { name: 'Eve' })).toMatchObject(closed);
    await stack().api.call('PATCH', `/clients/${client.id}`, { scope: 'accounts:write' });
    expect(await api.call('GET', path)).toMatchObject(closed);
    await stack().api.call('PATCH', `/clients/${client.id}`, { scope: null });
    expect(await api.call('GET', path)).toMatchObject(closed);
  });

  test('tokens of a person with other roles give no access', async () => {
    const role = unique('reader');
    await stack().api.setRole(role, ['writ.administer']);
    const { id, path } = await person(role);
    expect(await (await tokenOf(id)).api.call('GET', path)).toMatchObject(closed);
  });

  test('audit events name the administrator and the token', async () => {
    const { id } = await person(administratorRole);
    const { api } = await tokenOf(id);
    const name = unique('role');
    await api.setRole(name, []);
    const { items } = await stack().domain.audit.page({ limit: 1, target: name });
    expect(items).toMatchObject([
      { actor: { kind: 'account', id, token_id: expect.stringMatching(/^tok_/) } },
    ]);
  });

  describe('a caller that lacks a scope', () => {
    // Each test has its own caller, because further refusals of one caller are only counted.
    const most = async () => {
      const { id } = await person(administratorRole);
      const scopes = everything.filter((scope) => scope !== 'keys:write');
      return (await tokenOf(id, scopes)).api;
    };

    test.each<[string, (path: string) => [string, string, object?]]>([
      ['changes', (path) => ['PATCH', path, { email: 'eve@example.com' }]],
      ['takes the role from', (path) => ['PATCH', path, { roles: [] }]],
      ['invites', (path) => ['POST', `${path}/invitation`]],
    ])('%s no administrator, and is recorded', async (_what, callOf) => {
      const { id, path } = await person(administratorRole);
      expect(await (await most()).call(...callOf(path))).toMatchObject(denied);
      const { items } = await stack().domain.audit.page({ limit: 1, target: id });
      expect(items).toMatchObject([{ result: 'refused', details: { error: 'access_denied' } }]);
    });

    test('cannot create an administrator', async () => {
      const api = await most();
      const roles = [administratorRole];
      expect(await api.call('POST', '/accounts', { name: 'Eve', roles })).toMatchObject(denied);
      const { path } = await person();
      expect(await api.call('PATCH', path, { roles })).toMatchObject(denied);
      expect((await api.call('PATCH', path, { name: 'Eve' })).status).toBe(200);
    });
  });

  test('an administrator creates another with a token that has every scope, and not with one that lacks a scope', async () => {
    const { id } = await person(administratorRole);
    const { path } = await person();
    const roles = [administratorRole];
    const weak = await tokenOf(id, ['accounts:write']);
    expect(await weak.api.call('PATCH', path, { roles })).toMatchObject(denied);
    const strong = await tokenOf(id);
    expect((await strong.api.call('PATCH', path, { roles })).status).toBe(200);
  });

  test('a caller that lacks a scope can neither disable nor enable an administrator', async () => {
    const { path } = await person(administratorRole);
    const { api } = stack();
    const limited = apiClient(
      stack().origin,
      await tokenWith(stack(), ['accounts:read', 'accounts:write']),
    );
    expect(await limited.call('POST', `${path}/disable`)).toMatchObject(denied);
    expect((await api.call('GET', path)).body.disabled_at).toBeNull();
    expect((await api.call('POST', `${path}/disable`)).status).toBe(200);
    expect(await limited.call('POST', `${path}/enable`)).toMatchObject(denied);
    expect((await api.call('GET', path)).body.disabled_at).not.toBeNull();
    const other = await person();
    expect((await limited.call('POST', `${other.path}/disable`)).status).toBe(200);
  });

  test('an invitation link from before a person became an administrator is void, because its sender may lack the rights', async () => {
    const { path } = await person();
    const { body } = await stack().api.call('POST', `${path}/invitation`);
    const value = body.invitation_uri.split('/').at(-1);
    await patchRoles(path, []);
    expect(await stack().domain.invitations.find(value)).toBeDefined();
    await patchRoles(path, [administratorRole]);
    expect(await stack().domain.invitations.find(value)).toBeUndefined();
  });

  test('the administrator role can be neither changed nor deleted', async () => {
    const path = `/roles/${administratorRole}`;
    const before = await stack().api.call('GET', path);
    expect(before).toMatchObject({ status: 200, body: { permissions: ['writ.administer'] } });
    expect(await stack().api.call('PUT', path, { permissions: [] })).toMatchObject(denied);
    expect(await stack().api.call('DELETE', path)).toMatchObject(denied);
    expect((await stack().api.call('GET', path)).body).toEqual(before.body);
  });

  test('a client cannot have the administrator role: its scopes determine its access', async () => {
    const refused = { status: 400, body: { error: 'invalid_request' } };
    const roles = [administratorRole];
    expect(await stack().api.call('POST', '/clients', { roles })).toMatchObject(refused);
    const { id } = await stack().api.createClient();
    expect(await stack().api.call('PATCH', `/clients/${id}`, { roles })).toMatchObject(refused);
  });
});
