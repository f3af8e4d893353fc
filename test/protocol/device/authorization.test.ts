import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/crypto/digest.ts';
import { expiryOfDeviceCode } from '../../../src/domain/tokens/value.ts';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import { onStack, unique } from '../../support/stacks.ts';
import {
  asserted,
  createResource,
  createSigningClient,
  thingsRead,
  thingsWrite,
} from '../token/support.ts';
import { digestOf, endpoint, ephemeralOf, makeDevices } from './support.ts';

/** The device authorization request (RFC 8628 §3.1) and its response (§3.2). */
onStack((stack) => {
  const ask = (clientId: string, form: Record<string, string> | [string, string][] = {}) =>
    stack().post(endpoint, [['client_id', clientId], ...pairs(form)]);

  describe.each([
    ['a public client', true],
    ['a confidential client', false],
  ])('%s', (_kind, isPublicClient) => {
    test('gets the codes, their URLs, their lifetime and the polling interval', async () => {
      const { begin } = await makeDevices(stack(), { isPublicClient });
      const started = await begin();
      const { issuer } = stack();
      expect(started).toEqual({
        device_code: expect.stringMatching(/^writ_dc_[A-Za-z0-9]{55}$/),
        user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
        verification_uri: `${issuer}/device`,
        verification_uri_complete: expect.stringMatching(/user_code=/),
        verification_uri_qr: expect.stringMatching(/user_code=/),
        expires_in: 900,
        interval: 5,
      });
      const { user_code, verification_uri_complete, verification_uri_qr } =
        started as never as Record<string, string>;
      expect(verification_uri_complete).toBe(`${issuer}/device?user_code=${user_code}`);
      expect(verification_uri_qr).toBe(`${issuer}/device/qr.svg?user_code=${user_code}`);
    });
  });

  test('a stolen store reveals no user code: its digest is keyed, and a code in the old format is still found', async () => {
    const { begin, logins, person } = await makeDevices(stack());
    const { device_code, user_code } = await begin();
    const store = ephemeralOf(stack());
    const plain = sha256(user_code.replace('-', ''));
    expect(await store.getByUserCode('DeviceCode', plain)).toBeUndefined();
    const record = await store.getByUserCode('DeviceCode', digestOf(user_code));
    expect(record?.id).toEqual(sha256(device_code));
    // In the format of the previous version.
    await stack().redis?.del(`writ:user-code:DeviceCode:${digestOf(user_code).toString('hex')}`);
    if (record) await store.put('DeviceCode', record.id, record.sealed, 900, { userCode: plain });
    expect(await store.getByUserCode('DeviceCode', digestOf(user_code))).toBeUndefined();
    expect(await logins.find(user_code, await person())).toMatchObject({ state: 'pending' });
  });

  test('the response must not be cached', async () => {
    const { client } = await makeDevices(stack());
    const { status, headers } = await ask(client.id);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  test('a device code states its expiry', async () => {
    const { begin } = await makeDevices(stack());
    const before = Math.floor(Date.now() / 1000);
    const { device_code } = await begin();
    const after = Math.ceil(Date.now() / 1000);
    const expiry = expiryOfDeviceCode(device_code) ?? 0;
    expect(expiry).toBeGreaterThanOrEqual(before + 900);
    expect(expiry).toBeLessThanOrEqual(after + 900);
  });

  test('a client that authenticates with private_key_jwt can start', async () => {
    const resource = await createResource(stack());
    const { id, assert } = await createSigningClient(stack(), {
      grant_types: [grantTypes.deviceCode],
      resources: [resource],
    });
    const answer = await stack().post(endpoint, { client_id: id, ...asserted(await assert()) });
    expect(answer.status).toBe(200);
  });

  test.each<[string, (client: { id: string; secret: string }) => [object, object | undefined]]>([
    ['an unknown client', () => [{ client_id: unique('nobody') }, undefined]],
    ['a confidential client without its secret', ({ id }) => [{ client_id: id }, undefined]],
    ['a wrong secret', ({ id }) => [{}, { id, secret: 'wrong' }]],
  ])('%s is refused: invalid_client', async (_what, given) => {
    const { client } = await makeDevices(stack(), { isPublicClient: false });
    const [form, credentials] = given(client);
    const answer = await stack().post(endpoint, form as never, credentials as never);
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(stack().logged()).toContain('authentication failed');
  });

  test('a client without this grant is refused with the way to add it, also if it sends no secret: unauthorized_client', async () => {
    const client = await stack().api.createClient();
    const poll = { grant_type: grantTypes.deviceCode, device_code: 'x', client_id: client.id };
    for (const answer of [
      await stack().post(endpoint, {}, client),
      await stack().post(endpoint, { client_id: client.id }),
      await stack().post('/connect/token', poll),
    ])
      expect(answer).toMatchObject({
        status: 400,
        body: {
          error: 'unauthorized_client',
          error_description: expect.stringContaining(
            `writ clients update ${client.id} --add grant=device_code`,
          ),
        },
      });
    // One that could use it, and only lacks its secret, is refused as before.
    expect(
      await stack().post('/connect/token', { ...poll, client_id: unique('nobody') }),
    ).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect(await stack().post(endpoint, {}, client)).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client' },
    });
  });

  test.each([
    ['the resource does not have', 'things:read nothing:here'],
    ['the client is not allowed', 'things:write'],
    ['of OpenID Connect the client is not allowed', 'openid things:read'],
    ['has invalid characters', 'things:read "'],
  ])('a scope that %s is refused: invalid_scope', async (_what, scope) => {
    const { client } = await makeDevices(stack(), { scope: 'things:read' });
    expect(await ask(client.id, { scope })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  test('a resource that the client is not allowed is refused: invalid_target', async () => {
    const { client } = await makeDevices(stack());
    for (const resource of [await createResource(stack()), 'https://nothing.test', 'nothing'])
      expect(await ask(client.id, { resource })).toMatchObject({
        status: 400,
        body: { error: 'invalid_target' },
      });
  });

  test('a request without a scope gets the one that the client is registered with', async () => {
    const { client, logins, person } = await makeDevices(stack(), {
      scope: 'things:write openid elsewhere:read',
    });
    const { body } = await ask(client.id);
    const request = await logins.find(body.user_code, await person());
    expect(request?.scopes.map(({ name }) => name)).toEqual(['things:write', 'openid']);
  });

  test('a request without a scope, of a client that is registered with none, gets none', async () => {
    const { client, logins, person } = await makeDevices(stack());
    const { body } = await ask(client.id);
    expect((await logins.find(body.user_code, await person()))?.scopes).toEqual([]);
  });

  test('a parameter without a value counts as absent, and an unknown one is ignored (RFC 8628 §3.1)', async () => {
    const { client } = await makeDevices(stack());
    const { status } = await ask(client.id, {
      scope: '',
      resource: '',
      client_secret: '',
      dance: 'x',
    });
    expect(status).toBe(200);
  });

  test('a repeated parameter is refused: invalid_request', async () => {
    const { client } = await makeDevices(stack());
    for (const name of ['client_id', 'scope'])
      expect(
        await ask(client.id, [
          [name, name === 'scope' ? 'things:read' : client.id],
          [name, name === 'scope' ? 'things:read' : client.id],
        ]),
      ).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('several resources can be requested at once (RFC 8707 §2), and each shows its own scopes', async () => {
    const other = await createResource(stack(), { name: 'Other', scopes: [thingsWrite] });
    const first = await createResource(stack(), { name: 'First', scopes: [thingsRead] });
    const { client, logins, person } = await makeDevices(stack(), { resources: [first, other] });
    const { body } = await ask(client.id, [
      ['resource', first],
      ['resource', other],
      ['scope', 'things:read things:write'],
    ]);
    expect((await logins.find(body.user_code, await person()))?.scopes).toEqual([
      { ...thingsRead, resource: 'First' },
      { ...thingsWrite, resource: 'Other' },
    ]);
  });

  test('the body must be a form, as at the token endpoint', async () => {
    const { client } = await makeDevices(stack());
    const json = { body: JSON.stringify({ client_id: client.id }) };
    const headers = { 'content-type': 'application/json' };
    const atToken = await stack().request('POST', '/connect/token', { ...json, headers });
    const { status, body } = await stack().request('POST', endpoint, { ...json, headers });
    expect([status, body.error]).toEqual([atToken.status, atToken.body.error]);
    expect(status).toBe(415);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s is refused with 405', async (method) => {
    const { status, headers } = await stack().request(method, endpoint);
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST, OPTIONS');
  });

  test('a page of another origin can start a device login', async () => {
    const { client } = await makeDevices(stack());
    const origin = 'https://page.example';
    const answer = await stack().post(endpoint, { client_id: client.id }, undefined, { origin });
    expect(answer.status).toBe(200);
    expect(['*', origin]).toContain(answer.headers.get('access-control-allow-origin'));
  });

  test('the engine’s own device pages are not reachable', async () => {
    const { begin } = await makeDevices(stack());
    const { user_code } = await begin();
    for (const path of ['/device', '/device/', '/DEVICE', '/device/abc', '/device/abc/'])
      for (const method of ['GET', 'POST'])
        for (const query of ['', `?user_code=${user_code}`]) {
          const { text } = await stack().request(method, path + query);
          expect(text).not.toContain('op.device');
        }
  });

  test('the stored record of a device contains neither of its codes', async () => {
    const { begin } = await makeDevices(stack());
    const { device_code, user_code } = await begin();
    const rows = await stack().database.kysely.selectFrom('artifact').selectAll().execute();
    const stored = rows.map(({ id, sealed, user_code: code }) =>
      [id, sealed, code].map((bytes) => Buffer.from(bytes ?? []).toString('latin1')).join(' '),
    );
    for (const secret of [device_code, user_code, user_code.replace('-', '')])
      expect(stored.join('\n')).not.toContain(secret);
  });
});

const pairs = (form: Record<string, string> | [string, string][]): [string, string][] =>
  Array.isArray(form) ? form : Object.entries(form);
