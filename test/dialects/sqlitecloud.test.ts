import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { sqlitecloud } from '../../src/dialects/sqlitecloud/description.ts';
import { parsePublicId } from '../../src/domain/tokens/value.ts';
import { makeKey } from '../api/backend.ts';
import { makeApp } from '../support/apps.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { loadPublishedClient, publishedClientsAreThere } from '../support/published-clients.ts';
import { onStack, type Stack, unique } from '../support/stacks.ts';

const { identifier: resource } = sqlitecloud.resource;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const inADay = () => new Date(Date.now() + 86_400_000);

/** A client whose backend has an API key, and the server that its tokens are for. */
interface Project {
  client: Credentials;
  resourceServer: Credentials;
  key: string;
  /** Calls as the backend, or with another credential. */
  call(method: string, path: string, body?: unknown, credential?: string): Promise<Answer>;
  /** The `data` of a new token. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
  create(given?: Record<string, unknown>): Promise<any>;
}

async function makeProject(stack: Stack, scopes?: readonly string[]): Promise<Project> {
  const client = await stack.api.createClient({ resources: [resource] });
  const { key } = await makeKey(stack, client.id, scopes ? { scopes } : {});
  const call: Project['call'] = (method, path, body, credential = key) =>
    stack.request(method, `/v2/tokens${path}`, {
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    client,
    resourceServer: await stack.api.createClient({ resource_server_for: [resource] }),
    key,
    call,
    async create(given = {}) {
      const { status, body, text } = await call('POST', '', {
        userId: unique('user'),
        name: 'a token',
        ...given,
      });
      if (status !== 200) throw new Error(`no token was created: ${text}`);
      return body.data;
    },
  };
}

/** The expected form of an error. */
const refusal = (status: number, code: string, detail: unknown = expect.any(String)) => ({
  status,
  body: { errors: [{ status: String(status), code, title: expect.any(String), detail }] },
});

const unauthorized = refusal(401, 'unauthorized');

onStack(
  (stack) => {
    /** Moves the expiry into the past, or removes the number as of an older token. */
    const alter = (id: string, set: string) =>
      stack().database.query(
        { name: `alter ${set}`, text: `update token_shelf_0 set ${set} where key = $1` },
        [parsePublicId(id)?.key],
      );

    test('a backend creates a token for its own user, and gets the body of SQLite Cloud', async () => {
      const { call } = await makeProject(stack());
      const userId = randomUUID();
      const expiresAt = inADay().toISOString();
      const { status, headers, body } = await call('POST', '', {
        name: 'test-user-token',
        userId,
        expiresAt,
      });
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(body).toEqual({
        data: {
          accessTokenId: expect.any(Number),
          token: expect.stringMatching(/^writ_tk_\w+$/),
          userId,
          name: 'test-user-token',
          attributes: null,
          expiresAt: expiresAt.replace(/\.\d+/, ''),
          createdAt: expect.stringMatching(moment),
        },
        metadata: {
          connectedMs: expect.any(Number),
          executedMs: expect.any(Number),
          elapsedMs: expect.any(Number),
        },
      });
      expect(Object.keys(body.data)).toEqual(
        'accessTokenId token userId name attributes expiresAt createdAt'.split(' '),
      );
      const { connectedMs, executedMs, elapsedMs } = body.metadata;
      expect(connectedMs + executedMs).toBe(elapsedMs);
      expect([connectedMs, executedMs, elapsedMs].every(Number.isInteger)).toBe(true);
    });

    test('a token expires at the time that its backend sends, in either format, and never without one or with null', async () => {
      const { create } = await makeProject(stack());
      for (const [given, expiresAt] of [
        [{}, null],
        [{ expiresAt: null }, null],
        [{ expiresAt: '2031-10-01 10:11:12' }, '2031-10-01T10:11:12Z'],
        [{ expiresAt: '2031-10-01T10:11:12' }, '2031-10-01T10:11:12Z'],
        [{ expiresAt: '2031-10-01T10:11:12.999Z' }, '2031-10-01T10:11:12Z'],
        [{ expiresAt: '2031-10-01T12:11:12+02:00' }, '2031-10-01T10:11:12Z'],
      ] as const)
        expect(await create(given)).toMatchObject({ expiresAt });
    });

    test('attributes are an object or its JSON in a string, and come back as an object', async () => {
      const { create, call } = await makeProject(stack());
      const attributes = { role: 'editor', group: ['a', 'b'], org_id: 7 };
      for (const given of [attributes, JSON.stringify(attributes)]) {
        const { token, ...data } = await create({ attributes: given });
        expect(data.attributes).toEqual(attributes);
        expect((await call('GET', '/details', undefined, token)).body).toEqual({ data });
      }
    });

    test('a token is inspected with itself and with an API key, and its value is never returned again', async () => {
      const { create, call } = await makeProject(stack());
      const { token, ...data } = await create({ userId: 'device 7/ü', attributes: { a: 1 } });
      const own = await call('GET', '/details', undefined, token);
      const byKey = await call('POST', '/details', { token });
      const byNumber = await call('POST', '/details', { accessTokenId: data.accessTokenId });
      expect([own.status, byKey.status, byNumber.status]).toEqual([200, 200, 200]);
      expect([own.body, byKey.body, byNumber.body]).toEqual([{ data }, { data }, { data }]);
      const list = await call('GET', `/users/${encodeURIComponent('device 7/ü')}`);
      for (const { text } of [own, byKey, byNumber, list]) expect(text).not.toContain(token);
    });

    test('a valid key or token gets 204 without a body; one that expired, is unknown or is for another API gets 401', async () => {
      const { client, create, call, key } = await makeProject(stack());
      const { token } = await create();
      const authorized = (credential: string) => call('GET', '/authorized', undefined, credential);
      for (const credential of [key, token])
        expect(await authorized(credential)).toMatchObject({ status: 204, text: '' });

      const elsewhere = `https://${unique('api')}.test`;
      await stack().api.createResource({ identifier: elsewhere });
      const other = await stack().api.createClient({ resources: [elsewhere] });
      const foreign = (await stack().token(other)).body.access_token;
      const own = (await stack().token(client)).body.access_token;
      expect((await authorized(own)).status).toBe(204);
      expect((await call('GET', '/details', undefined, own)).body.data).toMatchObject({
        accessTokenId: expect.any(Number),
        userId: client.id,
        name: null,
      });

      const { token: past } = await create();
      const { jti } = (await stack().introspect(past, client)).body;
      await alter(jti, "expires_at = now() - interval '1 second'");
      for (const credential of [foreign, past, `${token}x`, 'nonsense', '13|sqa_abc'])
        expect(await authorized(credential)).toMatchObject(unauthorized);
      const none = await stack().request('GET', '/v2/tokens/authorized');
      expect(none).toMatchObject(unauthorized);
      expect(none.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+"$/);
      expect(none.headers.get('x-request-id')).toBeTruthy();
      expect((await call('POST', '/details', { token: past })).body.data).toMatchObject({
        expiresAt: expect.stringMatching(moment),
      });
    });

    test('a token gets another name and expiry, or none, with the same value', async () => {
      const { create, call, resourceServer } = await makeProject(stack());
      const { token, ...data } = await create({ expiresAt: '2031-10-01 10:11:12' });
      const renamed = await call('PATCH', '', { token, name: 'updated-user-token' });
      expect(renamed).toMatchObject({ status: 200 });
      expect(renamed.body).toEqual({
        data: { ...data, name: 'updated-user-token' },
        metadata: expect.any(Object),
      });
      const never = await call('PATCH', '', { token, expiresAt: null });
      expect(never.body.data).toMatchObject({ name: 'updated-user-token', expiresAt: null });
      const dated = await call('PATCH', '', { token, expiresAt: '2032-12-31T23:59:59' });
      expect(dated.body.data.expiresAt).toBe('2032-12-31T23:59:59Z');
      expect((await stack().introspect(token, resourceServer)).body).toMatchObject({
        active: true,
        name: 'updated-user-token',
        exp: Date.parse('2032-12-31T23:59:59Z') / 1000,
      });
    });

    test('a token that a key or the token itself revoked is refused immediately', async () => {
      const { create, call, resourceServer } = await makeProject(stack());
      const [one, two, three] = [await create(), await create(), await create()];
      const answers = [
        await call('DELETE', '', { token: one.token }),
        await call('DELETE', '', undefined, two.token),
        await call('DELETE', '', { token: three.token }, three.token),
      ];
      for (const [index, { accessTokenId, token }] of [one, two, three].entries()) {
        expect(answers[index]).toMatchObject({ status: 200, body: { data: { accessTokenId } } });
        expect(await call('GET', '/authorized', undefined, token)).toMatchObject(unauthorized);
        expect(await call('DELETE', '', undefined, token)).toMatchObject(unauthorized);
        expect((await stack().introspect(token, resourceServer)).body).toEqual({ active: false });
        for (const method of ['PATCH', 'DELETE'])
          expect(await call(method, '', { token })).toMatchObject(refusal(404, 'not_found'));
      }
    });

    test('an access token can revoke only itself', async () => {
      const { create, call } = await makeProject(stack());
      const [one, other] = [await create(), await create()];
      for (const body of [{ token: other.token }, { accessTokenId: other.accessTokenId }])
        expect(await call('DELETE', '', body, one.token)).toMatchObject(refusal(403, 'forbidden'));
      for (const { token } of [one, other])
        expect((await call('GET', '/authorized', undefined, token)).status).toBe(204);
    });

    test('the tokens of a user that have not expired are listed, with numbers with which they can be changed and revoked', async () => {
      const { create, call, client } = await makeProject(stack());
      const userId = unique('user');
      const [first, second, over] = [
        await create({ userId, name: 'first' }),
        await create({ userId, name: 'second', expiresAt: '2031-10-01 10:11:12' }),
        await create({ userId, name: 'over' }),
      ];
      await create();
      const { jti } = (await stack().introspect(over.token, client)).body;
      await alter(jti, "expires_at = now() - interval '1 second'");
      const { status, body } = await call('GET', `/users/${userId}`);
      expect([status, body]).toEqual([
        200,
        {
          data: [second, first].map(({ name, expiresAt, createdAt, accessTokenId }) => ({
            name,
            expiresAt,
            createdAt,
            accessTokenId,
          })),
        },
      ]);
      const { accessTokenId } = body.data[0];
      const renamed = await call('PATCH', '', { accessTokenId, name: 'by number' });
      expect(renamed.body.data).toMatchObject({ accessTokenId, name: 'by number' });
      expect((await call('DELETE', '', { accessTokenId })).status).toBe(200);
      expect((await call('GET', '/authorized', undefined, second.token)).status).toBe(401);
      expect((await call('GET', `/users/${userId}`)).body.data).toHaveLength(1);
      expect((await call('GET', `/users/${unique('user')}`)).body).toEqual({ data: [] });
    });

    test('API keys and tokens are accepted in all forms', async () => {
      const { key, create, call } = await makeProject(stack());
      const { token } = await create();
      for (const credential of [
        key,
        token,
        `sqlitecloud://host.sqlite.cloud:8860?apikey=${key}`,
        `sqlitecloud://host.sqlite.cloud:8860/chinook.sqlite?compression=1&apikey=${key}`,
        `sqlitecloud://host.sqlite.cloud:8860/chinook.sqlite?token=${token}`,
      ])
        expect((await call('GET', '/authorized', undefined, credential)).status).toBe(204);
      for (const credential of [
        'sqlitecloud://host.sqlite.cloud:8860',
        `sqlitecloud://host.sqlite.cloud:8860?apikey=${key}&token=${token}`,
        `sqlitecloud://host.sqlite.cloud:8860?apikey=${key}x`,
        'sqlitecloud://[',
      ])
        expect(await call('GET', '/authorized', undefined, credential)).toMatchObject(unauthorized);
      const byString = await call(
        'POST',
        '',
        { userId: 'u', name: 'n' },
        `sqlitecloud://host:8860?apikey=${key}`,
      );
      expect(byString.status).toBe(200);
    });

    test('numbers are unique, and an older token without one gets the same number in concurrent requests', async () => {
      const { create, call, client } = await makeProject(stack());
      const { token: old } = await create();
      const { jti } = (await stack().introspect(old, client)).body;
      await alter(jti, 'number = null');
      const asked = await Promise.all(
        Array.from({ length: 5 }, () => call('GET', '/details', undefined, old)),
      );
      const [number, ...others] = new Set(asked.map(({ body }) => body.data.accessTokenId));
      expect([number, others]).toEqual([expect.any(Number), []]);
      const { accessTokenId: last } = await create();
      expect(last).toBeGreaterThan(number);
      // As the sweep does after it expired.
      await stack().database.query(
        { name: 'forget', text: 'delete from token_shelf_0 where number = $1::bigint' },
        [last],
      );
      expect((await create()).accessTokenId).toBeGreaterThan(last);
    });

    test('introspection contains everything that row-level policies read about a user', async () => {
      const { create, client, resourceServer } = await makeProject(stack());
      const userId = unique('user');
      const attributes = { role: 'editor' };
      const { token, ...data } = await create({
        userId,
        name: 'phone',
        attributes,
        expiresAt: '2031-10-01 10:11:12',
      });
      const { body } = await stack().introspect(token, resourceServer);
      expect(body).toMatchObject({
        active: true,
        client_id: client.id,
        aud: resource,
        subject: { type: 'user', id: userId },
        name: 'phone',
        attributes,
        iat: Date.parse(data.createdAt) / 1000,
        exp: Date.parse(data.expiresAt) / 1000,
      });
    });

    test('a token of the dialect is a token of Writ: its API finds it, its endpoint revokes it, and its audit event names the dialect', async () => {
      const { create, call, client, resourceServer, key } = await makeProject(stack());
      const userId = unique('user');
      const { token } = await create({ userId });
      const found = await stack().request(
        'GET',
        `/api/v1/tokens?subject_type=user&subject_id=${userId}`,
        { headers: { authorization: `Bearer ${key}` } },
      );
      const [{ id }] = found.body.items;
      await call('PATCH', '', { token, name: 'renamed' });
      const { token: second } = await create();
      const { jti } = (await stack().introspect(second, client)).body;
      await call('DELETE', '', { token: second });
      const events = async (target: string) =>
        (await stack().api.call('GET', `/audit-events?target=${target}`)).body.items.map(
          (event: { action: string; details: { dialect?: string } }) => [
            event.action,
            event.details.dialect,
          ],
        );
      expect(await events(id)).toEqual([
        ['api_token.updated', 'sqlitecloud'],
        ['api_token.created', 'sqlitecloud'],
      ]);
      expect(await events(jti)).toEqual([
        ['token.revoked', 'sqlitecloud'],
        ['api_token.created', 'sqlitecloud'],
      ]);
      expect((await stack().introspect(token, resourceServer)).body.active).toBe(true);
      await stack().revoke(token, client);
      expect((await stack().introspect(token, resourceServer)).body).toEqual({ active: false });
      expect(await call('GET', '/details', undefined, token)).toMatchObject(unauthorized);
      expect((await events(id))[0]).toEqual(['token.revoked', undefined]);
    });

    test('an API key is created, listed, renamed, given another expiry, regenerated and deleted, and the old value is revoked immediately', async () => {
      const { client, call } = await makeProject(stack());
      const keys = (method: string, path = '', body?: unknown) =>
        stack().api.call(method, `/clients/${client.id}/api-keys${path}`, body);
      const authorized = async (key: string) =>
        (await call('GET', '/authorized', undefined, key)).status;
      const expires_at = '2031-10-01T10:11:12Z';
      const { body: created } = await keys('POST', '', { name: 'backend', expires_at });
      expect(await authorized(created.api_key)).toBe(204);
      const { body: changed } = await keys('PATCH', `/${created.id}`, {
        name: 'renamed',
        expires_at: null,
      });
      expect(changed).toMatchObject({ name: 'renamed', expires_at: null });
      expect(await authorized(created.api_key)).toBe(204);
      const { body: regenerated } = await keys('POST', `/${created.id}/regenerate`, {});
      expect(await authorized(created.api_key)).toBe(401);
      expect(await authorized(regenerated.api_key)).toBe(204);
      const { body: listed } = await keys('GET');
      expect(listed.items.map(({ name }: { name: string }) => name)).toContain('renamed');
      await keys('DELETE', `/${regenerated.id}`);
      expect(await authorized(regenerated.api_key)).toBe(401);
    });

    test('the key of an app’s client creates tokens that never expire, and that other apps cannot see', async () => {
      const [app, otherApp] = [await makeApp(stack()), await makeApp(stack())];
      const { call } = await makeProject(stack());
      const [{ key }, { key: otherKey }] = [
        await makeKey(stack(), app.client.id),
        await makeKey(stack(), otherApp.client.id),
      ];
      const { body } = await call('POST', '', { userId: 'u', name: 'n', expiresAt: null }, key);
      expect(body.data).toMatchObject({ expiresAt: null, token: expect.any(String) });
      const { token } = body.data;
      expect((await call('POST', '/details', { token }, key)).status).toBe(200);
      expect((await call('POST', '/details', { token }, otherKey)).status).toBe(404);
    });

    describe('a body', () => {
      let call: Project['call'];
      beforeAll(async () => {
        ({ call } = await makeProject(stack()));
      });

      test.each<[what: string, body: unknown, detail: RegExp]>([
        ['no user', { name: 'n' }, /^userId: /],
        ['an empty user', { userId: '', name: 'n' }, /^userId: /],
        ['a user that is an object', { userId: {}, name: 'n' }, /^userId: /],
        ['no name', { userId: 'u' }, /^name: /],
        ['an empty name', { userId: 'u', name: ' ' }, /^name: /],
        [
          'a time that is past',
          { userId: 'u', name: 'n', expiresAt: '2023-10-01 10:11:12' },
          /^expiresAt: /,
        ],
        [
          'a day that no month has',
          { userId: 'u', name: 'n', expiresAt: '2031-02-30 10:11:12' },
          /^expiresAt: /,
        ],
        [
          'a time that is a number',
          { userId: 'u', name: 'n', expiresAt: 1_893_456_000 },
          /^expiresAt: /,
        ],
        ['attributes that are a list', { userId: 'u', name: 'n', attributes: [] }, /^attributes: /],
        [
          'attributes in which a name comes twice',
          { userId: 'u', name: 'n', attributes: '{"a":1,"a":2}' },
          /^attributes: /,
        ],
        [
          'attributes that are no JSON',
          { userId: 'u', name: 'n', attributes: '{' },
          /^attributes: /,
        ],
        ['a list in place of an object', [], /not a JSON object/],
      ])('with %s is refused in the shape of the product', async (_what, body, detail) => {
        expect(await call('POST', '', body)).toMatchObject(
          refusal(400, 'bad_request', expect.stringMatching(detail)),
        );
      });

      test('gets an error entry for each problem', async () => {
        const { body } = await call('POST', '', { expiresAt: 'soon' });
        expect(body.errors.map(({ detail }: { detail: string }) => detail.split(':')[0])).toEqual([
          'userId',
          'name',
          'expiresAt',
        ]);
      });
    });

    test('unknown tokens and those of other clients do not exist, and exactly one reference is required', async () => {
      const [mine, other] = [await makeProject(stack()), await makeProject(stack())];
      const { token, accessTokenId } = await other.create({ userId: 'shared' });
      for (const body of [
        { token },
        { accessTokenId },
        { token: 'nonsense' },
        { accessTokenId: 999_999_999 },
        { accessTokenId: -1 },
        { token: mine.key },
      ])
        for (const [method, path] of [
          ['POST', '/details'],
          ['PATCH', ''],
          ['DELETE', ''],
        ] as const)
          expect(await mine.call(method, path, body)).toMatchObject(refusal(404, 'not_found'));
      expect((await mine.call('GET', '/users/shared')).body).toEqual({ data: [] });
      expect((await other.call('GET', '/authorized', undefined, token)).status).toBe(204);
      for (const body of [{}, { token, accessTokenId }])
        expect(await other.call('DELETE', '', body)).toMatchObject(refusal(400, 'bad_request'));
    });

    test('a token can only access itself, a read-only key can only read, and a client without the resource gets nothing', async () => {
      const { create, call } = await makeProject(stack());
      const { token } = await create();
      const forbidden = refusal(403, 'forbidden');
      for (const [method, path, body] of [
        ['POST', '', { userId: 'u', name: 'n' }],
        ['PATCH', '', { token, name: 'n' }],
        ['POST', '/details', { token }],
        ['GET', '/users/u', undefined],
      ] as const)
        expect(await call(method, path, body, token)).toMatchObject(forbidden);
      expect(await call('GET', '/details')).toMatchObject(forbidden);

      const reader = await makeProject(stack(), ['tokens:read']);
      expect(await reader.call('POST', '', { userId: 'u', name: 'n' })).toMatchObject(forbidden);
      expect((await reader.call('GET', '/users/u')).status).toBe(200);

      const stranger = await stack().api.createClient({ resources: [] });
      const { key } = await makeKey(stack(), stranger.id);
      expect(await call('POST', '', { userId: 'u', name: 'n' }, key)).toMatchObject(
        refusal(400, 'bad_request', expect.stringContaining('resource')),
      );
      expect(await call('PUT', '')).toMatchObject(refusal(405, 'method_not_allowed'));
    });

    test('pages of any origin can call, and read errors', async () => {
      const origin = 'https://page.example';
      const preflight = await stack().request('OPTIONS', '/v2/tokens', {
        headers: {
          origin,
          'access-control-request-method': 'DELETE',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-methods')).toMatch(/POST.*PATCH.*DELETE/);
      expect(preflight.headers.get('access-control-allow-headers')).toMatch(
        /authorization,content-type/i,
      );
      const refused = await stack().request('GET', '/v2/tokens/details', { headers: { origin } });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    });

    (publishedClientsAreThere() ? describe : describe.skip)('with the published driver', () => {
      interface Driver {
        parseconnectionstring(text: string): Record<string, unknown>;
        validateConfiguration(config: object): Record<string, unknown>;
        getInitializationCommands(config: object): string;
      }

      test('a token and an API key survive the connection string and the commands of the driver', async () => {
        const driver = loadPublishedClient<Driver>('@sqlitecloud/drivers');
        const { key, create, call } = await makeProject(stack());
        const { token } = await create();
        for (const [option, value, command] of [
          ['token', token, 'AUTH TOKEN'],
          ['apikey', key, 'AUTH APIKEY'],
        ] as const) {
          const text = `sqlitecloud://host.sqlite.cloud:8860/chinook.sqlite?${option}=${value}`;
          const config = driver.validateConfiguration(driver.parseconnectionstring(text));
          expect(config[option]).toBe(value);
          expect(driver.getInitializationCommands(config)).toContain(`;${command} ${value};`);
          // Over WebSockets, the whole string is the credential.
          const sent = driver.validateConfiguration({ host: 'host.sqlite.cloud', [option]: value });
          const string = String(sent['connectionstring']);
          expect((await call('GET', '/authorized', undefined, string)).status).toBe(204);
        }
      });
    });
  },
  { DIALECTS: 'sqlitecloud' },
);
