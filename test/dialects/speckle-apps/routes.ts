import { expect, test } from '@jest/globals';
import type { Stack } from '../../support/stacks.ts';
import type { SpeckleApps } from './support.ts';

/** What all routes of apps have in common. */
export function routesTests(stack: () => Stack, apps: SpeckleApps): void {
  const { authToken, refresh, logIn, refused } = apps;

  test('the routes of apps refuse an invalid token with Speckle’s message, whatever the request', async () => {
    const authorization = 'Bearer writ_at_nothing';
    const answers = [
      await authToken({ appId: 'any' }, { authorization }),
      await stack().get('/auth/accesscode', { authorization }),
      await stack().request('POST', '/auth/logout', { headers: { authorization }, body: '{}' }),
    ];
    for (const each of answers)
      expect(refused(each)).toEqual([403, { error: 'Your token is not valid.' }]);
  });

  test('pages of other origins can call /auth/token, and a wrong method gets 405', async () => {
    const preflight = await stack().request('OPTIONS', '/auth/token', {
      headers: { origin: 'https://app.test', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'POST',
    ]);
    expect((await stack().get('/auth/token')).status).toBe(405);
  });

  test('/auth/token responds to Bloq and to Speckle, to each in its own form', async () => {
    const bloq = await authToken({
      grantType: 'clientCredentials',
      clientId: 'none',
      clientSecret: 'none',
    });
    expect([bloq.status, bloq.body.code]).toEqual([401, 'Unauthorized']);
    expect((await authToken('{')).body.code).toBe('BadRequest');
    expect(refused(await authToken({ appId: 'none', appSecret: 'none' }))).toEqual([
      401,
      { err: 'Invalid request, insufficient information provided. Access Code is required.' },
    ]);
    const { app, refreshToken } = await logIn();
    expect((await refresh(app, refreshToken)).status).toBe(200);
  });
}
