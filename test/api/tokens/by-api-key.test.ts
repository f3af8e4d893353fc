import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes } from '../../../config/scopes.ts';
import { parseIdempotencyKey } from '../../../src/api/framework/idempotency.ts';
import { mintToken, parseToken } from '../../../src/domain/tokens/value.ts';
import { type Answer, apiClient } from '../../support/http.ts';
import { onEveryStack, onStack, unique } from '../../support/stacks.ts';
import { type Backend, makeBackend, makeKey, newToken } from '../backend.ts';
import { call, makeThings, nameOf, scoped, type Things } from '../routes.ts';

const absent = { status: 404, body: { error: 'not_found' } };
const nobody = `tok_${'0'.repeat(25)}`;
const inAnHour = () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

onStack((stack) => {
  test('a backend creates a token for its own user, and the API learns who calls', async () => {
    const { client, resource, resourceServer, role, api, make } = await makeBackend(stack());
    const subject = { type: 'user', id: unique('42') };
    const expires_at = inAnHour().toISOString();
    const { token, ...shown } = await make({
      subject,
      name: ' Ada’s laptop ',
      scope: 'things:read',
      roles: [role],
      attributes: { plan: 'pro', seats: 3 },
      expires_at,
    });
    expect(shown).toMatchObject({
      id: expect.stringMatching(/^tok_/),
      kind: 'api_token',
      format: 'opaque',
      active: true,
      state: 'active',
      name: 'Ada’s laptop',
      hint: token.slice(-4),
      client_id: client.id,
      account_id: null,
      grant_id: null,
      subject,
      attributes: { plan: 'pro', seats: 3 },
      scope: 'things:read',
      audience: [resource],
      authorization_details: null,
      roles: [role],
      entitlements: ['things.read'],
      expires_at,
      last_used_at: null,
      revoked_at: null,
      replaced_by: null,
    });
    expect(token).toMatch(/^writ_tk_\w+$/);
    const introspected = (await stack().introspect(token, resourceServer)).body;
    expect(introspected).toMatchObject({
      active: true,
      jti: shown.id,
      client_id: client.id,
      sub: `${client.id}|user|${subject.id}`,
      subject,
      name: 'Ada’s laptop',
      attributes: { plan: 'pro', seats: 3 },
      scope: 'things:read',
      roles: [role],
    });
    const read = await api.call('GET', `/tokens/${shown.id}`);
    expect(read.body).toEqual(shown);
    expect((await api.call('GET', '/tokens')).body).toEqual({ items: [shown], next: null });
    expect(read.text).not.toContain(token);
  });

  test('the response to a creation has its Location', async () => {
    const { api } = await makeBackend(stack());
    const { headers, body } = await api.call('POST', '/tokens', newToken());
    expect(headers.get('location')).toBe(`/api/v1/tokens/${body.id}`);
  });

  test('a token can be limited to single things of the types of its resource', async () => {
    const { resource, resourceServer, api, make } = await makeBackend(stack());
    await stack().api.call('PATCH', `/resources/${encodeURIComponent(resource)}`, {
      authorization_details_types: [
        { type: 'project', description: 'A project', actions: ['read', 'write'] },
      ],
    });
    const authorization_details = [{ type: 'project', identifier: '7', actions: ['read'] }];
    const { token, ...shown } = await make({ authorization_details });
    expect(shown.authorization_details).toEqual(authorization_details);
    const { body } = await stack().introspect(token, resourceServer);
    expect(body.authorization_details).toEqual(authorization_details);
    for (const wrong of [{ type: 'account' }, { type: 'project', actions: ['delete'] }])
      expect(
        await api.call('POST', '/tokens', newToken({ authorization_details: [wrong] })),
      ).toMatchObject({ status: 400, body: { error: 'invalid_authorization_details' } });
  });

  test('a key cannot grant more than its client has', async () => {
    const { otherClient, api } = await makeBackend(stack());
    await stack().api.setRole('somebody-elses', []);
    for (const [given, status, error] of [
      [{ client_id: otherClient.id }, 403, 'access_denied'],
      [{ roles: ['somebody-elses'] }, 403, 'access_denied'],
      [{ scope: 'things:delete' }, 400, 'invalid_scope'],
      [{ resource: stack().apiResource }, 400, 'invalid_target'],
      [{ resource: 'https://nobody.test' }, 400, 'invalid_target'],
    ] as const)
      expect(await api.call('POST', '/tokens', newToken(given))).toMatchObject({
        status,
        body: { error },
      });
    expect((await api.call('GET', '/tokens')).body.items).toEqual([]);
  });

  test('a token is changed, and introspection returns the change immediately', async () => {
    const { resourceServer, api, make } = await makeBackend(stack());
    const { id, token } = await make({
      scope: 'things:read things:write',
      attributes: { plan: 'free' },
      expires_at: inAnHour().toISOString(),
    });
    const { status, body } = await api.call('PATCH', `/tokens/${id}`, {
      name: 'Another',
      scope: 'things:read',
      attributes: { plan: 'pro' },
      expires_at: null,
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id, name: 'Another', scope: 'things:read', expires_at: null },
    });
    const shows = (await stack().introspect(token, resourceServer)).body;
    expect(shows).toMatchObject({
      name: 'Another',
      scope: 'things:read',
      attributes: { plan: 'pro' },
    });
    expect(shows.exp).toBeUndefined();
    expect(
      await api.call('PATCH', `/tokens/${id}`, { scope: 'things:read things:write' }),
    ).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    await api.call('DELETE', `/tokens/${id}`);
    expect(await api.call('PATCH', `/tokens/${id}`, { name: 'Late' })).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
  });

  test('a token is revoked by its id, before the response', async () => {
    const { resourceServer, api, make, keyId, client } = await makeBackend(stack());
    const { id, token } = await make();
    for (let time = 1; time <= 2; time++)
      expect((await api.call('DELETE', `/tokens/${id}`)).status).toBe(204);
    expect((await stack().introspect(token, resourceServer)).body).toEqual({ active: false });
    expect((await api.call('GET', `/tokens/${id}`)).body).toMatchObject({
      active: false,
      state: 'revoked',
      revoked_at: expect.any(String),
    });
    const events = await stack().api.call('GET', `/audit-events?target=${id}`);
    expect(events.body.items).toMatchObject([
      { action: 'token.revoked', actor: { kind: 'client', id: client.id, token_id: keyId } },
      { action: 'api_token.created', actor: { kind: 'client', id: client.id, token_id: keyId } },
    ]);
  });

  test('all tokens of a subject are revoked together, only those of the key’s client', async () => {
    const backend = await makeBackend(stack());
    const other = await makeBackend(stack());
    const subject = { type: 'device', id: unique('device') };
    const [first, , stays] = await Promise.all([
      backend.make({ subject }),
      backend.make({ subject }),
      backend.make(),
      backend.make({ subject: { ...subject, type: 'user' } }),
    ]);
    const foreign = await other.make({ subject });
    const revoke = (as: Backend['api'], given = {}) =>
      as.call('POST', '/tokens/revoke', { subject, ...given });
    expect((await revoke(backend.api)).body).toEqual({ revoked: 2 });
    expect(await revoke(backend.api, { client_id: other.client.id })).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    const active = async ({ id }: { id: string }) =>
      (await stack().api.call('GET', `/tokens/${id}`)).body.active;
    expect(await active(first)).toBe(false);
    expect(await active(stays)).toBe(true);
    expect(await active(foreign)).toBe(true);
    expect((await revoke(stack().api)).body).toEqual({ revoked: 1 });
    expect(await active(foreign)).toBe(false);
  });

  test('tokens are found by subject, by the beginning of their name and by state', async () => {
    const { api, make } = await makeBackend(stack());
    const subject = { type: 'user', id: unique('ada') };
    const laptop = await make({ subject, name: 'Ada’s Laptop' });
    const phone = await make({ subject, name: 'Ada’s phone' });
    await make({ name: 'Bob’s laptop' });
    await api.call('DELETE', `/tokens/${phone.id}`);
    const found = async (query: Record<string, string>) => {
      const { body } = await api.call('GET', `/tokens?${new URLSearchParams(query)}`);
      return body.items.map(({ id }: { id: string }) => id);
    };
    expect(await found({ subject_type: 'user', subject_id: subject.id })).toEqual([
      phone.id,
      laptop.id,
    ]);
    expect(await found({ name: 'ada’s L' })).toEqual([laptop.id]);
    expect(await found({ name: 'ada', state: 'revoked' })).toEqual([phone.id]);
    expect(await found({ state: 'expired' })).toEqual([]);
    const pages = [];
    for (let after = ''; pages.length < 4; ) {
      const query = `/tokens?limit=1${after && `&after=${after}`}`;
      const { items, next } = (await api.call('GET', query)).body;
      pages.push(...items.map(({ id }: { id: string }) => id));
      if (next === null) break;
      after = next;
    }
    expect(pages).toEqual(await found({}));
  });

  test('a value can be checked, also after it expired or was revoked', async () => {
    const { api, make, key } = await makeBackend(stack());
    const { token, ...shown } = await make();
    const check = async (value: string) =>
      (await api.call('POST', '/tokens/check', { token: value })).body;
    expect(await check(token)).toEqual({ active: true, token: shown, reasons: [] });
    await api.call('DELETE', `/tokens/${shown.id}`);
    expect(await check(token)).toMatchObject({
      active: false,
      token: { id: shown.id, state: 'revoked' },
    });
    expect((await stack().api.call('POST', '/tokens/check', { token: key })).body).toMatchObject({
      active: true,
      token: { kind: 'api_key' },
    });
  });

  describe('an API key sees only tokens of its client', () => {
    let backend: Backend;
    let others: Record<string, { id: string; value: string }>;
    beforeAll(async () => {
      backend = await makeBackend(stack());
      const other = await makeBackend(stack());
      const made = await other.make();
      const sibling = await makeKey(stack(), backend.client.id);
      const access = await backend.issue();
      const { jti } = (await stack().introspect(access, backend.client)).body;
      others = {
        'a token of another client': { id: made.id, value: made.token },
        'the key of another client': { id: other.keyId, value: other.key },
        'another key of its client': { id: sibling.keyId, value: sibling.key },
        'an access token of its client': { id: jti, value: access },
      };
    });

    /** Everything in a response except for the requested name. */
    const told = ({ status, text, headers }: Answer, id: string) => ({
      status,
      text: text.replaceAll(id, 'ID'),
      headers: Object.fromEntries(
        [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
      ),
    });

    test.each([
      'a token of another client',
      'the key of another client',
      'another key of its client',
      'an access token of its client',
    ])('%s is answered as one that never was', async (name) => {
      const { id, value } = others[name] as { id: string; value: string };
      for (const [method, body] of [
        ['GET', undefined],
        ['PATCH', { name: 'mine' }],
        ['PATCH', { expires_at: null, scope: '' }],
        ['DELETE', undefined],
      ] as const) {
        const answer = await backend.api.call(method, `/tokens/${id}`, body);
        expect(answer).toMatchObject(absent);
        const gone = await backend.api.call(method, `/tokens/${nobody}`, body);
        expect(told(answer, id)).toEqual(told(gone, nobody));
      }
      const check = async (token: string) =>
        (await backend.api.call('POST', '/tokens/check', { token })).text;
      const kind = parseToken(value)?.kind ?? 'access_token';
      expect(await check(value)).toContain('"active":false,"token":null');
      expect(await check(value)).toBe(await check(mintToken(kind, 0).value));
      expect((await stack().api.call('GET', `/tokens/${id}`)).body.active).toBe(true);
    });

    test('no filter shows it other tokens', async () => {
      const [asking, other] = [await makeBackend(stack()), await makeBackend(stack())];
      const [mine, theirs] = [await asking.make(), await other.make()];
      const listed = async (query: string) => {
        const { status, body } = await asking.api.call('GET', `/tokens${query}`);
        expect(status).toBe(200);
        return body.items.map(({ id }: { id: string }) => id);
      };
      for (const query of [
        '',
        '?kind=api_token',
        '?state=active',
        '?subject_type=user',
        `?client_id=${asking.client.id}`,
      ])
        expect([query, await listed(query)]).toEqual([query, [mine.id]]);
      for (const query of [
        `?client_id=${other.client.id}`,
        '?client_id=writ-operator',
        `?subject_type=user&subject_id=${theirs.subject.id}`,
        `?name=${theirs.name}`,
        '?kind=api_key',
        '?kind=personal_access_token',
      ])
        expect([query, await listed(query)]).toEqual([query, []]);
    });

    test('the keys of one client share their tokens', async () => {
      const { key } = await makeKey(stack(), backend.client.id);
      const { id } = await backend.make();
      expect((await apiClient(stack().origin, key).call('DELETE', `/tokens/${id}`)).status).toBe(
        204,
      );
    });
  });

  describe('an API key can call the operations on tokens, and nothing else', () => {
    let things: Things;
    let key: string;
    beforeAll(async () => {
      things = await makeThings(stack());
      key = (await makeKey(stack(), things.client_id, { scopes: Object.keys(apiScopes) })).key;
    });

    /** Counts and bulk revocations are about the tokens of all clients. */
    const isOfTokens = (path: string) =>
      /^\/tokens(\/|$)/.test(path) && !/^\/tokens\/(count|revocations)(\/|$)/.test(path);

    test.each(
      scoped.filter(({ path }) => !isOfTokens(path)).map((route) => [nameOf(route), route]),
    )('%s: 403, though it was given every scope', async (_name, route) => {
      const answer = await call(stack(), route as never, things, bearer(key));
      expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    });

    test.each(scoped.filter(({ path }) => isOfTokens(path)).map((route) => [nameOf(route), route]))(
      '%s: yes',
      async (_name, route) => {
        const own = await makeThings(stack());
        const mine = await makeKey(stack(), own.client_id);
        const { status } = await call(stack(), route as never, own, bearer(mine.key));
        expect(status).toBe((route as { success: number }).success);
      },
    );

    test('a key that can only read cannot create, change or revoke tokens', async () => {
      const { client, key: reading } = await makeBackend(stack(), { scopes: ['tokens:read'] });
      const { make } = await makeBackend(stack());
      const { id } = await make();
      const api = apiClient(stack().origin, reading);
      expect((await api.call('GET', '/tokens')).status).toBe(200);
      for (const [method, path, body] of [
        ['POST', '/tokens', newToken()],
        ['PATCH', `/tokens/${id}`, { name: 'Another' }],
        ['DELETE', `/tokens/${id}`, undefined],
        ['POST', '/tokens/revoke', { subject: { type: 'user', id: '42' } }],
      ] as const)
        expect(await api.call(method, path, body)).toMatchObject({
          status: 403,
          body: { error: 'insufficient_scope' },
        });
      const refusals = await stack().api.call('GET', `/audit-events?actor=${client.id}`);
      // Two of the four are alike: the second is only counted.
      expect(refusals.body.items.map(({ result }: { result: string }) => result)).toEqual(
        Array(3).fill('refused'),
      );
    });

    test('an API token gives access to nothing in this API but itself', async () => {
      const { make } = await makeBackend(stack());
      const { id, token } = await make();
      const api = apiClient(stack().origin, token);
      expect((await api.call('GET', '/tokens')).status).toBe(401);
      expect((await api.call('GET', '/tokens/self')).body.id).toBe(id);
    });

    test('it is revoked with its client, immediately', async () => {
      const { api, client } = await makeBackend(stack());
      expect((await api.call('GET', '/tokens')).status).toBe(200);
      await stack().api.call('POST', `/clients/${client.id}/disable`);
      expect((await api.call('GET', '/tokens')).status).toBe(401);
    });
  });

  test('the backend of an app works the same, and the resource limits the lifetime of its tokens', async () => {
    const { api } = stack();
    const identifier = `https://${unique('api')}.test`;
    await api.createResource({
      identifier,
      scopes: [{ name: 'things:read' }],
      apps: { longest_api_token_ttl: 600 },
    });
    const app = (await api.call('POST', '/apps', { display_name: unique('App') })).body;
    const clientId = `${app.name}:default`;
    const { key } = await makeKey(stack(), clientId);
    const backend = apiClient(stack().origin, key);
    const make = (expires_at: Date | null) =>
      backend.call(
        'POST',
        '/tokens',
        newToken({ resource: identifier, scope: 'things:read', roles: ['Reader'], expires_at }),
      );
    for (const never of [null, inAnHour()])
      expect(await make(never)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining('600') },
      });
    const made = await make(new Date(Date.now() + 500_000));
    expect(made.body).toMatchObject({ client_id: clientId, roles: ['Reader'], active: true });
    const resourceServer = await api.createClient({ resource_server_for: [identifier] });
    const shown = (await stack().introspect(made.body.token, resourceServer)).body;
    expect(shown).toMatchObject({ active: true, app: app.name, roles: ['Reader'] });
    expect((await backend.call('GET', `/apps/${app.name}`)).status).toBe(403);
    await api.call('POST', `/apps/${app.name}/disable`);
    expect((await backend.call('GET', '/tokens')).status).toBe(401);
  });

  test('every response to a key that expires contains its expiry, and none if it never expires', async () => {
    const expiresAt = inAnHour();
    const { api } = await makeBackend(stack(), { expiresAt, scopes: ['tokens:read'] });
    for (const [method, path, status] of [
      ['GET', '/tokens', 200],
      ['GET', '/tokens/self', 200],
      ['GET', `/tokens/${nobody}`, 404],
      ['POST', '/tokens', 403],
    ] as const) {
      const answer = await api.call(method, path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('writ-token-expiration')).toBe(expiresAt.toUTCString());
    }
    const { api: lasting } = await makeBackend(stack());
    const { headers } = await lasting.call('GET', '/tokens');
    expect(headers.get('writ-token-expiration')).toBeNull();
  });
});

onEveryStack((stack) => {
  describe('Idempotency-Key', () => {
    const post = (bearerToken: string, key: string, body: object) =>
      stack().request('POST', '/api/v1/tokens', {
        headers: {
          ...bearer(bearerToken),
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify(body),
      });

    const listed = async ({ api }: Backend) =>
      (await api.call('GET', '/tokens')).body.items.map(({ id }: { id: string }) => id);

    test('a repeated request creates nothing and returns the same token', async () => {
      const backend = await makeBackend(stack());
      const [key, given] = [unique('key'), newToken({ attributes: { a: 1, b: { c: 2, d: 3 } } })];
      const first = await post(backend.key, key, given);
      expect(first.status).toBe(201);
      const again = await post(backend.key, key, given);
      expect(again.status).toBe(201);
      expect(again.body).toEqual(first.body);
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      const { name, subject } = given;
      const inAnotherOrder = { attributes: { b: { d: 3, c: 2 }, a: 1 }, subject, name };
      expect((await post(backend.key, key, inAnotherOrder)).body).toEqual(first.body);
      expect(await listed(backend)).toEqual([first.body.id]);
    });

    test('the key with quotes, as in the draft, is the same key', async () => {
      const backend = await makeBackend(stack());
      const [key, given] = [unique('key'), newToken()];
      const [bare, quoted] = [
        await post(backend.key, key, given),
        await post(backend.key, `"${key}"`, given),
      ];
      expect(quoted.body).toEqual(bare.body);
    });

    test('with another body it is refused and creates nothing', async () => {
      const backend = await makeBackend(stack());
      const [key, given] = [unique('key'), newToken()];
      const { body } = await post(backend.key, key, given);
      for (const other of [
        { ...given, name: 'Another' },
        { ...given, attributes: {} },
      ])
        expect(await post(backend.key, key, other)).toMatchObject({
          status: 422,
          body: { error: 'invalid_request', error_description: expect.stringContaining('key') },
        });
      expect(await listed(backend)).toEqual([body.id]);
    });

    test('with another bearer token it is a different key', async () => {
      const backend = await makeBackend(stack());
      const sibling = await makeKey(stack(), backend.client.id);
      const [key, given] = [unique('key'), newToken()];
      const first = await post(backend.key, key, given);
      const second = await post(sibling.key, key, given);
      expect(second.status).toBe(201);
      expect(second.body.id).not.toBe(first.body.id);
    });

    test('of many concurrent requests one creates the token, and all return it', async () => {
      const backend = await makeBackend(stack());
      const [key, given] = [unique('key'), newToken()];
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => post(backend.key, key, given)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
      expect(new Set(answers.map(({ body }) => body.token)).size).toBe(1);
      expect(await listed(backend)).toEqual([answers[0]?.body.id]);
    });

    test('a repeated request returns the current state of the token', async () => {
      const backend = await makeBackend(stack());
      const [key, given] = [unique('key'), newToken()];
      const { body } = await post(backend.key, key, given);
      await backend.api.call('DELETE', `/tokens/${body.id}`);
      expect((await post(backend.key, key, given)).body).toMatchObject({
        id: body.id,
        token: body.token,
        state: 'revoked',
      });
    });

    test('a failed request does not use it up', async () => {
      const backend = await makeBackend(stack());
      const [key, given] = [unique('key'), newToken()];
      expect((await post(backend.key, key, { ...given, scope: 'nothing:read' })).status).toBe(400);
      expect((await post(backend.key, key, given)).status).toBe(201);
    });

    test('an invalid key is refused, and nothing is created', async () => {
      const backend = await makeBackend(stack());
      for (const key of ['', '""', 'two words', '"open', 'a"b', '"a";b=1', 'k'.repeat(256)])
        expect(await post(backend.key, key, newToken())).toMatchObject({
          status: 400,
          body: {
            error: 'invalid_request',
            error_description: expect.stringContaining('Idempotency-Key'),
          },
        });
      expect(await listed(backend)).toEqual([]);
    });

    test('what it is not made for does not mind it', async () => {
      const backend = await makeBackend(stack());
      const { id } = await backend.make();
      const answer = await stack().request('DELETE', `/api/v1/tokens/${id}`, {
        headers: { ...bearer(backend.key), 'idempotency-key': 'two words' },
      });
      expect(answer.status).toBe(204);
    });
  });
});

test.each([
  ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['a\\b', 'a\\b'],
  ['k'.repeat(255), 'k'.repeat(255)],
  ['k'.repeat(256), undefined],
  ['"a\\b"', undefined],
  ['"a b"', undefined],
  ['a, b', undefined],
  ['é', undefined],
  ['"', undefined],
  ['', undefined],
])('the Idempotency-Key %s', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});
