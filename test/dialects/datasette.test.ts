// Datasette's device flow over HTTP; its real command line is in datasette-dclient.test.ts.
import { beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { datasetteDeviceClientId } from '../../config/clients.ts';
import { describeError } from '../../src/dialects/datasette/errors.ts';
import type { DatasetteScope } from '../../src/dialects/datasette/scopes.ts';
import { OAuthError } from '../../src/oauth/errors.ts';
import { expire } from '../protocol/device/support.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { signedIn } from '../support/people.ts';
import { onStack, startStack, unique } from '../support/stacks.ts';
import type { Visitor } from '../support/visitor.ts';

const resource = 'https://datasette.io';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

const shared = { DIALECTS: 'datasette', DATASETTE_DEVICE_FLOW: 'on' };

onStack((stack) => {
  let role: string;
  let ada: Awaited<ReturnType<typeof signedIn>>;
  let resourceServer: Credentials;

  beforeAll(async () => {
    role = unique('datasette');
    await stack().api.call('PUT', `/roles/${role}`, { permissions: ['oauth-device-tokens'] });
    ada = await signedIn(stack(), { roles: [role] });
    resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
  });

  const start = (scope?: string): Promise<Answer> =>
    stack().request('POST', '/-/oauth/device', {
      ...(scope !== undefined && { body: new URLSearchParams({ scope }) }),
    });
  const started = async (scopes?: DatasetteScope[]) =>
    (await start(scopes && JSON.stringify(scopes))).body;
  const poll = ({ device_code }: { device_code: string }): Promise<Answer> =>
    stack().post('/-/oauth/token', { grant_type: deviceGrant, device_code });
  const told = ({ status, body }: Answer) => [status, body];

  /** A person decides on Writ's page. */
  const decide = async (
    { user_code }: { user_code: string },
    fields: Record<string, string> = { decision: 'approve' },
    visitor: Visitor = ada.visitor,
  ) => {
    await visitor.get(`/-/oauth/device/verify?code=${user_code}`);
    return visitor.submit('/device/decision', { user_code, ...fields });
  };
  const approved = async (scopes?: DatasetteScope[], fields?: Record<string, string>) => {
    const device = await started(scopes);
    await decide(device, { decision: 'approve', ...fields });
    return (await poll(device)).body as { access_token: string; expires_in: number };
  };
  const introspect = async (token: string) =>
    (await stack().introspect(token, resourceServer)).body;
  const actorOf = async (authorization?: string) =>
    told(
      await stack().request('GET', '/-/actor.json', {
        ...(authorization && { headers: { authorization } }),
      }),
    );

  test('a device login needs no client id, and gets exactly what Datasette answers', async () => {
    const { status, body } = await start();
    expect(status).toBe(200);
    expect(body).toEqual({
      device_code: expect.any(String),
      user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      verification_uri: `${stack().issuer}/-/oauth/device/verify`,
      expires_in: 900,
      interval: 5,
    });
    await decide(body);
    const answer = await poll(body);
    expect(told(answer)).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^writ_at_[A-Za-z0-9]+$/),
        token_type: 'bearer',
        expires_in: expect.any(Number),
      },
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('a login without scopes is unrestricted, and one with scopes has exactly these, including order and duplicates', async () => {
    const { access_token: everything } = await approved();
    const { access_token: nothingSaid } = await approved([]);
    for (const token of [everything, nothingSaid]) {
      const { active, aud, sub, scope, authorization_details, exp } = await introspect(token);
      expect([active, aud, sub, scope, authorization_details]).toEqual([
        ...[true, resource, ada.accountId, 'unrestricted', undefined],
      ]);
      expect(exp).toEqual(expect.any(Number));
    }
    const { access_token: limited } = await approved([
      ['view-table', 'db1'],
      ['view-table', 'db1'],
      ['insert-row', 'db 1', 'dogs/cats'],
      ['view-instance'],
      ['plugin-action', 'db1'],
    ]);
    const { scope, authorization_details } = await introspect(limited);
    expect(scope).toBeUndefined();
    expect(authorization_details).toEqual([
      { type: 'datasette_database', identifier: 'db1', actions: ['view-table', 'view-table'] },
      { type: 'datasette_table', identifier: 'db%201/dogs%2Fcats', actions: ['insert-row'] },
      { type: 'datasette_instance', actions: ['view-instance'] },
      { type: 'datasette_database', identifier: 'db1', actions: ['plugin-action'] },
    ]);
  });

  test('malformed scopes, and too many of them, are an invalid scope', async () => {
    const many = Array.from({ length: 60 }, (_, index) => ['view-table', `db${index}`]);
    const long = [['view-table', 'd'.repeat(9_000)]];
    const texts = ['view-table', '{}', '[["a","b","c","d"]]', '[[1]]', 'null', '[["a\u0007"]]'];
    for (const text of [...texts, JSON.stringify(many), JSON.stringify(long)])
      expect(told(await start(text))).toEqual([400, { error: 'Invalid scope' }]);
    const twice = new URLSearchParams([
      ['scope', '[]'],
      ['scope', '[]'],
    ]);
    const answer = await stack().request('POST', '/-/oauth/device', { body: twice });
    expect(told(answer)).toEqual([400, { error: 'Invalid scope' }]);
  });

  test('at Writ’s own endpoint, the client cannot request what no scope of Datasette can express', async () => {
    const ask = (detail: object) =>
      stack().post('/connect/deviceauthorization', {
        client_id: datasetteDeviceClientId,
        resource,
        authorization_details: JSON.stringify([detail]),
      });
    const table = { type: 'datasette_table', identifier: 'db1/dogs', actions: ['view-table'] };
    expect((await ask(table)).status).toBe(200);
    for (const changed of [
      { identifier: 'db1/' },
      { identifier: '%' },
      { type: 'datasette_instance' },
      { actions: [] },
      { actions: undefined },
      { privileges: ['root'] },
    ]) {
      const { status, body } = await ask({ ...table, ...changed });
      expect([changed, status, body.error]).toEqual([
        ...[changed, 400, 'invalid_authorization_details'],
      ]);
    }
  });

  test('a waiting device gets authorization_pending, however fast it polls, and never slow_down', async () => {
    const device = await started();
    for (let times = 0; times < 4; times++)
      expect(told(await poll(device))).toEqual([400, { error: 'authorization_pending' }]);
    // The interval is enforced although the device is not told.
    const atWrit = await stack().post('/connect/token', {
      grant_type: deviceGrant,
      client_id: datasetteDeviceClientId,
      device_code: device.device_code,
    });
    expect(told(atWrit)).toEqual([400, expect.objectContaining({ error: 'slow_down' })]);
    await decide(device, { decision: 'deny' });
    expect(told(await poll(device))).toEqual([400, { error: 'access_denied' }]);
  });

  test('an expired code, an unknown code and another grant each get their own error', async () => {
    const device = await started();
    await expire(stack(), device);
    expect(told(await poll(device))).toEqual([400, { error: 'expired_token' }]);
    expect(told(await poll({ device_code: 'none' }))).toEqual([400, { error: 'invalid_grant' }]);
    expect(told(await stack().post('/-/oauth/token', { grant_type: deviceGrant }))).toEqual([
      400,
      { error: 'invalid_request' },
    ]);
    expect(told(await stack().post('/-/oauth/token', { grant_type: 'password' }))).toEqual([
      400,
      { error: 'unsupported_grant_type' },
    ]);
    for (const [method, path] of [
      ['GET', '/-/oauth/device'],
      ['GET', '/-/oauth/token'],
      ['DELETE', '/-/oauth/device/verify'],
    ] as const)
      expect(told(await stack().request(method, path))).toEqual([
        405,
        { error: 'Method not allowed' },
      ]);
  });

  test('a code gives one token: a repeated request gets the same one for a short time, and never a second', async () => {
    const device = await started();
    await decide(device);
    const answers = await Promise.all([poll(device), poll(device), poll(device)]);
    const tokens = answers.flatMap(({ body }) => body.access_token ?? []);
    expect(new Set(tokens).size).toBe(1);
    expect((await introspect(tokens[0])).active).toBe(true);
    await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(
      stack().database.kysely,
    );
    expect(told(await poll(device))).toEqual([400, { error: 'invalid_grant' }]);
    expect(await introspect(tokens[0])).toEqual({ active: false });
  });

  test('the page is at Datasette’s path, has the code in capitals, and describes the requested scopes in sentences', async () => {
    const device = await started([
      ['insert-row', 'db1', 'dogs'],
      ['view-table', 'db1'],
      ['view-table', 'db1'],
    ]);
    const small = device.user_code.toLowerCase();
    const page = await ada.visitor.get(`/-/oauth/device/verify?code=${small}`);
    expect(page.status).toBe(200);
    for (const words of [
      device.user_code.replace('-', ' - '),
      'Datasette command line',
      'Insert rows into the table dogs of db1',
      'Only connect a device that you use yourself.',
    ])
      expect(page.words).toContain(words);
    expect(page.words.split('Read the rows of every table of db1')).toHaveLength(2);
    expect(page.words).not.toContain('full access');
    const everything = await started();
    const warned = await ada.visitor.get(`/-/oauth/device/verify?code=${everything.user_code}`);
    expect(warned.words).toContain('It asks for full access.');
    expect((await ada.visitor.get('/-/oauth/device/verify')).words).toContain('Enter the code');
    expect((await ada.visitor.get('/-/oauth/device/verify?code=nothing')).status).toBe(400);
    const posted = await ada.visitor.submit('/-/oauth/device/verify', { code: small });
    expect([posted.status, posted.location]).toEqual([
      303,
      `/-/oauth/device/verify?code=${device.user_code}`,
    ]);
  });

  test('a token lives an hour by default, or one of the six lifetimes that a person can choose', async () => {
    const offered = await started();
    const page = await ada.visitor.get(`/-/oauth/device/verify?code=${offered.user_code}`);
    const values = [...page.text.matchAll(/name="lifetime" value="(\d+)"( checked)?/g)];
    expect(values.map(([, seconds, checked]) => [Number(seconds), Boolean(checked)])).toEqual([
      ...[
        [900, false],
        [3600, true],
        [28_800, false],
      ],
      ...[
        [86_400, false],
        [604_800, false],
        [2_592_000, false],
      ],
    ]);
    const lifetimeOf = async (seconds?: string) => {
      const { access_token } = await approved(
        [['view-instance']],
        seconds ? { lifetime: seconds } : {},
      );
      const { iat, exp } = await introspect(access_token);
      return Math.round((exp - iat) / 60) * 60;
    };
    expect(await lifetimeOf()).toBe(3600);
    expect(await lifetimeOf('900')).toBe(900);
    expect(await lifetimeOf('2592000')).toBe(2_592_000);
    const refused = await decide(offered, { decision: 'approve', lifetime: '86401' });
    expect(refused.status).toBe(400);
    expect(told(await poll(offered))).toEqual([400, { error: 'authorization_pending' }]);
  });

  test('only people with the permission oauth-device-tokens, and administrators, can approve', async () => {
    const device = await started();
    const stranger = await signedIn(stack());
    const page = await stranger.visitor.get(`/device?user_code=${device.user_code}`);
    expect(page.words).toContain('None of your roles has this permission: oauth-device-tokens');
    expect(page.text).not.toContain('value="approve"');
    const tried = await decide(device, { decision: 'approve' }, stranger.visitor);
    expect(tried.status).toBe(403);
    expect(told(await poll(device))).toEqual([400, { error: 'authorization_pending' }]);
    const events = await stack()
      .database.kysely.selectFrom('audit_event')
      .select(['action', 'result'])
      .where('actor_id', '=', stranger.accountId)
      .where('action', '=', 'device.approved')
      .execute();
    expect(events).toEqual([{ action: 'device.approved', result: 'refused' }]);
    const administrator = await signedIn(stack(), { roles: ['administrator'] });
    await decide(device, { decision: 'approve' }, administrator.visitor);
    expect((await poll(device)).status).toBe(200);
  });

  test('a token gives no access to the page, cannot approve, and is not a session', async () => {
    const { access_token: token } = await approved();
    const device = await started();
    for (const [method, path] of [
      ['GET', `/-/oauth/device/verify?code=${device.user_code}`],
      ['POST', '/-/oauth/device/verify'],
    ] as const)
      expect(
        told(
          await stack().request(method, path, {
            headers: { authorization: `Bearer ${token}` },
            ...(method === 'POST' && {
              body: new URLSearchParams({ code: device.user_code, confirm: '1' }),
            }),
          }),
        ),
      ).toEqual([403, { error: 'Token authentication cannot be used here' }]);
    const decision = await stack().request('POST', '/device/decision', {
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams({ user_code: device.user_code, decision: 'approve' }),
    });
    expect([decision.status, decision.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/sign-in\?/),
    ]);
    for (const path of ['/api/v1/tokens', '/api/v1/accounts', '/api/v1/clients']) {
      const created = await stack().request('POST', path, {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'another', scopes: ['unrestricted'], resource }),
      });
      expect([path, created.status]).toEqual([path, 401]);
    }
    expect(told(await poll(device))).toEqual([400, { error: 'authorization_pending' }]);
  });

  test('a busy or unavailable server makes a device wait, so that its login continues', () => {
    const answer = (code: ConstructorParameters<typeof OAuthError>[0]) =>
      describeError(new OAuthError(code, 'Later.'), { path: '/-/oauth/token', req: {} } as never);
    for (const code of ['temporarily_unavailable', 'too_many_requests'] as const)
      expect(answer(code).body).toEqual({ error: 'authorization_pending' });
    expect(answer('invalid_grant').body).toEqual({ error: 'invalid_grant' });
  });

  test('Writ lists no databases, which clients that look for a default one accept', async () => {
    const answer = await stack().request('GET', '/.json');
    expect(told(answer)).toEqual([200, { databases: {} }]);
  });

  test('actor.json returns the owner of a token, and null without one, for a wrong one and for one of another API', async () => {
    const { access_token: token } = await approved([['view-instance']]);
    const { exp } = await introspect(token);
    expect(await actorOf(`Bearer ${token}`)).toEqual([
      200,
      { actor: { id: ada.accountId, token: 'writ', token_expires: exp } },
    ]);
    const other = await stack().api.createClient({ resources: [stack().apiResource] });
    const { body } = await stack().post(
      '/connect/token',
      { grant_type: 'client_credentials' },
      other,
    );
    for (const authorization of [undefined, 'Bearer writ_at_none', 'Basic YTpi', 'Bearer'])
      expect(await actorOf(authorization)).toEqual([200, { actor: null }]);
    expect(await actorOf(`Bearer ${body.access_token}`)).toEqual([200, { actor: null }]);
  });

  test('a login is listed with its permissions, and can be revoked on the page or at the endpoint', async () => {
    const { access_token: token } = await approved([['drop-table', 'db3', 'dogs']]);
    await actorOf(`Bearer ${token}`);
    const page = await ada.visitor.get('/account/connected');
    for (const words of ['Datasette command line', 'Delete the table dogs of db3 with all rows'])
      expect(page.words).toContain(words);
    const [granted] = await stack()
      .database.kysely.selectFrom('audit_event')
      .select('details')
      .where('action', '=', 'device.approved')
      .where('result', '=', 'success')
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    expect(granted?.details).toMatchObject({
      client_id: datasetteDeviceClientId,
      authorization_details: [
        { type: 'datasette_table', identifier: 'db3/dogs', actions: ['drop-table'] },
      ],
      lifetime: 3600,
    });
    const [grantId = ''] = page.text.match(/(?<=name="grant_id" value=")[^"]+/) ?? [];
    await ada.visitor.submit('/account/connected/revoke', { grant_id: grantId });
    expect(await introspect(token)).toEqual({ active: false });
    expect(await actorOf(`Bearer ${token}`)).toEqual([200, { actor: null }]);
    const { access_token: second } = await approved();
    const revoked = await stack().post('/connect/revocation', {
      token: second,
      client_id: datasetteDeviceClientId,
    });
    expect(revoked.status).toBe(200);
    expect(await introspect(second)).toEqual({ active: false });
  });

  test('if the device flow is off, no code is issued, no page is shown and no login can be approved', async () => {
    const other = await startStack(stack().name, { ...shared, DATASETTE_DEVICE_FLOW: 'off' });
    try {
      const off = [403, { error: 'Device flow is not enabled' }];
      const form = { grant_type: deviceGrant, device_code: 'none' };
      for (const { status, body } of [
        await other.request('POST', '/-/oauth/device'),
        await other.request('GET', '/-/oauth/device/verify'),
        await other.post('/-/oauth/device/verify', { code: 'BCDF-GHJK' }),
        await other.post('/-/oauth/token', form),
      ])
        expect([status, body]).toEqual(off);
      const { body: begun } = await other.post('/connect/deviceauthorization', {
        client_id: datasetteDeviceClientId,
        resource,
        scope: 'unrestricted',
      });
      const { visitor } = await signedIn(other, { roles: ['administrator'] });
      expect((await visitor.get(`/device?user_code=${begun.user_code}`)).status).toBe(404);
    } finally {
      await other.close();
    }
  });
}, shared);
