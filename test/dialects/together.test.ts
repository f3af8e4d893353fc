import { expect, test } from '@jest/globals';
import { datasetteDeviceClientId } from '../../config/clients.ts';
import { bloq } from '../../src/dialects/bloq/description.ts';
import { datasette } from '../../src/dialects/datasette/description.ts';
import { speckle } from '../../src/dialects/speckle/description.ts';
import { sqlitecloud } from '../../src/dialects/sqlitecloud/description.ts';
import { squidex } from '../../src/dialects/squidex/description.ts';
import { grantTypes } from '../../src/oauth/grant-types.ts';
import { makeKey } from '../api/backend.ts';
import { answer, ask } from '../protocol/authorization/support.ts';
import { makeApp } from '../support/apps.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { signedIn } from '../support/people.ts';
import { keepSecret } from '../support/run-records.ts';
import { onEveryStack, type Stack, unique } from '../support/stacks.ts';
import { createVisitor } from '../support/visitor.ts';

const json = { 'content-type': 'application/json' };

/** A token of a dialect, and how its product uses it. */
interface Issued {
  dialect: string;
  resource: string;
  token: string;
  /** What the product's client stores in addition, and revokes with it. */
  refreshToken?: string;
  /** Who can revoke them. */
  client: Credentials;
  /** The product's own request with it. */
  use(): Promise<Answer>;
  /** The response to the product's client after revocation. */
  refused: { status: number; body: unknown };
}

const bearer = (stack: Stack, method: string, path: string, token: string, body?: unknown) =>
  stack.request(method, path, {
    headers: { ...json, authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

/** As a client with a secret, or as a public one. */
const revoke = (stack: Stack, token: string, client: Credentials): Promise<Answer> =>
  client.secret
    ? stack.revoke(token, client)
    : stack.post('/connect/revocation', { token, client_id: client.id });

/** A person with an app gets a token by each dialect. */
async function issueByEach(stack: Stack) {
  const { client, owner, name } = await makeApp(stack);

  const ofSquidex = await stack.post('/identity-server/connect/token', {
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret ?? '',
    scope: 'squidex-api',
  });

  const { key } = await makeKey(stack, client.id);
  const userId = unique('user');
  const ofSqliteCloud = await bearer(stack, 'POST', '/v2/tokens', key, { userId, name: 'phone' });

  const login = await stack.request('POST', '/auth', {
    headers: {
      ...json,
      authorization: `Basic ${Buffer.from(`${owner.email}:${owner.password}`).toString('base64')}`,
    },
  });
  const keys = await bearer(stack, 'POST', '/users/me/client-keys', login.body.accessToken);
  const { clientId, clientSecret } = keys.body;
  keepSecret('client_secret', clientSecret);
  const exchanged = await stack.request('POST', '/auth/token', {
    headers: json,
    body: JSON.stringify({ grantType: 'clientCredentials', clientId, clientSecret }),
  });

  const device = await stack.request('POST', '/-/oauth/device', {
    body: new URLSearchParams({ scope: '[["view-table","db1"]]' }),
  });
  const { user_code } = device.body;
  const { visitor } = await signedIn(stack, { roles: ['administrator'] });
  await visitor.get(`/-/oauth/device/verify?code=${user_code}`);
  await visitor.submit('/device/decision', { user_code, decision: 'approve' });
  const ofDatasette = await stack.post('/-/oauth/token', {
    grant_type: grantTypes.deviceCode,
    device_code: device.body.device_code,
  });

  const speckleApp = await stack.api.createClient({
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['https://speckle-app.test/back'],
    resources: [speckle.resource.identifier],
    scope: 'profile:read offline_access',
  });
  const own = createVisitor(stack.origin);
  await own.signIn(owner.email, owner.password);
  const { path } = await ask(own, { path: `/authn/verify/${speckleApp.id}/challenge` });
  const { url } = await answer(own, path);
  const ofSpeckle = await stack.request('POST', '/auth/token', {
    headers: json,
    body: JSON.stringify({
      accessCode: url?.searchParams.get('access_code'),
      appId: speckleApp.id,
      appSecret: speckleApp.secret,
      challenge: 'challenge',
    }),
  });

  const sqliteToken: string = ofSqliteCloud.body.data.token;
  const refreshToken: string = exchanged.body.refreshToken;
  const issued: Issued[] = [
    {
      dialect: 'squidex',
      resource: squidex.resource.identifier,
      token: ofSquidex.body.access_token,
      client,
      use: () => bearer(stack, 'GET', `/api/apps/${name}/clients`, ofSquidex.body.access_token),
      refused: { status: 401, body: expect.objectContaining({ statusCode: 401 }) },
    },
    {
      dialect: 'sqlitecloud',
      resource: sqlitecloud.resource.identifier,
      token: sqliteToken,
      client,
      use: () => bearer(stack, 'GET', '/v2/tokens/details', sqliteToken),
      refused: {
        status: 401,
        body: { errors: [expect.objectContaining({ status: '401', code: 'unauthorized' })] },
      },
    },
    {
      dialect: 'bloq',
      resource: bloq.resource.identifier,
      token: exchanged.body.accessToken,
      refreshToken,
      client: { id: clientId, secret: clientSecret },
      use: () =>
        stack.request('POST', '/auth/token', {
          headers: json,
          body: JSON.stringify({ grantType: 'refreshToken', refreshToken }),
        }),
      refused: { status: 401, body: 'jwt expired' },
    },
    {
      dialect: 'speckle',
      resource: speckle.resource.identifier,
      token: ofSpeckle.body.token,
      refreshToken: ofSpeckle.body.refreshToken,
      client: speckleApp,
      use: () =>
        bearer(stack, 'POST', '/graphql', ofSpeckle.body.token, { query: '{ activeUser { id } }' }),
      refused: { status: 403, body: { error: 'Your token is not valid.' } },
    },
    {
      dialect: 'datasette',
      resource: datasette.resource.identifier,
      token: ofDatasette.body.access_token,
      client: { id: datasetteDeviceClientId, secret: '' },
      use: () => bearer(stack, 'GET', '/-/actor.json', ofDatasette.body.access_token),
      // Datasette has anonymous callers.
      refused: { status: 200, body: { actor: null } },
    },
  ];
  return { issued, owner, app: name, clientId, speckleApp: speckleApp.id };
}

onEveryStack(
  (stack) => {
    test('one server introspects a token of each dialect, its owner sees it, and after revocation it is refused with the error of its product', async () => {
      const { issued, owner, app, clientId, speckleApp } = await issueByEach(stack());
      const resourceServer = await stack().api.createClient({
        resource_server_for: issued.map(({ resource }) => resource),
      });
      const introspect = async (token: string) =>
        (await stack().introspect(token, resourceServer)).body;

      const visitor = createVisitor(stack().origin);
      await visitor.signIn(owner.email, owner.password);
      const pages = async (...paths: string[]) => {
        const shown = [];
        for (const path of paths) shown.push((await visitor.get(path)).words);
        return shown.join('\n');
      };
      expect(await pages(`/apps/${app}`)).toContain(`${app}:default`);
      expect(await pages(`/apps/${app}/activity`)).toContain('phone');
      const connected = await pages('/account/connected');
      for (const id of [clientId, speckleApp]) expect(connected).toContain(id);

      for (const one of issued) {
        const { dialect, resource, token, refreshToken, client, use, refused } = one;
        expect([dialect, (await use()).status]).toEqual([dialect, 200]);
        const told = await introspect(token);
        expect([dialect, told.active, [told.aud].flat()]).toEqual([dialect, true, [resource]]);
        for (const value of refreshToken ? [token, refreshToken] : [token])
          expect((await revoke(stack(), value, client)).status).toBe(200);
        expect([dialect, await introspect(token)]).toEqual([dialect, { active: false }]);
        const { status, body, text } = await use();
        expect([dialect, status, body ?? text]).toEqual([dialect, refused.status, refused.body]);
      }
    });

    test('audit events name the dialect of a change, and no dialect for Writ’s own requests', async () => {
      const { app } = await issueByEach(stack());
      const events = await stack()
        .database.kysely.selectFrom('audit_event')
        .select(['action', 'details'])
        .where('action', 'in', ['api_token.created', 'client.created', 'app.created'])
        .execute();
      const dialectsOf = (action: string) =>
        events
          .filter((event) => event.action === action)
          .map(({ details }) => (details as { dialect?: string } | null)?.dialect);
      expect(app).toBeTruthy();
      expect(dialectsOf('api_token.created')).toContain('sqlitecloud');
      expect(dialectsOf('client.created')).toContain('bloq');
      expect(dialectsOf('app.created')).toEqual(dialectsOf('app.created').map(() => undefined));
    });
  },
  { DIALECTS: 'all', DATASETTE_DEVICE_FLOW: 'on' },
);
