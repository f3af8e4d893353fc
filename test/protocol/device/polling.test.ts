import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import { openRedis } from '../../../db/redis.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { createRedisPolls } from '../../../src/domain/grants/device/polling-interval.ts';
import { mintDeviceCode } from '../../../src/domain/tokens/value.ts';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import { onEveryStack } from '../../support/stacks.ts';
import { createResource, thingsRead, thingsWrite } from '../token/support.ts';
import { type Begun, expire, forget, makeDevices, passTime } from './support.ts';

const now = () => Math.floor(Date.now() / 1000);

/** The responses to a polling device (RFC 8628 §3.4 and §3.5). */
onEveryStack((stack) => {
  const wait = ({ device_code }: Begun, seconds: number) =>
    passTime(stack(), sha256(device_code), seconds);
  const errorOf = async (answer: Promise<{ status: number; body: { error?: string } }>) => {
    const { status, body } = await answer;
    expect(status).toBe(body.error ? 400 : 200);
    return body.error;
  };

  test('no decision yet: authorization_pending', async () => {
    const { begin, poll } = await makeDevices(stack());
    const answer = await poll(await begin());
    expect(answer).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('denied: access_denied, each time', async () => {
    const { begin, poll, logins, person } = await makeDevices(stack());
    const begun = await begin();
    await logins.deny(begun.user_code, await person());
    for (const _time of [1, 2]) expect(await errorOf(poll(begun))).toBe('access_denied');
  });

  test('expired: expired_token, even if it was approved', async () => {
    const { begin, approved, poll } = await makeDevices(stack());
    for (const begun of [await begin(), await approved()]) {
      await expire(stack(), begun);
      for (const _time of [1, 2]) expect(await errorOf(poll(begun))).toBe('expired_token');
    }
  });

  test('expired so long ago that no store remembers it: still expired_token', async () => {
    const { poll } = await makeDevices(stack());
    const begun = { device_code: mintDeviceCode(now() - 365 * 86_400), user_code: '' };
    expect(await errorOf(poll(begun))).toBe('expired_token');
  });

  test('a code that the store lost before its expiry: invalid_grant', async () => {
    const { begin, poll } = await makeDevices(stack());
    const begun = await begin();
    await forget(stack(), begun);
    expect(await errorOf(poll(begun))).toBe('invalid_grant');
  });

  test.each<[string, (code: string) => string, string]>([
    [
      'with a changed letter',
      (code) => `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`,
      'invalid_grant',
    ],
    ['that was never issued', () => mintDeviceCode(now() + 900), 'invalid_grant'],
    [
      'of the past with a changed letter',
      () => `${mintDeviceCode(now() - 900).slice(0, -2)}__`,
      'invalid_grant',
    ],
    ['of another kind', () => `writ_rt_${'0'.repeat(52)}`, 'invalid_grant'],
    ['that is not a code', () => 'nothing', 'invalid_grant'],
    ['of 10,000 letters', () => 'x'.repeat(10_000), 'invalid_grant'],
    ['that is empty', () => '', 'invalid_request'],
  ])('a code %s is refused', async (_what, change, error) => {
    const { begin, poll } = await makeDevices(stack());
    const begun = await begin();
    expect(await errorOf(poll({ ...begun, device_code: change(begun.device_code) }))).toBe(error);
  });

  test('no code: invalid_request', async () => {
    const { client } = await makeDevices(stack());
    const form = { grant_type: grantTypes.deviceCode, client_id: client.id };
    expect(await errorOf(stack().post('/connect/token', form))).toBe('invalid_request');
  });

  test('approved: tokens for what was requested', async () => {
    const { approved, poll, resource } = await makeDevices(stack());
    const begun = await approved({ scope: 'openid offline_access things:read' });
    const { status, body } = await poll(begun);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^writ_at_/),
      refresh_token: expect.stringMatching(/^writ_rt_/),
      id_token: expect.stringMatching(/^eyJ/),
      token_type: 'Bearer',
      expires_in: lifetimes.accessToken,
      scope: 'openid offline_access things:read',
    });
    const server = await stack().api.createClient({ resource_server_for: [resource] });
    expect((await stack().introspect(body.access_token, server)).body).toMatchObject({
      active: true,
      aud: resource,
      sub: begun.person.id,
      scope: 'openid offline_access things:read',
    });
    const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1], 'base64url').toString());
    expect(claims).toMatchObject({ iss: stack().issuer, sub: begun.person.id });
  });

  test('an ID token has the time of the sign-in', async () => {
    const { begin, poll, logins, person } = await makeDevices(stack());
    const begun = await begin({ scope: 'openid' });
    const signedInAt = new Date('2026-01-02T03:04:05Z');
    await logins.approve(begun.user_code, { ...(await person()), signedInAt });
    const { body } = await poll(begun);
    const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1], 'base64url').toString());
    expect(claims.auth_time).toBe(signedInAt.getTime() / 1000);
  });

  test('without offline_access there is no refresh token, and the access token outlives the session', async () => {
    const { approved, poll, client } = await makeDevices(stack(), { isPublicClient: false });
    const begun = await approved();
    const { body } = await poll(begun);
    expect(body).not.toHaveProperty('refresh_token');
    await stack().database.kysely.deleteFrom('session').execute();
    expect((await stack().introspect(body.access_token, client)).body.active).toBe(true);
  });

  test('offline_access is ignored if the client does not have the refresh token grant', async () => {
    const { begin, poll, logins, person } = await makeDevices(stack(), {
      grant_types: [grantTypes.deviceCode],
    });
    const begun = await begin({ scope: 'things:read offline_access' });
    const request = await logins.approve(begun.user_code, await person());
    expect(request?.scopes.map(({ name }) => name)).toEqual(['things:read']);
    expect((await poll(begun)).body).not.toHaveProperty('refresh_token');
  });

  test('a device that was approved for two resources chooses one of them in each request', async () => {
    const first = await createResource(stack(), { scopes: [thingsRead] });
    const other = await createResource(stack(), { scopes: [thingsWrite] });
    const { client, poll, logins, person } = await makeDevices(stack(), {
      resources: [first, other],
    });
    const { body: begun } = await stack().post('/connect/deviceauthorization', [
      ['client_id', client.id],
      ['resource', first],
      ['resource', other],
      ['scope', 'things:read things:write'],
    ]);
    await logins.approve(begun.user_code, await person());
    expect(await errorOf(poll(begun))).toBe('invalid_target');
    const { status, body } = await poll(begun, { resource: other });
    expect([status, body.scope]).toEqual([200, 'things:write']);
  });

  test('another client learns nothing about a code, and does not use up its polls', async () => {
    const { begin, poll, logins, person } = await makeDevices(stack());
    const other = await makeDevices(stack());
    const begun = await begin();
    for (const _time of [1, 2, 3]) expect(await errorOf(other.poll(begun))).toBe('invalid_grant');
    expect(await errorOf(poll(begun))).toBe('authorization_pending');
    await logins.approve(begun.user_code, await person());
    expect(await errorOf(other.poll(begun))).toBe('invalid_grant');
    expect(await errorOf(poll(begun))).toBeUndefined();
  });

  test('a confidential client must authenticate, as for any grant', async () => {
    const { approved, client, poll } = await makeDevices(stack(), { isPublicClient: false });
    const begun = await approved();
    const form = { grant_type: grantTypes.deviceCode, device_code: begun.device_code };
    expect(await stack().post('/connect/token', { ...form, client_id: client.id })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect(await errorOf(poll(begun))).toBeUndefined();
  });

  describe('a device that polls too fast', () => {
    test('gets slow_down, and must wait five seconds more each time', async () => {
      const { begin, poll } = await makeDevices(stack());
      const begun = await begin();
      expect(await errorOf(poll(begun))).toBe('authorization_pending');
      expect(await errorOf(poll(begun))).toBe('slow_down');
      await wait(begun, 8);
      expect(await errorOf(poll(begun))).toBe('slow_down');
      await wait(begun, 5);
      expect(await errorOf(poll(begun))).toBe('slow_down');
      await wait(begun, 8);
      expect(await errorOf(poll(begun))).toBe('authorization_pending');
    });

    test('continues once it waits long enough', async () => {
      const { begin, poll } = await makeDevices(stack());
      const begun = await begin();
      await poll(begun);
      expect(await errorOf(poll(begun))).toBe('slow_down');
      for (const _time of [1, 2, 3]) {
        await wait(begun, 10);
        expect(await errorOf(poll(begun))).toBe('authorization_pending');
      }
    });

    test('gets its response at once when there is one', async () => {
      const { begin, poll, logins, person } = await makeDevices(stack());
      const [let_in, refused] = [await begin(), await begin()];
      for (const begun of [let_in, refused]) {
        await poll(begun);
        expect(await errorOf(poll(begun))).toBe('slow_down');
      }
      await logins.approve(let_in.user_code, await person());
      await logins.deny(refused.user_code, await person());
      expect(await errorOf(poll(let_in))).toBeUndefined();
      expect(await errorOf(poll(refused))).toBe('access_denied');
    });

    test('is not slowed down if its client is registered without the interval', async () => {
      const { begin, poll } = await makeDevices(stack(), { enforce_polling_interval: false });
      const begun = await begin();
      for (const _time of [1, 2, 3])
        expect(await errorOf(poll(begun))).toBe('authorization_pending');
    });

    test('does not slow down another device of its client', async () => {
      const { begin, poll } = await makeDevices(stack());
      const begun = await begin();
      await poll(begun);
      expect(await errorOf(poll(begun))).toBe('slow_down');
      expect(await errorOf(poll(await begin()))).toBe('authorization_pending');
    });
  });

  describe('the poll counter', () => {
    const admit = (code: Buffer) => stack().domain.polls.admit(code, 900);
    const anyCode = () => sha256(mintDeviceCode(now()));

    test('admits the first poll, and those that keep the interval', async () => {
      const code = anyCode();
      for (const _time of [1, 2, 3, 4]) {
        expect(await admit(code)).toBe(true);
        await passTime(stack(), code, 5);
      }
    });

    test('tolerates network jitter: half a second less is accepted, a whole one is not', async () => {
      const code = anyCode();
      await admit(code);
      await passTime(stack(), code, 4.5);
      expect(await admit(code)).toBe(true);
      await passTime(stack(), code, 4);
      expect(await admit(code)).toBe(false);
    });

    test('admits one of ten simultaneous polls', async () => {
      const code = anyCode();
      const admitted = await Promise.all(Array.from({ length: 10 }, () => admit(code)));
      expect(admitted.filter(Boolean)).toHaveLength(1);
    });

    test('never makes a device wait longer than its code lives', async () => {
      const code = anyCode();
      for (let poll = 0; poll < 200; poll++) await admit(code);
      await passTime(stack(), code, lifetimes.deviceCode);
      expect(await admit(code)).toBe(true);
    });

    test('admits nothing while its store is unavailable: 503', async () => {
      const redis = openRedis('redis://127.0.0.1:1');
      try {
        await expect(createRedisPolls({ redis }).admit(anyCode(), 900)).rejects.toMatchObject({
          code: 'temporarily_unavailable',
        });
      } finally {
        redis.disconnect();
      }
    });

    test('forgets a code after its expiry', async () => {
      const code = anyCode();
      await admit(code);
      const { redis } = stack();
      if (redis) {
        const left = await redis.pttl(`writ:device-poll:${code.toString('hex')}`);
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(900_000);
      } else {
        const { rows } = await sql<{ over: boolean }>`
          select expires_at <= now() + interval '900 seconds' as over from device_poll where id = ${code}`.execute(
          stack().database.kysely,
        );
        expect(rows).toEqual([{ over: true }]);
      }
    });
  });
});
