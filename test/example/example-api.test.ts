import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firstAdministrator } from '../../config/administrator.ts';
import { personalClientId } from '../../config/clients.ts';
import { sampleResource } from '../../src/domain/installation/sample.ts';
import type { NewNamedToken } from '../../src/domain/tokens/named/insert.ts';
import { mintToken, partitionFor } from '../../src/domain/tokens/value.ts';
import { examplePath } from '../../src/example/index.ts';
import { tokenExpirationHeader } from '../../src/http/token-expiration.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import { makeNamedToken } from '../support/named-tokens.ts';
import { makePerson } from '../support/people.ts';
import { keepSecret } from '../support/run-records.ts';
import { onEveryStack, type Stack, startStack, unique } from '../support/stacks.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack('embedded');
});
afterAll(() => stack.close());

const operator = { kind: 'operator' } as const;

/** An app whose client `default` has this role. */
async function makeApp(role = 'Owner') {
  const { appClients, apps } = stack.domain;
  const name = unique('app');
  const { client, secret } = await apps.create(operator, { displayName: 'Acme', name });
  keepSecret('client_secret', secret);
  const credentials: Credentials = { id: client.clientId, secret };
  if (role !== 'Reader') await appClients.update(operator, name, 'default', { role });
  return { name, credentials };
}

async function tokenOf(client: Credentials, scope = 'things:read things:write'): Promise<string> {
  const { status, body, text } = await stack.token(client, { scope });
  if (status !== 200) throw new Error(`no token was issued: ${text}`);
  return body.access_token;
}

/** Calls the example, with a token where there is one. */
const call = (
  token: string | undefined,
  method: string,
  path = '',
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  stack.request(method, examplePath + path, {
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });

const add = (token: string, name: string) => call(token, 'POST', '', JSON.stringify({ name }));

/** The parameters of a challenge (RFC 6750 §3), of which the realm is always the API. */
const challengeOf = ({ headers }: Answer) => {
  const parameters = [...(headers.get('www-authenticate') ?? '').matchAll(/(\w+)="([^"]*)"/g)];
  const { realm, ...others } = Object.fromEntries(
    parameters.map(([, name = '', value]) => [name, value]),
  );
  expect(realm).toMatch(/^https:/);
  return others;
};

onEveryStack((each) => {
  test('the example is there on the embedded database alone', async () => {
    const { status } = await each().get(examplePath);
    expect(status).toBe(each().name === 'embedded' ? 401 : 404);
  });
});

describe('an Owner', () => {
  test('makes things, sees them and deletes them', async () => {
    const token = await tokenOf((await makeApp()).credentials);
    const made = await add(token, '  A first thing ');
    expect(made).toMatchObject({ status: 201, body: { name: 'A first thing' } });
    const { id } = made.body;
    expect(made.headers.get('location')).toBe(`${examplePath}/${id}`);
    expect((await call(token, 'GET')).body).toEqual({ items: [made.body] });
    expect((await call(token, 'GET', `/${id}`)).body).toEqual(made.body);
    expect(await call(token, 'DELETE', `/${id}`)).toMatchObject({ status: 204, text: '' });
    for (const method of ['GET', 'DELETE'])
      expect(await call(token, method, `/${id}`)).toMatchObject({
        status: 404,
        body: { error: 'not_found' },
      });
    expect((await call(token, 'GET')).body).toEqual({ items: [] });
  });

  test('with a JWT may the same', async () => {
    const { name, credentials } = await makeApp();
    await stack.domain.appClients.update(operator, name, 'default', { accessTokenFormat: 'jwt' });
    const token = await tokenOf(credentials);
    expect(token).toMatch(/^eyJ/);
    expect((await add(token, 'A thing')).status).toBe(201);
  });
});

describe('a Reader', () => {
  test('sees things, and is told which permission is missing to make or delete them', async () => {
    const token = await tokenOf((await makeApp('Reader')).credentials);
    expect(await call(token, 'GET')).toMatchObject({ status: 200, body: { items: [] } });
    for (const refused of [await add(token, 'A thing'), await call(token, 'DELETE', '/any')]) {
      const { status, body } = refused;
      expect({ status, ...body }).toEqual({
        status: 403,
        error: 'insufficient_scope',
        error_description:
          'This needs the permission things.write, which the token does not have; its roles: Reader.',
      });
      expect(challengeOf(refused)).toEqual(body);
    }
    expect((await call(token, 'GET')).body).toEqual({ items: [] });
  });

  test('who becomes an Editor may more at once, with the same token', async () => {
    const { name, credentials } = await makeApp('Reader');
    const token = await tokenOf(credentials);
    expect((await add(token, 'A thing')).status).toBe(403);
    await stack.domain.appClients.update(operator, name, 'default', { role: 'Editor' });
    expect((await add(token, 'A thing')).status).toBe(201);
  });
});

test('the things of one app are nothing to another, and common to its clients', async () => {
  const [mine, other] = [await makeApp(), await makeApp()];
  const second = await stack.domain.appClients.create(operator, mine.name, {
    name: 'second',
    kind: 'server',
    role: 'Editor',
  });
  keepSecret('client_secret', second.secret);
  const [token, colleague, stranger] = [
    await tokenOf(mine.credentials),
    await tokenOf({ id: second.client.clientId, secret: second.secret ?? '' }),
    await tokenOf(other.credentials),
  ];
  const { id } = (await add(token, 'Mine')).body;
  expect((await call(stranger, 'GET')).body).toEqual({ items: [] });
  for (const method of ['GET', 'DELETE'])
    expect((await call(stranger, method, `/${id}`)).status).toBe(404);
  expect((await call(colleague, 'GET')).body.items).toMatchObject([{ id, name: 'Mine' }]);
  expect((await call(colleague, 'DELETE', `/${id}`)).status).toBe(204);
});

test('a client without an app has things of its own', async () => {
  await stack.api.setRole('things-editor', ['things']);
  const clients = await Promise.all(
    [1, 2].map(() => stack.api.createClient({ roles: ['things-editor'] })),
  );
  const [mine = '', other = ''] = await Promise.all(clients.map((client) => tokenOf(client)));
  expect((await add(mine, 'Mine')).body.created_by).toBe(clients[0]?.id);
  expect((await call(mine, 'GET')).body.items).toHaveLength(1);
  expect((await call(other, 'GET')).body.items).toHaveLength(0);
});

test('a person who is no member of the app has no permission, whatever its client may', async () => {
  const { name } = await makeApp();
  const { client } = await stack.domain.appClients.create(operator, name, {
    name: 'phone',
    kind: 'device',
    role: 'Owner',
  });
  const { refreshToken, accountId } = await logIn(stack, client.clientId, {
    resource: sampleResource,
    scope: 'offline_access things:read things:write',
  });
  const { body } = await stack.post('/connect/token', {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: client.clientId,
  });
  const refused = await call(body.access_token, 'GET');
  expect(refused.status).toBe(403);
  expect(refused.body.error_description).toMatch(/things\.read.*its roles: none\.$/);
  await stack.domain.appMembers.set(operator, name, accountId, 'Reader');
  expect((await call(body.access_token, 'GET')).status).toBe(200);
  expect((await add(body.access_token, 'A thing')).body.error_description).toMatch(/: Reader\.$/);
});

describe('a token that somebody made', () => {
  const everything = ['things:read', 'things:write'];

  /** A personal access token of somebody who is an editor. */
  const personal = async (more: Partial<NewNamedToken> = {}, roles = ['editor']) => {
    const { accountId } = await makePerson(stack, { roles });
    const { value } = await makeNamedToken(stack, {
      kind: 'personal_access_token',
      clientId: personalClientId,
      accountId,
      name: 'a name',
      scope: everything,
      resource: sampleResource,
      ...more,
    });
    return { accountId, value };
  };

  const apiToken = async (client: Credentials, more: Partial<NewNamedToken> = {}) =>
    (
      await makeNamedToken(stack, {
        kind: 'api_token',
        clientId: client.id,
        name: 'a name',
        scope: everything,
        resource: sampleResource,
        subject: { type: 'user', id: '42' },
        payload: { roles: ['Owner'] },
        ...more,
      })
    ).value;

  test('themselves is for the things of that person, which the logins of the person share and nobody else', async () => {
    const [mine, other] = [await personal(), await personal()];
    const made = await add(mine.value, 'Mine');
    expect(made).toMatchObject({
      status: 201,
      body: { created_by: expect.not.stringMatching(/^writ-/) },
    });
    const second = await makeNamedToken(stack, {
      kind: 'personal_access_token',
      clientId: personalClientId,
      accountId: mine.accountId,
      name: 'another',
      scope: ['things:read'],
      resource: sampleResource,
    });
    expect((await call(second.value, 'GET')).body.items).toEqual([made.body]);
    expect((await call(other.value, 'GET')).body.items).toEqual([]);
    expect((await call(other.value, 'DELETE', `/${made.body.id}`)).status).toBe(404);
  });

  test('can be for the sample API from the first start on, where a person makes it', async () => {
    const { accountId } = await makePerson(stack);
    const [first] = await stack.domain.personalTokens.choices(accountId);
    expect(first).toMatchObject({ identifier: sampleResource, isDefault: true });
    expect(first?.scopes.map(({ name }) => name)).toEqual(everything);
  });

  test('themselves may no more than its owner: the first administrator can try all, and somebody without a role nothing', async () => {
    const administrator = (await stack.domain.accounts.page({ limit: 100 })).find(
      ({ email }) => email === firstAdministrator.email,
    );
    const first = await personal({ accountId: administrator?.id });
    expect((await call(first.value, 'GET')).status).toBe(200);
    expect((await add(first.value, 'A first thing')).status).toBe(201);
    const nobody = await personal({}, []);
    expect(await call(nobody.value, 'GET')).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    });
  });

  test('by a backend is for the things of its app, with the roles that it was made with', async () => {
    const { credentials } = await makeApp();
    const token = await apiToken(credentials);
    const made = await add(token, 'A thing');
    expect(made).toMatchObject({ status: 201, body: { created_by: 'a name' } });
    expect((await call(await tokenOf(credentials), 'GET')).body.items).toEqual([made.body]);
    const without = await apiToken(credentials, { payload: {} });
    expect(await call(without, 'GET')).toMatchObject({
      status: 403,
      body: { error_description: expect.stringMatching(/its roles: none\.$/) },
    });
  });

  test('is told when it ends, also where it is refused for what it may not; one without end, and an access token, are told nothing', async () => {
    const expiresAt = new Date('2031-03-05T07:08:09.000Z');
    const { credentials } = await makeApp();
    const token = await apiToken(credentials, { expiresAt, scope: ['things:read'] });
    for (const answer of [await call(token, 'GET'), await add(token, 'A thing')])
      expect(answer.headers.get(tokenExpirationHeader)).toBe('Wed, 05 Mar 2031 07:08:09 GMT');
    for (const silent of [await apiToken(credentials), await tokenOf(credentials)]) {
      const { status, headers } = await call(silent, 'GET');
      expect([status, headers.has(tokenExpirationHeader)]).toEqual([200, false]);
    }
  });

  test('is over when its end has come, and an API key is for another API', async () => {
    const { credentials } = await makeApp();
    const over = await apiToken(credentials, { expiresAt: new Date(Date.now() - 1000) });
    const key = await apiToken(credentials, {
      kind: 'api_key',
      subject: undefined,
      scope: ['tokens:read', 'tokens:write'],
      resource: `${stack.issuer}/api/v1`,
    });
    for (const token of [over, key])
      expect(await call(token, 'GET')).toMatchObject({
        status: 401,
        body: { error: 'invalid_token' },
      });
  });

  describe('with authorization details (RFC 9396)', () => {
    /** Two things, and a token for one of them as the element says. */
    const limited = async (element: (id: string) => Record<string, unknown>) => {
      const { credentials } = await makeApp();
      const all = await tokenOf(credentials);
      const { body: one } = await add(all, 'One');
      const { body: two } = await add(all, 'Two');
      const rar = [{ type: 'thing', ...element(one.id) }];
      const token = await apiToken(credentials, { payload: { roles: ['Owner'], rar } });
      return { token, one, two };
    };
    const denied = { status: 403, body: { error: 'insufficient_scope' } };

    test('sees the things that they name and no others, and does with them what they say', async () => {
      const { token, one, two } = await limited((identifier) => ({
        identifier,
        actions: ['read'],
      }));
      expect((await call(token, 'GET')).body).toEqual({ items: [one] });
      expect((await call(token, 'GET', `/${one.id}`)).body).toEqual(one);
      for (const refused of [
        await call(token, 'GET', `/${two.id}`),
        await call(token, 'GET', '/nothing'),
        await call(token, 'DELETE', `/${one.id}`),
        await call(token, 'DELETE', `/${two.id}`),
        await add(token, 'Three'),
      ]) {
        expect(refused).toMatchObject(denied);
        expect(challengeOf(refused)).toEqual(refused.body);
      }
    });

    test('that name no action may do everything with the thing, and make no other', async () => {
      const { token, one, two } = await limited((identifier) => ({ identifier }));
      expect(await add(token, 'Three')).toMatchObject(denied);
      expect(await call(token, 'DELETE', `/${two.id}`)).toMatchObject(denied);
      expect((await call(token, 'DELETE', `/${one.id}`)).status).toBe(204);
    });

    test('that name no thing are about all of them', async () => {
      const { token, one } = await limited(() => ({ actions: ['write'] }));
      expect((await add(token, 'Three')).status).toBe(201);
      expect((await call(token, 'GET')).body.items).toEqual([]);
      expect(await call(token, 'GET', `/${one.id}`)).toMatchObject(denied);
      expect((await call(token, 'DELETE', `/${one.id}`)).status).toBe(204);
    });

    test.each([
      ['of another kind', () => ({ type: 'database' })],
      ['with members that this API does not know', () => ({ privileges: ['admin'] })],
      ['with an action that there is not', () => ({ actions: ['burn'] })],
    ])('%s permit nothing', async (_what, element) => {
      const { token, one } = await limited(element);
      expect((await call(token, 'GET')).body.items).toEqual([]);
      for (const method of ['GET', 'DELETE'])
        expect(await call(token, method, `/${one.id}`)).toMatchObject(denied);
    });

    test('may no more than its role and its scope', async () => {
      const { credentials } = await makeApp();
      const { body } = await add(await tokenOf(credentials), 'One');
      const rar = [{ type: 'thing', identifier: body.id, actions: ['read', 'write'] }];
      const path = `/${body.id}`;
      for (const more of [
        { scope: ['things:read'], payload: { roles: ['Owner'], rar } },
        { payload: { roles: [], rar } },
      ])
        expect(await call(await apiToken(credentials, more), 'DELETE', path)).toMatchObject(denied);
    });
  });
});

describe('a token opens nothing', () => {
  const refusal = { status: 401, body: { error: 'invalid_token' } };

  test('where none was sent: there is a challenge without an error (RFC 6750 §3.1)', async () => {
    const answer = await call(undefined, 'GET');
    expect(answer).toMatchObject(refusal);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+"$/);
  });

  test('where it is none, or of another kind', async () => {
    const { refreshToken } = await logIn(stack, (await makeApp()).credentials.id, {
      resource: sampleResource,
      scope: 'offline_access things:read',
    });
    for (const token of ['nonsense', 'a.b.c', refreshToken]) {
      const answer = await call(token, 'GET');
      expect(answer).toMatchObject(refusal);
      expect(answer.body.error_description).toBe('The token is not active.');
      expect(challengeOf(answer)).toEqual(answer.body);
    }
    const basic = await call(undefined, 'GET', '', undefined, { authorization: 'Basic YTpi' });
    expect(basic).toMatchObject(refusal);
  });

  test.each([
    ['a key', { jkt: 'thumbprint' }],
    ['a certificate', { 'x5t#S256': 'thumbprint' }],
  ])('where it is bound to %s, whose proof nobody asks for here', async (_what, binding) => {
    const { credentials } = await makeApp();
    const owner = await stack.domain.clients(credentials.id);
    if (!owner) throw new Error('the client is gone');
    const now = Math.floor(Date.now() / 1000);
    const use = async (payload: object) => {
      const { value, id } = mintToken('access_token', partitionFor('access_token', now, now + 60));
      keepSecret('access_token', value);
      await stack.domain.partitions.ensure([id.partition]);
      await stack.domain.issue.insert({
        id,
        kind: 'access_token',
        client: owner.id,
        epochs: { client: owner.epoch, app: owner.appEpoch, account: 0, grant: 0 },
        scope: 'things:read',
        audience: [sampleResource],
        payload: { ...payload },
        issuedAt: now,
        expiresAt: now + 60,
      });
      return call(value, 'GET');
    };
    expect((await use({})).status).toBe(200);
    expect(await use(binding)).toMatchObject(refusal);
  });

  test('where it was revoked, or its client or app was disabled', async () => {
    const { appClients, apps } = stack.domain;
    const ends = [
      (client: Credentials, token: string) => stack.revoke(token, client),
      ({ id }: Credentials) => appClients.disable(operator, id.split(':')[0] ?? '', 'default'),
      ({ id }: Credentials) => apps.disable(operator, id.split(':')[0] ?? ''),
    ];
    for (const end of ends) {
      const { credentials } = await makeApp();
      const token = await tokenOf(credentials);
      expect((await call(token, 'GET')).status).toBe(200);
      await end(credentials, token);
      expect(await call(token, 'GET')).toMatchObject(refusal);
    }
  });

  test('where it is for another API, which is said', async () => {
    const identifier = `https://${unique('api')}.test`;
    await stack.api.createResource({
      identifier,
      scopes: [{ name: 'things:read' }, { name: 'things:write' }],
    });
    await stack.api.setRole('all', ['*']);
    const client = await stack.api.createClient({ roles: ['all'], resources: [identifier] });
    const answer = await call(await tokenOf(client), 'GET');
    expect(answer).toMatchObject(refusal);
    expect(answer.body.error_description).toContain(sampleResource);
  });

  test('beyond its scope, whatever its role: the challenge says which scope to ask for', async () => {
    const { credentials } = await makeApp();
    const token = await tokenOf(credentials, 'things:read');
    expect((await call(token, 'GET')).status).toBe(200);
    const refused = await add(token, 'A thing');
    expect(refused).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(challengeOf(refused)).toEqual({ ...refused.body, scope: 'things:write' });
    expect(refused.body.error_description).toBe(
      'This needs the scope things:write; the token has things:read.',
    );
  });
});

describe('bad input', () => {
  let token: string;
  beforeAll(async () => {
    token = await tokenOf((await makeApp()).credentials);
  });

  test.each([
    '',
    'null',
    '[]',
    '{',
    '{}',
    '{"name":7}',
    '{"name":""}',
    '{"name":"  "}',
    '{"name":"a\\nb"}',
    '{"name":"\\ud800"}',
    JSON.stringify({ name: 'x'.repeat(101) }),
  ])('%s makes no thing', async (body) => {
    expect(await call(token, 'POST', '', body)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: expect.stringContaining('"name"') },
    });
    expect((await call(token, 'GET')).body.items).toEqual([]);
  });

  test('a body of another type or of great size makes none either', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await call(token, 'POST', '', 'name=a', form)).status).toBe(415);
    expect((await add(token, 'x'.repeat(60 * 1024))).status).toBe(413);
    expect((await call(token, 'GET')).body.items).toEqual([]);
  });

  test('an address takes its own methods alone, and says which', async () => {
    const all = await call(token, 'PUT', '', '{}');
    expect([all.status, all.headers.get('allow')]).toEqual([405, 'GET, POST']);
    const one = await call(token, 'POST', '/any', '{}');
    expect([one.status, one.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
    expect((await call(token, 'HEAD')).status).toBe(200);
  });

  test.each(['/', '/%', '/%2e%2e', '/a/b', '/__proto__'])('%s is no thing', async (path) => {
    expect((await call(token, 'GET', path)).status).toBe(404);
  });

  test('what only looks like it is none of its addresses', async () => {
    expect((await stack.get('/example/thingsome')).status).toBe(404);
  });
});
