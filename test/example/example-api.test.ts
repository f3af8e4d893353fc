import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleResource } from '../../src/domain/sample.ts';
import { mintToken, shelfFor } from '../../src/domain/tokens/value.ts';
import { examplePath } from '../../src/example/index.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
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
  if (role !== 'Owner') await appClients.update(operator, name, 'default', { role });
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

/** The parameters of a challenge (RFC 6750 §3). */
const challengeOf = ({ headers }: Answer) =>
  Object.fromEntries(
    [...(headers.get('www-authenticate') ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(
      ([, name, value]) => [name, value],
    ),
  );

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
  expect((await add(mine, 'Mine')).body.made_by).toBe(clients[0]?.id);
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

describe('a token opens nothing', () => {
  const refusal = { status: 401, body: { error: 'invalid_token' } };

  test('where none was sent: there is a challenge without an error (RFC 6750 §3.1)', async () => {
    const answer = await call(undefined, 'GET');
    expect(answer).toMatchObject(refusal);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
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
      const { value, id } = mintToken('access_token', shelfFor('access_token', now, now + 60));
      keepSecret('access_token', value);
      await stack.domain.shelves.ensure([id.shelf]);
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
