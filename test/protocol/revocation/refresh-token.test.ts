import { expect, test } from '@jest/globals';
import { makeLoggedIn } from '../../support/logins.ts';
import { onStack } from '../../support/stacks.ts';

/** Some libraries parse the body, which RFC 7009 §2.2 leaves open, as JSON. */
const revoked = { status: 200, text: '{}', body: {} };

onStack((stack) => {
  const isActive = async (token: string, asker: { id: string; secret: string }) =>
    (await stack().introspect(token, asker)).body.active;

  test.each([
    ['opaque', 'refresh_token'],
    ['opaque', 'access_token'],
    ['jwt', 'refresh_token'],
    ['jwt', undefined],
  ] as const)(
    'a revoked refresh token revokes its access tokens as well (%s, hint %s)',
    async (format, hint) => {
      const { app, resourceServer, refreshToken, refresh, revoke } = await makeLoggedIn(stack(), {
        format,
      });
      const { body } = await refresh(refreshToken);
      expect(await isActive(body.access_token, resourceServer)).toBe(true);
      const form: Record<string, string> = hint ? { token_type_hint: hint } : {};
      expect(await revoke(refreshToken, form)).toMatchObject(revoked);
      expect(await isActive(body.access_token, resourceServer)).toBe(false);
      expect(await isActive(refreshToken, app)).toBe(false);
      expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
      expect((await revoke(refreshToken)).status).toBe(200);
    },
  );

  test('a rotated refresh token still revokes the whole grant', async () => {
    const { resourceServer, refreshToken, refresh, revoke } = await makeLoggedIn(stack(), {
      token_endpoint_auth_method: 'none',
    });
    const first = (await refresh(refreshToken)).body;
    const second = (await refresh(first.refresh_token)).body;
    expect(await isActive(second.access_token, resourceServer)).toBe(true);
    expect((await revoke(refreshToken)).status).toBe(200);
    for (const { access_token } of [first, second])
      expect(await isActive(access_token, resourceServer)).toBe(false);
    expect((await refresh(second.refresh_token)).body.error).toBe('invalid_grant');
  });

  test('a public client revokes its own token with only its client_id', async () => {
    const { resourceServer, refreshToken, refresh, revoke } = await makeLoggedIn(stack(), {
      token_endpoint_auth_method: 'none',
    });
    const { body } = await refresh(refreshToken);
    expect((await revoke(body.access_token)).status).toBe(200);
    expect(await isActive(body.access_token, resourceServer)).toBe(false);
    // The grant remains valid: only the access token was revoked.
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  test('a revoked access token does not affect the grant and its other tokens', async () => {
    const { resourceServer, refreshToken, refresh, revoke } = await makeLoggedIn(stack());
    const first = (await refresh(refreshToken)).body.access_token;
    const second = (await refresh(refreshToken)).body.access_token;
    await revoke(first);
    expect(await isActive(first, resourceServer)).toBe(false);
    expect(await isActive(second, resourceServer)).toBe(true);
  });

  test('a refresh token of another client stays active, with the response for an unknown token', async () => {
    const { app, refreshToken, otherClient, refresh } = await makeLoggedIn(stack());
    expect(await stack().revoke(refreshToken, otherClient)).toMatchObject({
      status: 200,
      text: '{}',
    });
    expect(await isActive(refreshToken, app)).toBe(true);
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  test('a thief who knows a refresh token but no secret cannot revoke a confidential client’s grant', async () => {
    const { app, refreshToken } = await makeLoggedIn(stack());
    expect(
      await stack().post('/connect/revocation', { token: refreshToken, client_id: app.id }),
    ).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await isActive(refreshToken, app)).toBe(true);
  });
});
