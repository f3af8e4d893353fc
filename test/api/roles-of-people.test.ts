import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { administratorRole } from '../../config/roles.ts';
import { type ApiScope, apiScopes } from '../../config/scopes.ts';
import { parseToken, publicId, type TokenId } from '../../src/domain/tokens/value.ts';
import { makeApp } from '../support/apps.ts';
import type { ApiClient } from '../support/http.ts';
import { openApi } from '../support/open-api.ts';
import { onStack, unique } from '../support/stacks.ts';
import { makeBackend, newToken } from './backend.ts';
import { storeToken, tokenOfPerson } from './person-token.ts';
import { call, nameOf, scoped, type Things } from './routes.ts';

const people = ['no role', 'support', 'auditor', 'developer-relations', administratorRole] as const;
type Person = (typeof people)[number];

const [support, auditor, relations, admin] = people.slice(1) as [Person, Person, Person, Person];

/** Who can use the routes of each scope. */
const expected: Record<ApiScope, readonly Person[]> = {
  'clients:read': [auditor, relations, admin],
  'clients:write': [admin],
  // Of their own apps; whose apps else is tested below.
  'apps:read': people,
  'apps:write': people,
  'roles:read': [auditor, relations, admin],
  'roles:write': [admin],
  'resources:read': [auditor, relations, admin],
  'resources:write': [relations, admin],
  'accounts:read': [support, auditor, admin],
  'accounts:support': [support, admin],
  'accounts:write': [admin],
  'tokens:read': [support, auditor, admin],
  'tokens:revoke': [support, admin],
  'tokens:write': [admin],
  'keys:read': [auditor, admin],
  'keys:write': [admin],
  'audit:read': [auditor, admin],
  'diagnostics:read': [auditor, admin],
  'changes:read': [auditor, admin],
  'revocations:read': [admin],
  'signals:manage': [admin],
};

onStack((stack) => {
  const tokens = new Map<Person, { value: string; accountId: string; api: ApiClient }>();
  /** Names of things that do not exist: a call that is let in changes nothing. */
  const nothing = new Proxy({} as Things, {
    get: (_things, name) => (String(name).endsWith('_id') ? randomUUID() : unique('none')),
  });

  const personWith = async (...roles: string[]) => {
    const { status, body, text } = await stack().api.call('POST', '/accounts', {
      name: 'Ada',
      email: `${unique('ada')}@example.com`,
      roles,
    });
    if (status !== 201) throw new Error(text);
    const accountId = String(body.id);
    return { accountId, ...(await tokenOfPerson(stack(), accountId)) };
  };
  const as = (person: Person) => {
    const found = tokens.get(person);
    if (!found) throw new Error(`nobody is ${person}`);
    return found;
  };
  /** The status and the error of a call. */
  const tried = async (api: ApiClient, ...given: Parameters<ApiClient['call']>) => {
    const { status, body } = await api.call(...given);
    return [status, body?.error];
  };

  beforeAll(async () => {
    for (const person of people)
      tokens.set(person, await personWith(...(person === 'no role' ? [] : [person])));
  });

  test('every scope is in the table', () => {
    expect(Object.keys(expected).sort()).toEqual(Object.keys(apiScopes).sort());
  });

  describe.each(people)('a person with the role %s', (person) => {
    test.each(scoped.map((route) => [nameOf(route), route] as const))(
      'is let in or refused as the table says: %s',
      async (_name, route) => {
        const headers = { authorization: `Bearer ${as(person).value}` };
        const { status, body } = await call(stack(), route, nothing, headers);
        expect(status).not.toBe(401);
        expect(status).toBeLessThan(500);
        expect(body?.error === 'insufficient_scope').toBe(!expected[route.scope].includes(person));
      },
    );
  });

  describe('apps of other people', () => {
    let app: string;
    beforeAll(async () => {
      const { body } = await as('no role').api.call('POST', '/apps', {
        display_name: unique('App'),
      });
      app = `/apps/${body.name}`;
    });

    test.each([
      [support, 404, 404],
      [auditor, 200, 404],
      [relations, 200, 200],
      [admin, 200, 200],
    ])('%s: to see one %s, to change it %s', async (person, see, change) => {
      const { api } = as(person);
      expect((await api.call('GET', app)).status).toBe(see);
      expect((await api.call('PATCH', app, { display_name: unique('App') })).status).toBe(change);
    });
  });

  test('no one can act on an account with more rights than their own, administrators included', async () => {
    const administrator = await personWith(administratorRole);
    const reader = await personWith(auditor);
    const { api } = as(support);
    for (const { accountId } of [administrator, reader])
      for (const [method, path] of [
        ['POST', 'disable'],
        ['POST', 'enable'],
        ['POST', 'factors/reset'],
        ['DELETE', 'factors/reset'],
        ['DELETE', 'sessions'],
        ['DELETE', 'tokens'],
        ['DELETE', 'consents/app'],
        ['DELETE', 'delegations/app'],
      ] as const)
        expect(await tried(api, method, `/accounts/${accountId}/${path}`)).toEqual([
          403,
          'access_denied',
        ]);
    // One who has no more than support itself is within reach, and so is everyone without such a role.
    for (const other of [await personWith(support), await personWith()])
      expect((await api.call('POST', `/accounts/${other.accountId}/disable`)).status).toBe(200);
  });

  test('support revokes tokens and grants of people within reach, and no tokens of programs', async () => {
    const { api } = as(support);
    const idOf = (value: string) => publicId(parseToken(value)?.id as TokenId);
    const grantOf = async ({ accountId, client }: Awaited<ReturnType<typeof personWith>>) => {
      const id = randomUUID();
      await stack().domain.grants.save({ id, accountId, clientId: client.id, payload: {} });
      return id;
    };
    const [root, ada] = [await personWith(administratorRole), await personWith()];
    const revokeOf = async (person: typeof root) => [
      await tried(api, 'DELETE', `/tokens/${idOf(person.value)}`),
      await tried(api, 'DELETE', `/grants/${await grantOf(person)}`),
    ];
    const refused = [403, 'access_denied'];
    expect(await revokeOf(root)).toEqual([refused, refused]);
    expect((await root.api.call('GET', '/keys')).status).toBe(200);
    expect((await revokeOf(ada)).map(([status]) => status)).toEqual([204, 204]);
    expect((await ada.api.call('GET', '/apps')).status).toBe(401);

    const { keyId, key } = await makeBackend(stack());
    const tokenOfClient = await storeToken(stack(), { clientId: root.client.id });
    for (const id of [keyId, idOf(key), idOf(tokenOfClient)])
      expect(await tried(api, 'DELETE', `/tokens/${id}`)).toEqual(refused);
    expect((await root.api.call('DELETE', `/tokens/${keyId}`)).status).toBe(204);
  });

  test('a role of the installation gives what it is composed of, and no more', async () => {
    const name = unique('helpdesk');
    const set = (api: ApiClient, api_scopes: string[]) =>
      api.call('PUT', `/roles/${name}`, { permissions: [], api_scopes });
    expect(
      (await set(stack().api, ['accounts:write', 'roles:write', 'accounts:read'])).status,
    ).toBe(200);
    const { api } = await personWith(name);
    const create = (...roles: string[]) =>
      tried(api, 'POST', '/accounts', {
        name: 'Eve',
        email: `${unique('eve')}@example.com`,
        roles,
      });
    expect(await create(name)).toEqual([201, undefined]);
    for (const more of [support, auditor, administratorRole])
      expect(await create(more)).toEqual([403, 'access_denied']);
    // Neither by changing their own role.
    expect((await set(api, ['accounts:write', 'roles:write', 'keys:write'])).body.error).toBe(
      'access_denied',
    );
    // A part of a scope is no more than that scope.
    expect(
      (await set(api, ['accounts:write', 'accounts:support', 'roles:write', 'accounts:read']))
        .status,
    ).toBe(200);
    expect((await set(stack().api, ['accounts:raed'])).body).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringContaining('accounts:raed'),
    });
  });

  describe('the scopes that everyone has for their own apps are no right over the apps of others:', () => {
    /** Someone whose only role gives these scopes. */
    const withOnly = async (...api_scopes: ApiScope[]) => {
      const role = unique('lesser');
      await stack().api.call('PUT', `/roles/${role}`, { permissions: [], api_scopes });
      return { role, ...(await personWith(role)) };
    };
    const refused = [403, 'access_denied'];

    test('roles:write adds them to no role', async () => {
      const { api, role } = await withOnly('roles:read', 'roles:write');
      const set = (...more: ApiScope[]) =>
        tried(api, 'PUT', `/roles/${role}`, {
          permissions: [],
          api_scopes: ['roles:read', 'roles:write', ...more],
        });
      expect(await set('apps:read')).toEqual(refused);
      expect(await set('apps:write')).toEqual(refused);
      expect(await set()).toEqual([200, undefined]);
    });

    test('clients:write gives them to no client', async () => {
      const { api } = await withOnly('clients:write');
      const create = (scope: string) =>
        tried(api, 'POST', '/clients', {
          client_id: unique('client'),
          client_name: 'Client',
          resources: [stack().apiResource],
          grant_types: ['client_credentials'],
          scope,
        });
      expect(await create('apps:write')).toEqual(refused);
      expect(await create('clients:write')).toEqual([201, undefined]);
    });

    test('tokens:write creates no token of an app’s client', async () => {
      const resource = await openApi(stack());
      const { client } = await makeApp(stack());
      const create = (api: ApiClient) =>
        tried(api, 'POST', '/tokens', newToken({ client_id: client.id, resource, expires_at }));
      const expires_at = new Date(Date.now() + 3_600_000).toISOString();
      expect(await create((await withOnly('tokens:write')).api)).toEqual(refused);
      expect(await create((await withOnly('tokens:write', 'apps:write')).api)).toEqual([
        201,
        undefined,
      ]);
    });

    test('accounts:write neither assigns nor removes a role that gives them', async () => {
      const { api } = await withOnly('accounts:write');
      const { role, accountId } = await withOnly('apps:read', 'apps:write');
      const assign = (id: string, ...roles: string[]) =>
        tried(api, 'PATCH', `/accounts/${id}`, { roles });
      expect(await assign((await personWith()).accountId, role)).toEqual(refused);
      expect(await assign(accountId)).toEqual(refused);
    });
  });

  test('a change of the role takes effect at once, for tokens that exist', async () => {
    const name = unique('reader');
    const set = (api_scopes: string[]) =>
      stack().api.call('PUT', `/roles/${name}`, { permissions: [], api_scopes });
    await set(['keys:read']);
    const { api } = await personWith(name);
    expect((await api.call('GET', '/keys')).status).toBe(200);
    await set([]);
    expect((await api.call('GET', '/keys')).status).toBe(403);
    const { body } = await stack().api.call('GET', `/audit-events?target=${name}`);
    expect(JSON.stringify(body)).toContain('api_scopes');
  });

  test('a token has no more than it was issued with, whatever the role gives', async () => {
    const { accountId } = as(admin);
    const { api } = await tokenOfPerson(stack(), accountId, ['accounts:read', 'accounts:support']);
    expect((await api.call('GET', '/keys')).status).toBe(403);
    const other = await personWith(administratorRole);
    expect(await tried(api, 'POST', `/accounts/${other.accountId}/disable`)).toEqual([
      403,
      'access_denied',
    ]);
  });

  test('a client with such a role gets nothing from it', async () => {
    const client = await stack().api.createClient({
      roles: [auditor],
      resources: [stack().apiResource],
    });
    const { status, body } = await stack().token(client, { scope: 'keys:read' });
    expect([status, body.error]).toEqual([400, 'invalid_scope']);
  });
});
