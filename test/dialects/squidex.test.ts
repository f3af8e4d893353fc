import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { parsePublicId } from '../../src/domain/tokens/value.ts';
import { logInToApp } from '../support/app-logins.ts';
import { makeApp, makeOpenApi, type TestApp } from '../support/apps.ts';
import { basic, type Credentials } from '../support/http.ts';
import { makeNamedToken } from '../support/named-tokens.ts';
import { loadPublishedClient, publishedClientsAreThere } from '../support/published-clients.ts';
import { onStack, unique } from '../support/stacks.ts';
import { type ProtectedApi, startProtectedApi } from './protected-api.ts';

interface SquidexSdk {
  SquidexClient: new (
    options: Record<string, unknown>,
  ) => {
    apps: { getApps(): Promise<unknown[]> };
    contents: { getContents(schema: string): Promise<{ total: number }> };
  };
}

const tokenPath = '/identity-server/connect/token';
const resource = 'scp:squidex-api';

onStack(
  (stack) => {
    const form = ({ id, secret }: Credentials, more: Record<string, string> = {}) => ({
      grant_type: 'client_credentials',
      client_id: id,
      client_secret: secret,
      scope: 'squidex-api',
      ...more,
    });
    /** Requests a token as the clients of the product do. */
    const requestToken = (client: Credentials, more?: Record<string, string>) =>
      stack().post(tokenPath, form(client, more), undefined, {
        'x-authrequest': '1',
        'x-authsource': 'Client',
      });
    const tokenOf = async (client: Credentials): Promise<string> =>
      (await requestToken(client)).body.access_token;
    const call = (method: string, path: string, token?: string, body?: unknown) =>
      stack().request(method, path, {
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && {
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      });
    const makeResourceServer = () => stack().api.createClient({ resource_server_for: [resource] });

    describe('the token endpoint', () => {
      test('a client of an app gets a token of 30 days with the requested scope', async () => {
        const { client } = await makeApp(stack());
        const { status, body, headers } = await requestToken(client);
        expect([status, body]).toEqual([
          200,
          {
            access_token: expect.stringMatching(/^eyJ/),
            expires_in: 2_592_000,
            token_type: 'Bearer',
            scope: 'squidex-api',
          },
        ]);
        expect(headers.get('cache-control')).toBe('no-store');
        expect(decodeProtectedHeader(body.access_token)).toEqual({
          alg: 'RS256',
          typ: 'at+jwt',
          kid: expect.any(String),
        });
        const claims = decodeJwt(body.access_token);
        expect(claims).toMatchObject({
          iss: stack().issuer,
          sub: client.id,
          client_id: client.id,
          aud: resource,
          scope: 'squidex-api',
          jti: expect.any(String),
        });
        expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(2_592_000);
      });

      test('app~client means app:client in the form and in a Basic header, and the form can be unencoded', async () => {
        const { client } = await makeApp(stack());
        const alias = client.id.replace(':', '~');
        expect((await requestToken({ ...client, id: alias })).status).toBe(200);
        const plain = Buffer.from(`${alias}:${client.secret}`).toString('base64');
        const answers = await Promise.all([
          stack().post(
            tokenPath,
            { grant_type: 'client_credentials', scope: 'squidex-api' },
            undefined,
            { authorization: `Basic ${plain}` },
          ),
          stack().request('POST', tokenPath, {
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: `grant_type=client_credentials&client_id=${client.id}&client_secret=${client.secret}&scope=squidex-api`,
          }),
        ]);
        for (const { status, body } of answers)
          expect([status, decodeJwt(body.access_token).sub]).toEqual([200, client.id]);
      });

      test('wrong credentials and an unknown client are refused alike, with 401 and the scheme', async () => {
        const { client, name } = await makeApp(stack());
        for (const wrong of [
          { ...client, secret: 'wrong' },
          { ...client, id: `${name}:nobody` },
        ]) {
          const { status, body, headers } = await requestToken(wrong);
          expect([status, body]).toEqual([
            401,
            {
              error: 'invalid_client',
              error_description: 'The specified client credentials are invalid.',
              error_uri: 'https://documentation.openiddict.com/errors/ID2055',
            },
          ]);
          expect(headers.get('www-authenticate')).toMatch(/^Basic /);
        }
        const { status, headers } = await stack().post(
          tokenPath,
          { grant_type: 'client_credentials' },
          { ...client, secret: 'wrong' },
        );
        expect([status, headers.get('www-authenticate')]).toEqual([
          401,
          expect.stringMatching(/^Basic /),
        ]);
      });

      test('missing and disallowed parameters are refused with OpenIddict’s errors', async () => {
        const { client } = await makeApp(stack());
        const { grant_type, client_id, client_secret } = form(client);
        const refusals: [Record<string, string>, number, string, string][] = [
          [{ client_id, client_secret }, 400, 'invalid_request', 'ID2029'],
          [{ grant_type, client_secret }, 400, 'invalid_request', 'ID2029'],
          [{ grant_type, client_id }, 400, 'invalid_request', 'ID2057'],
          [{ ...form(client), scope: 'other' }, 400, 'invalid_scope', 'ID2051'],
          [{ ...form(client), grant_type: 'nothing' }, 400, 'unsupported_grant_type', 'ID2032'],
          [
            { ...form(client), grant_type: 'refresh_token', refresh_token: 'x' },
            400,
            'unauthorized_client',
            'ID2064',
          ],
          [{ ...form(client), resource: 'https://other.example' }, 400, 'invalid_target', 'ID2051'],
        ];
        for (const [given, status, error, id] of refusals) {
          const answer = await stack().post(tokenPath, given);
          expect([given, answer.status, answer.body]).toEqual([
            given,
            status,
            {
              error,
              error_description: expect.any(String),
              error_uri: `https://documentation.openiddict.com/errors/${id}`,
            },
          ]);
        }
        const json = await call('POST', tokenPath, undefined, form(client));
        expect([json.status, json.body.error_uri]).toEqual([
          400,
          'https://documentation.openiddict.com/errors/ID2082',
        ]);
        const get = await stack().get(tokenPath);
        expect([get.status, get.body.error_uri]).toEqual([
          400,
          'https://documentation.openiddict.com/errors/ID2084',
        ]);
      });

      test('200 tokens are active at the same time, and none revokes another', async () => {
        const { client } = await makeApp(stack());
        const tokens = await Promise.all(Array.from({ length: 200 }, () => tokenOf(client)));
        expect(new Set(tokens).size).toBe(200);
        const states = await Promise.all(tokens.map((token) => stack().introspect(token, client)));
        expect(states.filter(({ body }) => body.active)).toHaveLength(200);
      });

      test('a token is introspected with the current role, and revoked, like any other', async () => {
        const app = await makeApp(stack());
        const client = await app.addClient({ name: 'backend', role: 'Reader' });
        const server = await makeResourceServer();
        const token = await tokenOf(client);
        const before = await stack().introspect(token, server);
        expect(before.body).toMatchObject({ active: true, app: app.name, roles: ['Reader'] });
        await stack().domain.appClients.update(app.actor, app.name, 'backend', { role: 'Editor' });
        expect((await stack().introspect(token, server)).body.roles).toEqual(['Editor']);
        const here = await stack().post('/identity-server/connect/introspect', { token }, server);
        expect(here.body).toMatchObject({ active: true, roles: ['Editor'] });
        expect((await stack().revoke(token, client)).status).toBe(200);
        expect((await stack().introspect(token, server)).body).toEqual({ active: false });
      });

      test('a deleted client has no active tokens and gets none', async () => {
        const app = await makeApp(stack());
        const client = await app.addClient({ name: 'gone' });
        const server = await makeResourceServer();
        const token = await tokenOf(client);
        await stack().domain.appClients.delete(app.actor, app.name, 'gone');
        expect((await stack().introspect(token, server)).body).toEqual({ active: false });
        expect((await requestToken(client)).status).toBe(401);
      });
    });

    describe('the identity server', () => {
      test('discovery contains the endpoints of the product, and the issuer is the root', async () => {
        const { body } = await stack().get('/identity-server/.well-known/openid-configuration');
        const at = `${stack().issuer}/identity-server`;
        expect(body).toMatchObject({
          issuer: stack().issuer,
          authorization_endpoint: `${at}/connect/authorize`,
          token_endpoint: `${at}/connect/token`,
          introspection_endpoint: `${at}/connect/introspect`,
          userinfo_endpoint: `${at}/connect/userinfo`,
          end_session_endpoint: `${at}/connect/logout`,
          jwks_uri: `${at}/.well-known/jwks`,
          scopes_supported: expect.arrayContaining(['openid', 'squidex-api', 'permissions']),
        });
        const keys = await stack().get('/identity-server/.well-known/jwks');
        const { client } = await makeApp(stack());
        const { kid } = decodeProtectedHeader(await tokenOf(client));
        expect(keys.body.keys.map((key: { kid: string }) => key.kid)).toContain(kid);
      });

      test('an authorization request redirects to sign-in, and userinfo refuses tokens that do not belong to a person', async () => {
        const app = await makeApp(stack());
        const redirect = 'https://app.example/callback';
        const website = await app.addClient({ kind: 'website', redirectUris: [redirect] });
        const query = new URLSearchParams({
          client_id: website.id.replace(':', '~'),
          response_type: 'code',
          redirect_uri: redirect,
          scope: 'openid squidex-api permissions',
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
        });
        const asked = await stack().get(`/identity-server/connect/authorize?${query}`);
        expect(asked.status).toBe(303);
        expect(asked.headers.get('location')).toMatch(/sign-in|consent/);
        const userinfo = await stack().get('/identity-server/connect/userinfo', {
          authorization: `Bearer ${await tokenOf(app.client)}`,
        });
        expect([userinfo.status, userinfo.body.error]).toEqual([401, 'invalid_token']);
        const logout = await stack().get('/identity-server/connect/logout');
        expect([logout.status, logout.headers.get('location')]).toEqual([303, '/account']);
      });
    });

    describe('the clients of an app', () => {
      const listPath = ({ name }: Pick<TestApp, 'name'>) => `/api/apps/${name}/clients`;
      const shown = (id: string, more: Record<string, unknown> = {}) => ({
        id,
        secret: '',
        name: id,
        role: 'Editor',
        apiCallsLimit: 0,
        apiTrafficLimit: 0,
        allowAnonymous: false,
        _links: {},
        ...more,
      });

      test('an Owner client lists, creates, changes and deletes clients, and gets the whole list', async () => {
        const app = await makeApp(stack());
        const token = await tokenOf(app.client);
        const own = shown('default', { role: 'Owner' });
        const empty = await call('GET', listPath(app), token);
        expect([empty.status, empty.body]).toEqual([200, { items: [own], _links: {} }]);

        const made = await call('POST', listPath(app), token, { id: 'mobile' });
        expect([made.status, made.body]).toEqual([
          201,
          {
            items: [own, shown('mobile', { secret: expect.stringMatching(/^writ_cs_/) })],
            _links: {},
          },
        ]);
        const secret = made.body.items[1].secret;
        expect((await requestToken({ id: `${app.name}:mobile`, secret })).status).toBe(200);

        const changed = await call('PUT', `${listPath(app)}/mobile`, token, {
          name: 'Phone',
          role: 'Reader',
          allowAnonymous: true,
          apiCallsLimit: 100,
          apiTrafficLimit: 1_000_000,
        });
        const phone = shown('mobile', {
          name: 'Phone',
          role: 'Reader',
          allowAnonymous: true,
          apiCallsLimit: 100,
          apiTrafficLimit: 1_000_000,
        });
        expect([changed.status, changed.body.items]).toEqual([200, [own, phone]]);
        const unlimited = await call('PUT', `${listPath(app)}/mobile`, token, {
          apiCallsLimit: 0,
          name: null,
        });
        expect(unlimited.body.items[1]).toEqual({ ...phone, apiCallsLimit: 0 });

        const left = await call('DELETE', `${listPath(app)}/mobile`, token);
        expect([left.status, left.body.items]).toEqual([200, [own]]);
        expect((await requestToken({ id: `${app.name}:mobile`, secret })).status).toBe(401);

        const events = await stack()
          .database.kysely.selectFrom('audit_event')
          .select(['action', 'actor_id', 'details'])
          .where('target_id', '=', `${app.name}:mobile`)
          .where('action', '=', 'client.deleted')
          .execute();
        expect(events).toEqual([
          expect.objectContaining({
            actor_id: app.client.id,
            details: expect.objectContaining({ dialect: 'squidex' }),
          }),
        ]);
      });

      test('an app is created with a client default whose secret works, and is listed for its members and clients', async () => {
        const { body: made, status } = await call(
          'POST',
          '/api/apps',
          await apiToken('apps:read apps:write'),
          {
            name: unique('app'),
          },
        );
        expect([status, made.clients.map(({ id }: { id: string }) => id)]).toEqual([
          201,
          ['default'],
        ]);
        const client = { id: `${made.name}:default`, secret: made.clients[0].secret };
        const token = await tokenOf(client);
        const apps = await call('GET', '/api/apps', token);
        expect(apps.body).toEqual([
          expect.objectContaining({
            name: made.name,
            roleName: 'Reader',
            permissions: [],
            roleProperties: {},
            _links: {},
          }),
        ]);
        expect((await call('GET', `/api/apps/${made.name}`, token)).body.name).toBe(made.name);
        const another = await call('POST', '/api/apps', token, { name: 'another-app' });
        expect(another.status).toBe(403);
      });

      const problem = (statusCode: number) =>
        expect.objectContaining({
          message: expect.any(String),
          traceId: expect.any(String),
          type: expect.stringMatching(/^https:\/\/tools\.ietf\.org/),
          statusCode,
        });

      test('a client is limited to its role and its own app, and a revoked token gives no access', async () => {
        const [app, other] = [await makeApp(stack()), await makeApp(stack())];
        const reader = await app.addClient({ name: 'reader' });
        const editor = await tokenOf(await app.addClient({ role: 'Editor' }));
        const developer = await tokenOf(await app.addClient({ role: 'Developer' }));
        const owner = await tokenOf(app.client);
        const ended = await tokenOf(reader);
        await stack().revoke(ended, reader);
        const refusals: [number, string, string, string | undefined, unknown?][] = [
          [401, 'GET', listPath(app), undefined],
          [401, 'GET', listPath(app), 'no-token'],
          [401, 'GET', listPath(app), ended],
          [403, 'GET', listPath(app), await tokenOf(reader)],
          [403, 'POST', listPath(app), editor, { id: 'more' }],
          [403, 'PUT', `${listPath(app)}/default`, developer, { name: 'mine' }],
          [403, 'PUT', `${listPath(app)}/reader`, developer, { role: 'Owner' }],
          [404, 'GET', listPath(other), owner],
          [404, 'GET', '/api/apps/there-is-none/clients', owner],
          [404, 'PUT', `${listPath(app)}/nobody`, owner, { name: 'x' }],
          [404, 'DELETE', `${listPath(app)}/nobody`, owner],
          [400, 'POST', listPath(app), owner, { id: 'Not A Name' }],
          [400, 'POST', listPath(app), owner, { id: 'default' }],
          [400, 'POST', listPath(app), owner, {}],
          [400, 'POST', listPath(app), owner, '{"id":'],
          [400, 'PUT', `${listPath(app)}/reader`, owner, { role: 'Nothing' }],
          [400, 'PUT', `${listPath(app)}/reader`, owner, { apiCallsLimit: -1 }],
          [400, 'PUT', `${listPath(app)}/reader`, owner, { allowAnonymous: 'yes' }],
        ];
        for (const [status, method, path, token, body] of refusals) {
          const answer = await call(method, path, token, body);
          expect([method, path, body, answer.status, answer.body]).toEqual([
            method,
            path,
            body,
            status,
            problem(status),
          ]);
        }
        expect((await call('PATCH', listPath(app), owner)).status).toBe(405);
      });

      test('a client id and a secret give no access to an API by themselves', async () => {
        const { client, name } = await makeApp(stack());
        for (const authorization of [
          basic(client),
          `Bearer ${client.secret}`,
          `ApiKey ${client.id}`,
        ]) {
          const { status, headers } = await stack().get(listPath({ name }), { authorization });
          expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
        }
      });

      test('a person who allows an app to use the API does not allow it to change apps', async () => {
        const app = await makeApp(stack());
        const device = await app.addClient({ kind: 'device', role: 'Owner' });
        const { accessToken } = await logInToApp(stack(), device.id, app.owner, {
          resource,
          scope: 'squidex-api',
        });
        expect((await call('GET', listPath(app), accessToken)).status).toBe(403);
      });

      test('neither an API key of a client nor a token without the scope can change apps', async () => {
        const app = await makeApp(stack());
        const key = await stack().domain.appApiKeys.create(app.actor, app.name, 'default', {
          name: 'tokens',
          scope: ['tokens:read', 'tokens:write'],
        });
        const read = await apiToken('apps:read');
        expect((await call('GET', listPath(app), read)).status).toBe(200);
        for (const token of [key.value, read])
          expect((await call('POST', listPath(app), token, { id: 'more' })).status).toBe(403);
      });
    });

    describe('an API behind the guard', () => {
      let api: ProtectedApi;
      beforeAll(async () => {
        api = await startProtectedApi({
          issuer: stack().origin,
          resource,
          client: await makeResourceServer(),
        });
      });
      afterAll(() => api.close());

      const get = async (app: string, headers: Record<string, string> = {}, query = '') => {
        const response = await fetch(`${api.origin}/api/content/${app}/things${query}`, {
          headers,
        });
        // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
        const body = (await response.json()) as any;
        return { status: response.status, headers: response.headers, body };
      };
      const withToken = (token: string) => ({ authorization: `Bearer ${token}` });

      test('admits a client with its current role, and no longer once it is deleted', async () => {
        const app = await makeApp(stack());
        const { domain } = stack();
        await domain.appRoles.set(app.actor, app.name, {
          name: 'Nothing',
          permissions: ['no.thing'],
        });
        const client = await app.addClient({ name: 'reader', role: 'Reader' });
        const headers = withToken(await tokenOf(client));
        const first = await get(app.name, headers);
        expect([first.status, first.body.caller]).toEqual([
          200,
          expect.objectContaining({ clientId: client.id, app: app.name, roles: ['Reader'] }),
        ]);
        await domain.appClients.update(app.actor, app.name, 'reader', { role: 'Nothing' });
        expect((await get(app.name, headers)).status).toBe(403);
        await domain.appClients.update(app.actor, app.name, 'reader', { role: 'Reader' });
        expect((await get(app.name, headers)).status).toBe(200);
        await domain.appClients.delete(app.actor, app.name, 'reader');
        const gone = await get(app.name, headers);
        expect([gone.status, gone.headers.get('www-authenticate')]).toEqual([
          401,
          expect.stringMatching(/^Bearer realm="[^"]+", error="invalid_token"/),
        ]);
      });

      test('refuses a token for another API', async () => {
        const { client, name } = await makeApp(stack());
        const { resource: other } = await makeOpenApi(stack());
        const { body } = await stack().token(client, { resource: other });
        expect((await get(name, withToken(body.access_token))).status).toBe(401);
      });

      test('refuses a sender-constrained token and malformed tokens with invalid_token', async () => {
        const { client, name } = await makeApp(stack());
        const token = await tokenOf(client);
        expect((await get(name, withToken(token))).status).toBe(200);
        const id = parsePublicId(String(decodeJwt(token).jti));
        await stack()
          .database.kysely.updateTable('token')
          .set({ payload: JSON.stringify({ jkt: 'thumbprint' }) })
          .where('shelf', '=', Number(id?.partition))
          .where('key', '=', id?.key as Buffer)
          .execute();
        expect((await get(name, withToken(token))).status).toBe(401);
        for (const headers of [
          { 'x-apikey': `${name}:` },
          { 'x-apikey': 'no-token-'.repeat(1_000) },
        ])
          expect((await get(name, headers)).status).toBe(401);
        expect((await get(name, {}, '?api_key=%00x')).status).toBe(401);
      });

      test('accepts the API key of a user in each form, for its app only', async () => {
        const app = await makeApp(stack());
        const { value } = await makeNamedToken(stack(), {
          kind: 'api_token',
          clientId: app.client.id,
          name: 'Ada',
          scope: ['squidex-api'],
          resource,
          subject: { type: 'user', id: 'ada' },
          payload: { roles: ['Owner'] },
          expiresAt: null,
        });
        const key = `${app.name}:${value}`;
        const spellings: [Record<string, string>, string?][] = [
          [{ authorization: `ApiKey ${key}` }],
          [{ authorization: `apikey ${value}` }],
          [{ apikey: key }],
          [{ 'x-apikey': key }],
          [{}, `?api_key=${encodeURIComponent(key)}`],
        ];
        for (const [headers, query] of spellings) {
          const { status, body } = await get(app.name, headers, query);
          expect([headers, status, body.caller?.subject]).toEqual([
            headers,
            200,
            `${app.client.id}|user|ada`,
          ]);
        }
        const others = await get(app.name, { authorization: `ApiKey other:${value}` });
        expect(others.status).toBe(401);
        expect((await get(app.name, { 'x-apikey': `${app.name}:wrong` })).status).toBe(401);
      });

      test('treats requests without credentials as the anonymous client of an app, if it has one', async () => {
        const app = await makeApp(stack());
        expect((await get(app.name)).status).toBe(401);
        const open = await app.addClient({ name: 'open', role: 'Reader', allowAnonymous: true });
        const { status, body } = await get(app.name);
        expect([status, body.caller]).toEqual([
          200,
          expect.objectContaining({ clientId: open.id, anonymous: true, roles: ['Reader'] }),
        ]);
        // Wrong credentials differ from none.
        expect((await get(app.name, withToken('wrong'))).status).toBe(401);
        await stack().domain.appClients.disable(app.actor, app.name, 'open');
        expect((await get(app.name)).status).toBe(401);
      });

      test('counts the calls and bytes of each client, refuses calls beyond its limits, and reports to Writ', async () => {
        const app = await makeApp(stack());
        const client = await app.addClient({ name: 'busy', role: 'Reader', apiCallsLimit: 3 });
        const headers = withToken(await tokenOf(client));
        for (let calls = 0; calls < 3; calls++)
          expect((await get(app.name, headers)).status).toBe(200);
        const refused = await get(app.name, headers);
        expect([refused.status, refused.body.error]).toEqual([429, 'too_many_requests']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        // The limit does not apply to another client of the app.
        expect((await get(app.name, withToken(await tokenOf(app.client)))).status).toBe(200);

        await api.guard.report();
        const used = await stack().domain.appApiUsage.ofClient(app.actor, app.name, 'busy');
        expect(used).toEqual({ calls: 3, bytes: expect.any(Number) });
        expect(used.bytes).toBeGreaterThan(300);
        expect((await get(app.name, headers)).status).toBe(429);
        const usage = await stack().domain.appActivity.usage(app.actor, app.name, 1);
        expect(usage.clients.find(({ clientId }) => clientId === client.id)).toMatchObject({
          apiCalls: [3],
          apiBytes: [used.bytes],
        });

        await stack().domain.appClients.update(app.actor, app.name, 'busy', {
          apiCallsLimit: null,
          apiTrafficLimit: used.bytes + 1,
        });
        await api.guard.report();
        expect((await get(app.name, headers)).status).toBe(200);
        expect((await get(app.name, headers)).status).toBe(429);
      });

      test('only resource servers of APIs that are open to apps can call the guard endpoints', async () => {
        const { client } = await makeApp(stack());
        const ask = (path: string, body: unknown, authorization?: string) =>
          stack().request('POST', `/connect/guard/${path}`, {
            headers: { ...(authorization && { authorization }) },
            body: JSON.stringify(body),
          });
        const server = basic(await makeResourceServer());
        const report = { clients: [{ client_id: client.id, calls: 1, bytes: 2 }] };
        for (const [path, body] of [
          ['usage', report],
          ['anonymous', { app: 'acme' }],
        ] as const) {
          expect((await ask(path, body)).status).toBe(401);
          expect((await ask(path, body, basic({ ...client, secret: 'wrong' }))).status).toBe(401);
          expect((await ask(path, body, basic(client))).status).toBe(403);
          expect((await ask(path, {}, server)).status).toBe(400);
          expect((await ask(path, body, server)).status).toBe(200);
        }
        for (const calls of [-1, 1.5, '3', 1e15])
          expect(
            (await ask('usage', { clients: [{ client_id: 'x', calls, bytes: 0 }] }, server)).status,
          ).toBe(400);
        const twice = { client_id: client.id, calls: 1, bytes: 0 };
        expect((await ask('usage', { clients: [twice, twice] }, server)).status).toBe(400);
        // Clients without an app are ignored.
        const other = await ask(
          'usage',
          { clients: [{ client_id: 'nobody', calls: 1, bytes: 0 }] },
          server,
        );
        expect(other.body.clients).toEqual([]);
      });

      (publishedClientsAreThere() ? describe : describe.skip)('its own client', () => {
        /** A new client of the product, the paths that it calls, and an action before its next call of the API. */
        const sdkOf = (app: TestApp, { id, secret }: Credentials) => {
          const { SquidexClient } = loadPublishedClient<SquidexSdk>('@squidex/squidex');
          const calls: string[] = [];
          let before: ((token: string) => Promise<unknown>) | undefined;
          const sdk = new SquidexClient({
            appName: app.name,
            clientId: id,
            clientSecret: secret,
            url: api.origin,
            fetcher: async (input: string, init: RequestInit) => {
              const { pathname } = new URL(input);
              calls.push(pathname);
              if (pathname !== tokenPath && before) {
                const token = new Headers(init.headers).get('authorization') ?? '';
                await before(token.replace('Bearer ', ''));
                before = undefined;
              }
              return fetch(input, init);
            },
          });
          const beforeNextCall = (run: typeof before) => {
            before = run;
          };
          return { sdk, calls, beforeNextCall };
        };
        const contentPath = (app: TestApp) => `/api/content/${app.name}/things`;
        const read = (sdk: InstanceType<SquidexSdk['SquidexClient']>) =>
          sdk.contents.getContents('things');

        test('gets a token, calls the API with it, and sees its app', async () => {
          const app = await makeApp(stack());
          const { sdk, calls } = sdkOf(app, app.client);
          expect((await read(sdk)).total).toBe(0);
          expect(calls).toEqual([tokenPath, contentPath(app)]);
          expect(await sdk.apps.getApps()).toEqual([
            expect.objectContaining({ name: app.name, roleName: 'Owner' }),
          ]);
        });

        test('a client whose first call gets 401 replaces its revoked token', async () => {
          const app = await makeApp(stack());
          const client = await app.addClient({ role: 'Reader' });
          const { sdk, calls, beforeNextCall } = sdkOf(app, client);
          beforeNextCall((token) => stack().revoke(token, client));
          expect((await read(sdk)).total).toBe(0);
          const path = contentPath(app);
          expect(calls).toEqual([tokenPath, path, tokenPath, path]);

          // From its second call on, the SDK keeps sending its token: only a new instance gets another.
          await read(sdk);
          beforeNextCall((token) => stack().revoke(token, client));
          await expect(read(sdk)).rejects.toThrow();
          expect(calls.slice(4)).toEqual([path, path, path]);
          expect((await read(sdkOf(app, client).sdk)).total).toBe(0);
        });

        test('a client with a wrong secret tries twice and fails', async () => {
          const app = await makeApp(stack());
          const { sdk, calls } = sdkOf(app, { ...app.client, secret: 'wrong' });
          await expect(read(sdk)).rejects.toThrow();
          expect(calls).toEqual([tokenPath, tokenPath]);
        });

        test('a client that requests a token for each call reaches no limit', async () => {
          const app = await makeApp(stack());
          for (let times = 0; times < 30; times++)
            expect((await requestToken(app.client)).headers.get('ratelimit')).toBeNull();
        });
      });
    });

    /** A token for Writ's own API. */
    async function apiToken(scope: string): Promise<string> {
      const backend = await stack().api.createClient({ resources: [stack().apiResource], scope });
      const { body } = await stack().token(backend, { resource: stack().apiResource });
      return body.access_token;
    }
  },
  { DIALECTS: 'squidex' },
);
