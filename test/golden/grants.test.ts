// One flow for each grant, from its first request to the revocation of its tokens, on every stack.
import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { makeBackend } from '../api/backend.ts';
import { allow, makeLoginClient } from '../protocol/authorization/support.ts';
import { makeDevice } from '../support/device.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { makeLoggedIn } from '../support/logins.ts';
import { makeParties } from '../support/parties.ts';
import { signedIn } from '../support/people.ts';
import { onEveryStack } from '../support/stacks.ts';

onEveryStack((stack) => {
  const introspect = async (token: string, client: Credentials) =>
    (await stack().introspect(token, client)).body;
  const inactive = { active: false };
  /** Lets the window pass in which a lost response is repeated. */
  const ageRedemptions = async () => {
    const { kysely } = stack().database;
    await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(
      kysely,
    );
    await sql`update token set consumed_at = consumed_at - interval '31 seconds'`.execute(kysely);
  };
  const refused = (answer: Answer) => [answer.status, answer.body.error];

  describe('client_credentials (RFC 6749 §4.4)', () => {
    test.each(['opaque', 'jwt'] as const)(
      'returns a token of the format %s, which can be introspected (RFC 7662) and revoked (RFC 7009)',
      async (format) => {
        const parties = await makeParties(stack(), { format });
        const { client, resource, resourceServer, role } = parties;
        const { status, body } = await stack().token(client, { scope: 'things:read' });
        expect([status, body]).toEqual([
          200,
          {
            access_token: expect.stringMatching(format === 'jwt' ? /^eyJ/ : /^writ_at_/),
            token_type: 'Bearer',
            expires_in: 2_592_000,
            scope: 'things:read',
          },
        ]);
        const token = body.access_token;
        const claims = { client_id: client.id, aud: resource, scope: 'things:read' };
        if (format === 'jwt') expect(decodeJwt(token)).toMatchObject(claims);
        expect(await introspect(token, resourceServer)).toMatchObject({
          active: true,
          ...claims,
          roles: [role],
          entitlements: ['things.read'],
        });
        expect(await introspect(token, parties.otherResourceServer)).toEqual(inactive);
        expect((await stack().revoke(token, parties.otherClient)).status).toBe(200);
        expect(await introspect(token, resourceServer)).toMatchObject({ active: true });
        expect((await stack().revoke(token, client)).status).toBe(200);
        expect(await introspect(token, resourceServer)).toEqual(inactive);
      },
    );

    test('returns nothing for a wrong secret, nor to a disabled client, whose tokens are revoked', async () => {
      const { client, resourceServer, issue } = await makeParties(stack());
      const token = await issue();
      const wrong = { ...client, secret: `${client.secret}x` };
      expect(refused(await stack().token(wrong))).toEqual([401, 'invalid_client']);
      expect((await stack().api.call('POST', `/clients/${client.id}/disable`)).status).toBe(200);
      expect(await introspect(token, resourceServer)).toEqual(inactive);
      expect(refused(await stack().token(client))).toEqual([401, 'invalid_client']);
    });
  });

  test('refresh_token (RFC 6749 §6): ten requests at once get one response; use after that revokes the grant', async () => {
    const { refreshToken, refresh, resourceServer } = await makeLoggedIn(stack(), {
      token_endpoint_auth_method: 'none',
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const first = answers[0]?.body;
    const second = (await refresh(first.refresh_token)).body;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await introspect(second.access_token, resourceServer)).toMatchObject({ active: true });
    await ageRedemptions();
    expect(refused(await refresh(refreshToken))).toEqual([400, 'invalid_grant']);
    expect(await introspect(second.access_token, resourceServer)).toEqual(inactive);
    expect(refused(await refresh(second.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('device_code (RFC 8628): a person approves the device on its page, and revokes it on another', async () => {
    const device = await makeDevice(stack());
    const started = await device.start('things:read offline_access');
    expect((await device.poll(started)).body.error).toBe('authorization_pending');
    const { accountId, visitor } = await signedIn(stack());
    const page = await visitor.get(`/device?user_code=${started.user_code}`);
    for (const words of [device.name, 'See your things']) expect(page.words).toContain(words);
    const done = await visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'approve',
    });
    expect((await visitor.follow(done)).words).toContain('connected');
    const answers = await Promise.all(Array.from({ length: 5 }, () => device.poll(started)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { access_token, refresh_token } = answers[0]?.body ?? {};
    expect(await introspect(access_token, device.resourceServer)).toMatchObject({
      active: true,
      sub: accountId,
      client_id: device.clientId,
      scope: 'offline_access things:read',
    });
    const devices = await visitor.get('/account/connected');
    expect(devices.words).toContain(device.name);
    const grant_id = /name="grant_id" value="([^"]+)"/.exec(devices.text)?.[1] ?? '';
    await visitor.submit('/account/connected/revoke', { grant_id });
    expect(await introspect(access_token, device.resourceServer)).toEqual(inactive);
    const form = { grant_type: 'refresh_token', refresh_token, client_id: device.clientId };
    expect(refused(await stack().post('/connect/token', form))).toEqual([400, 'invalid_grant']);
  });

  test('authorization_code (RFC 6749 §4.1): a person allows it; five requests redeem the code once and get one response; a later one revokes the grant', async () => {
    const app = await makeLoginClient(stack());
    const { accountId, visitor } = await signedIn(stack());
    const begun = app.begin({ scope: 'openid things:read offline_access' });
    const url = await allow(visitor, begun);
    expect(url.searchParams.get('state')).toBe(begun.state);
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.redeem(begun, url)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { access_token, refresh_token, id_token } = answers[0]?.body ?? {};
    expect(decodeJwt(id_token)).toMatchObject({ sub: accountId, aud: app.client.id });
    expect(refresh_token).toMatch(/^writ_rt_/);
    expect((await app.introspect(access_token)).body).toMatchObject({
      active: true,
      sub: accountId,
      aud: app.resource,
      scope: 'openid offline_access things:read',
    });
    await ageRedemptions();
    expect(refused(await app.redeem(begun, url))).toEqual([400, 'invalid_grant']);
    expect((await app.introspect(access_token)).body).toEqual(inactive);
  });

  test('an API token is created over REST with an API key, shown, updated and revoked', async () => {
    const { api, make, client, resourceServer } = await makeBackend(stack());
    const { id, token, subject } = await make({ scope: 'things:read things:write' });
    expect(await introspect(token, resourceServer)).toMatchObject({
      active: true,
      jti: id,
      client_id: client.id,
      subject,
    });
    expect((await api.call('GET', '/tokens')).body.items).toMatchObject([{ id, state: 'active' }]);
    const changed = await api.call('PATCH', `/tokens/${id}`, { scope: 'things:read' });
    expect([changed.status, changed.body.scope]).toEqual([200, 'things:read']);
    expect(await introspect(token, resourceServer)).toMatchObject({ scope: 'things:read' });
    expect((await api.call('POST', '/tokens/revoke', { subject })).body).toEqual({ revoked: 1 });
    expect(await introspect(token, resourceServer)).toEqual(inactive);
  });
});
