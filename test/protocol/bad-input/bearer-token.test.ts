import { beforeAll, describe, expect, test } from '@jest/globals';
import { logIn } from '../../support/login.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { expectRefusal, form, leavesNoTrace, send } from './support.ts';

const tokens: Record<string, string> = {
  'that is nonsense': 'nonsense',
  'with a broken checksum': `writ_at_0ab${'x'.repeat(49)}`,
  'that is truncated': 'writ_at_',
  'of another prefix': 'ghp_1234567890',
  'of nothing but dots': '...',
  'that is an unsigned JWT': 'eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJ4In0.',
  'that is a JWT of nonsense': 'e30.e30.e30',
  'of 10 kB': 'a'.repeat(10_000),
};

onStack((stack) => {
  let accessToken: string;
  let refreshToken: string;
  let clientToken: string;
  beforeAll(async () => {
    const { id } = await stack().api.createClient({
      client_id: unique('cli'),
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token', 'authorization_code'],
      redirect_uris: ['http://127.0.0.1/cb'],
      response_types: ['code'],
      application_type: 'native',
    });
    const login = await logIn(stack(), id, { scope: 'openid offline_access' });
    const refreshed = await stack().post('/connect/token', {
      grant_type: 'refresh_token',
      client_id: id,
      refresh_token: login.refreshToken,
    });
    accessToken = refreshed.body.access_token;
    refreshToken = refreshed.body.refresh_token;
    clientToken = (await stack().token(await stack().api.createClient())).body.access_token;
  });

  const ask = (authorization?: string, path = '/connect/userinfo') =>
    send(stack(), { method: 'GET', path, headers: { ...(authorization && { authorization }) } });

  test('the token that the others are compared with is accepted at userinfo', async () => {
    expect((await ask(`Bearer ${accessToken}`)).status).toBe(200);
  });

  test('userinfo takes it by GET and POST, in the header and in a form, and responds with JSON (OpenID Connect Core §5.3)', async () => {
    const authorization = `Bearer ${accessToken}`;
    for (const request of [
      { method: 'GET', headers: { authorization } },
      { method: 'POST', headers: { authorization } },
      { method: 'POST', headers: form, body: `access_token=${accessToken}` },
    ]) {
      const { status, headers, text } = await send(stack(), {
        path: '/connect/userinfo',
        ...request,
      });
      expect([status, headers['content-type'], JSON.parse(text).sub]).toEqual([
        200,
        expect.stringMatching(/^application\/json/),
        expect.any(String),
      ]);
    }
  });

  describe.each(['/connect/userinfo', '/api/v1/clients'])('%s refuses a bearer token', (path) => {
    test.each(Object.entries(tokens))('%s', async (_name, token) => {
      await leavesNoTrace(stack(), async () => {
        const answer = await ask(`Bearer ${token}`, path);
        expectRefusal(answer);
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="/);
      });
    });

    test('that is missing, or has another scheme', async () => {
      await leavesNoTrace(stack(), async () => {
        for (const header of [undefined, 'Bearer', 'Bearer ', 'Basic bm9ib2R5Om5vdGhpbmc=', 'x']) {
          const answer = await ask(header, path);
          expectRefusal(answer);
          // RFC 6750 §3: the challenge always has a parameter.
          expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="http/);
        }
      });
    });

    test('of the wrong kind: a refresh token, or the token of a client', async () => {
      await leavesNoTrace(stack(), async () => {
        for (const token of [refreshToken, clientToken]) {
          const answer = await ask(`Bearer ${token}`, path);
          expectRefusal(answer);
          expect(answer.status).toBe(401);
        }
      });
    });

    test('in the URL, where logs would record it', async () => {
      expectRefusal(await ask(undefined, `${path}?access_token=${accessToken}`));
    });
  });

  test('userinfo refuses a token that is sent in two ways (RFC 6750 §2)', async () => {
    await leavesNoTrace(stack(), async () => {
      const answer = await send(stack(), {
        path: '/connect/userinfo',
        headers: { ...form, authorization: `Bearer ${accessToken}` },
        body: `access_token=${accessToken}`,
      });
      expectRefusal(answer);
    });
  });

  test('userinfo refuses a token without the required scope, and invalid characters in a scope', async () => {
    await leavesNoTrace(stack(), async () => {
      for (const scope of ['profile', '%00', '%22', '%0d%0aSet-Cookie:a=b'])
        expectRefusal(await ask(`Bearer ${accessToken}`, `/connect/userinfo?scope=${scope}`));
    });
  });
});
