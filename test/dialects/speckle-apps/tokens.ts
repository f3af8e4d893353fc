import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { parseToken } from '../../../src/domain/tokens/value.ts';
import { signedIn } from '../../support/people.ts';
import type { Stack } from '../../support/stacks.ts';
import type { SpeckleApps } from './support.ts';

/** Refresh tokens, logging out, and disconnecting. */
export function tokensTests(stack: () => Stack, apps: SpeckleApps): void {
  const {
    makeApp,
    newChallenge,
    decide,
    codeIn,
    redeem,
    refresh,
    logout,
    logIn,
    introspect,
    letTheWindowPass,
    refused,
    noCode,
    noSecret,
    noRefresh,
  } = apps;

  test('a refresh issues new tokens and invalidates the old refresh token', async () => {
    const { app, token, refreshToken } = await logIn();
    const first = await refresh(app, refreshToken);
    expect([first.status, Object.keys(first.body)]).toEqual([200, ['token', 'refreshToken']]);
    expect(first.body.refreshToken).not.toBe(refreshToken);
    expect(first.headers.get('cache-control')).toContain('no-store');
    expect((await introspect(first.body.token)).active).toBe(true);
    expect((await introspect(token)).active).toBe(true);
    await letTheWindowPass();
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
    // The value was copied: the whole login is revoked.
    expect(await introspect(first.body.token)).toEqual({ active: false });
  });

  test('a refresh token works for its own app with its secret, for six months', async () => {
    const { app, refreshToken } = await logIn();
    const other = await makeApp();
    expect(refused(await refresh(other, refreshToken))).toEqual([401, noRefresh]);
    expect(refused(await refresh({ ...app, secret: other.secret }, refreshToken))).toEqual([
      401,
      noSecret,
    ]);
    const { partition, key } = parseToken(refreshToken)?.id ?? {};
    const { rows } = await sql<{ seconds: number }>`
      select extract(epoch from expires_at - issued_at)::integer as seconds from token
      where shelf = ${partition} and key = ${key}`.execute(stack().database.kysely);
    expect(rows).toEqual([{ seconds: 15_770_000 }]);
    await sql`update token set expires_at = now() - interval '1 second'
      where shelf = ${partition} and key = ${key}`.execute(stack().database.kysely);
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
  });

  test('logging out revokes the token and the refresh token, and can be repeated', async () => {
    const { app, token, refreshToken } = await logIn();
    expect(refused(await logout({ token, refreshToken }))).toEqual([
      200,
      { message: 'You have logged out.' },
    ]);
    expect(await introspect(token)).toEqual({ active: false });
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
    expect((await logout({ token, refreshToken })).status).toBe(200);
  });

  test('logging out with a value that is not a token of Speckle revokes nothing', async () => {
    const { token } = await logIn();
    const others = [
      {},
      { token: '' },
      { token: 'no-token' },
      { token: 7 },
      { token, refreshToken: 'none' },
    ];
    for (const body of others)
      expect(refused(await logout(body))).toEqual([
        400,
        'Something went wrong while trying to logout.',
      ]);
    expect((await introspect(token)).active).toBe(true);
  });

  test('the person sees the app on the page of connected devices, and disconnects it there', async () => {
    const { person, app, token, refreshToken } = await logIn();
    const page = await person.visitor.get('/account/connected');
    expect(page.words).toContain('Read your streams');
    const [{ grantId } = { grantId: '' }] = await stack().domain.connectedClients.list(
      person.accountId,
    );
    expect(page.text).toContain(grantId);
    expect(await stack().domain.connectedClients.disconnect(person.accountId, grantId)).toBe(true);
    expect(await introspect(token)).toEqual({ active: false });
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
  });

  test('a code cannot be redeemed after its grant is revoked', async () => {
    const person = await signedIn(stack());
    const app = await makeApp();
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, app, challenge));
    const [{ grantId } = { grantId: '' }] = await stack().domain.connectedClients.list(
      person.accountId,
    );
    await stack().domain.connectedClients.disconnect(person.accountId, grantId);
    expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
  });
}
