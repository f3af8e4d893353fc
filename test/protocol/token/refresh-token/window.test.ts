import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { parseToken } from '../../../../src/domain/tokens/value.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { onEveryStack } from '../../../support/stacks.ts';

/** A rotated refresh token that is presented a second time. */
onEveryStack((stack) => {
  const rotating = () => makeLoggedIn(stack(), { token_endpoint_auth_method: 'none' });

  /** Moves the redemption of a refresh token into the past by that many seconds. */
  const moveBack = async (refreshToken: string, seconds: number) => {
    const key = parseToken(refreshToken)?.id.key ?? Buffer.alloc(0);
    const { kysely } = stack().database;
    await sql`update token set consumed_at = consumed_at - ${sql.lit(`${seconds} seconds`)}::interval
      where key = ${key}`.execute(kysely);
    await sql`update redemption set redeemed_at = redeemed_at - ${sql.lit(`${seconds} seconds`)}::interval`.execute(
      kysely,
    );
  };

  test('the same request within 30 seconds gets the same response, byte for byte', async () => {
    const { refreshToken, refresh } = await rotating();
    const form = { scope: 'things:read' };
    const first = await refresh(refreshToken, form);
    await moveBack(refreshToken, 20);
    const again = await refresh(refreshToken, form);
    expect(again.status).toBe(200);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(again.headers.get('cache-control')).toBe('no-store');
  });

  test.each<[string, Record<string, string>]>([
    ['a narrower scope', { scope: 'things:read' }],
    ['its resource stated', { resource: 'the resource' }],
  ])(
    'a different request within 30 seconds is refused, and the grant stays valid: %s',
    async (_what, given) => {
      const { refreshToken, refresh, resource, resourceServer } = await rotating();
      const { body } = await refresh(refreshToken);
      const form = given['resource'] ? { resource } : given;
      expect(await refresh(refreshToken, form)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
      expect((await stack().introspect(body.access_token, resourceServer)).body.active).toBe(true);
      expect((await refresh(body.refresh_token)).status).toBe(200);
    },
  );

  test('the same request after the window revokes the whole grant: the token was copied', async () => {
    const { refreshToken, refresh, resourceServer } = await rotating();
    const { body } = await refresh(refreshToken);
    await moveBack(refreshToken, 31);
    expect(await refresh(refreshToken)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await stack().introspect(body.access_token, resourceServer)).text).toBe(
      '{"active":false}',
    );
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
  });

  test('a revoked grant gets no response again, not even within the window', async () => {
    const { refreshToken, refresh, revoke } = await rotating();
    const { body } = await refresh(refreshToken);
    await revoke(body.refresh_token);
    expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
  });

  test('of ten different requests at once one wins, and its tokens are active', async () => {
    const { refreshToken, refresh, resourceServer } = await rotating();
    const scopes = ['things:read', 'things:write'];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        refresh(refreshToken, { scope: scopes[index % 2] ?? '' }),
      ),
    );
    const granted = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(new Set(granted.map(({ text }) => text)).size).toBe(1);
    expect(granted).toHaveLength(5);
    expect(refused.map(({ status, body }) => [status, body.error])).toEqual(
      Array(5).fill([400, 'invalid_grant']),
    );
    const { access_token, refresh_token } = granted[0]?.body ?? {};
    expect((await stack().introspect(access_token, resourceServer)).body.active).toBe(true);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  test('the stored response reveals nothing to a reader of the database', async () => {
    const { refreshToken, refresh } = await rotating();
    const { body } = await refresh(refreshToken);
    const rows = await stack().database.kysely.selectFrom('redemption').selectAll().execute();
    const stored = rows
      .flatMap(({ id, fingerprint, answer }) => [id, fingerprint, answer])
      .map((bytes) => Buffer.from(bytes ?? []).toString('latin1'))
      .join('\n');
    expect(rows.some(({ answer }) => answer)).toBe(true);
    for (const secret of [refreshToken, body.access_token, body.refresh_token, 'access_token'])
      expect(stored).not.toContain(secret);
  });
});
