import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { grantTypes } from '../../src/oauth/grant-types.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import type { Answer, ApiClient, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import { until } from '../support/process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type Service, startRedis } from '../support/services.ts';
import { type Installation, install } from './installation.ts';

const deviceGrant = grantTypes.deviceCode;

const present = Boolean(postgresUrl && process.env['TEST_REDIS_URL']);

(present ? describe : describe.skip)('on Postgres and a Redis of its own', () => {
  let redis: Service;
  let installation: Installation;
  let server: ServerProcess;
  let operator: ApiClient;
  let client: Credentials;
  let device: Credentials;
  let assertion: () => Promise<Record<string, string>>;
  let refreshToken: string;

  beforeAll(async () => {
    redis = await startRedis();
    installation = await install({
      DATABASE_URL: await postgresDatabase(),
      REDIS_URL: redis.url,
    });
    server = await installation.start();
    operator = await installation.operator(server);
    await operator.createResource({ identifier: 'https://api.example.com', default: true });
    device = await operator.createClient({
      token_endpoint_auth_method: 'none',
      grant_types: [deviceGrant],
    });
    client = await operator.createClient({
      grant_types: ['client_credentials', 'refresh_token', 'authorization_code'],
      response_types: ['code'],
      redirect_uris: ['https://app.example.com/cb'],
      rotate_refresh_tokens: true,
    });
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const { id } = await operator.createClient({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'own', alg: 'ES256' }] },
    });
    assertion = async () => ({
      client_id: id,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'own' })
        .setIssuer(id)
        .setSubject(id)
        .setAudience(installation.env['ISSUER'] ?? '')
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey),
    });
  });
  afterAll(async () => {
    await installation?.remove();
    await redis?.stop();
  });
  beforeEach(async () => {
    ({ refreshToken } = await installation.behind((domain) =>
      logIn({ domain }, client.id, { scope: 'openid offline_access' }),
    ));
  });

  const tokenByAssertion = async (at: ServerProcess, signed?: Record<string, string>) =>
    at.post('/connect/token', {
      grant_type: 'client_credentials',
      ...(signed ?? (await assertion())),
    });

  const worksAgain = (at: ServerProcess) =>
    until('assertions to be accepted', async () => {
      const { status, text } = await tokenByAssertion(at);
      if (status !== 200) throw new Error(text);
    });

  /** Issues, refreshes, introspects and revokes tokens. */
  async function expectTokensToWork(at: ServerProcess): Promise<void> {
    const refreshed = await at.post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      client,
    );
    const byClient = await at.token(client);
    for (const { status, body } of [refreshed, byClient]) {
      expect(status).toBe(200);
      expect((await at.introspect(body.access_token, client)).body.active).toBe(true);
      expect((await at.revoke(body.access_token, client)).status).toBe(200);
      expect((await at.introspect(body.access_token, client)).body).toEqual({ active: false });
    }
  }

  const expectUnavailable = ({ status, body, headers }: Answer) => {
    expect({ status, error: body.error }).toEqual({
      status: 503,
      error: 'temporarily_unavailable',
    });
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
  };

  test('losing all data in Redis neither revokes a token nor prevents issuing one', async () => {
    const { body } = await server.token(client);
    const direct = new Redis(redis.url);
    await direct.flushall();
    direct.disconnect();
    expect((await server.introspect(body.access_token, client)).body.active).toBe(true);
    await expectTokensToWork(server);
    expect((await tokenByAssertion(server)).status).toBe(200);
  });

  test('without Redis, tokens are issued, refreshed, introspected and revoked, and doctor says that it does not respond', async () => {
    await redis.kill();
    try {
      const { body } = await operator.call('GET', '/diagnostics');
      expect(body.checks).toContainEqual(
        expect.objectContaining({
          name: 'redis',
          status: 'failed',
          message: expect.stringContaining('Redis does not respond'),
        }),
      );
      await expectTokensToWork(server);
    } finally {
      await redis.start();
    }
  });

  test('without Redis, an assertion whose replay cannot be checked gets 503; afterwards the same process accepts it', async () => {
    const signed = await assertion();
    await redis.stop();
    try {
      expectUnavailable(await tokenByAssertion(server, signed));
      for (const endpoint of ['/connect/introspect', '/connect/revocation'])
        expectUnavailable(
          await server.post(endpoint, { token: refreshToken, ...(await assertion()) }),
        );
    } finally {
      await redis.start();
    }
    await worksAgain(server);
    expect((await tokenByAssertion(server, signed)).status).toBe(200);
    expect((await tokenByAssertion(server, signed)).body.error).toBe('invalid_client');
  });

  test('a server starts without Redis, and uses it once it is available', async () => {
    await redis.stop();
    try {
      const late = await installation.start();
      await expectTokensToWork(late);
      expectUnavailable(await tokenByAssertion(late));
      await redis.start();
      await worksAgain(late);
      expect(await late.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await redis.start().catch(() => {});
    }
  });

  test('a hanging Redis is handled like none', async () => {
    const direct = new Redis(redis.url);
    await direct.call('CLIENT', 'PAUSE', '4000', 'ALL');
    direct.disconnect();
    expectUnavailable(await tokenByAssertion(server));
    await expectTokensToWork(server);
    await worksAgain(server);
  });

  /** Limits the memory of Redis so that it refuses every write while `work` runs. */
  const whileFull = async (work: () => Promise<void>) => {
    const direct = new Redis(redis.url);
    await direct.config('SET', 'maxmemory-policy', 'noeviction');
    await direct.config('SET', 'maxmemory', '1mb');
    try {
      await work();
    } finally {
      await direct.config('SET', 'maxmemory', '0');
      direct.disconnect();
    }
  };

  test('a Redis with full memory breaks no login: Postgres stores what it refuses, and readiness and doctor report it', async () => {
    const begin = async () =>
      (await server.post('/connect/deviceauthorization', { client_id: device.id })).body;
    const poll = async ({ device_code }: { device_code: string }) =>
      (
        await server.post('/connect/token', {
          grant_type: deviceGrant,
          client_id: device.id,
          device_code,
        })
      ).body.error;
    const before = await begin();
    const signed = await assertion();
    let during = before;
    await whileFull(async () => {
      during = await begin();
      expect(during.user_code).toBeDefined();
      expect(await poll(during)).toBe('authorization_pending');
      expect(await poll(during)).toBe('slow_down');
      expect(await poll(before)).toBe('authorization_pending');
      expect((await tokenByAssertion(server, signed)).status).toBe(200);
      expect((await tokenByAssertion(server, signed)).body.error).toBe('invalid_client');
      await expectTokensToWork(server);
      expect(await server.get('/readyz')).toMatchObject({ status: 200, body: { redis: 'full' } });
      const { body } = await operator.call('GET', '/diagnostics');
      expect(body.checks).toContainEqual(
        expect.objectContaining({ name: 'redis memory', status: 'failed' }),
      );
    });
    // A limit counted while Redis refused still counts, and a code from that time is still found.
    expect((await tokenByAssertion(server, signed)).body.error).toBe('invalid_client');
    expect(['authorization_pending', 'slow_down']).toContain(await poll(during));
    expect(await server.get('/readyz')).toMatchObject({ status: 200, body: { redis: 'ok' } });
  });

  test('a server without Redis still stops when asked to', async () => {
    const other = await installation.start();
    await redis.stop();
    try {
      expectUnavailable(await tokenByAssertion(other));
      expect(await other.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await redis.start();
    }
  });
});
