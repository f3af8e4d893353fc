import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { parseToken } from '../../../../src/domain/tokens/value.ts';
import { refreshTokenLifetime } from '../../../../src/protocol/token/lifetime.ts';
import { rotatesRefreshTokens } from '../../../../src/protocol/token/refresh-token.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { onStack } from '../../../support/stacks.ts';

const days = (count: number) => count * 86_400;

describe('a refresh token lives', () => {
  const standard = { REFRESH_TOKEN_DAYS: 365, REFRESH_TOKEN_IDLE_DAYS: 0 };
  const life = (
    sinceLogin: number,
    { leftOfPredecessor = 0, client = {}, settings = {} } = {},
  ): number =>
    refreshTokenLifetime({ sinceLogin, leftOfPredecessor, client }, { ...standard, ...settings });

  test('until a year after its grant began, however often it is refreshed', () => {
    expect([0, 100, 364].map((since) => life(days(since)))).toEqual([365, 265, 1].map(days));
    expect(life(days(100), { settings: { REFRESH_TOKEN_DAYS: 120 } })).toBe(days(20));
    expect(life(days(100), { client: { refresh_token_ttl: days(101) } })).toBe(days(1));
  });

  test('at most as long as it can go unused, and never beyond the expiry of its grant', () => {
    const settings = { REFRESH_TOKEN_IDLE_DAYS: 14 };
    expect([0, 100, 360].map((since) => life(days(since), { settings }))).toEqual(
      [14, 14, 5].map(days),
    );
    const client = { refresh_token_idle_ttl: days(2) };
    expect(life(0, { settings, client })).toBe(days(2));
  });

  test('as long as its predecessor would have, if the grant began before there was a limit', () => {
    expect(life(days(700), { leftOfPredecessor: days(300) })).toBe(days(300));
  });

  test('on in a successor, also of confidential clients, if it expires when unused', () => {
    const rotates = (client: object, idle: number) =>
      rotatesRefreshTokens(client as never, { ...standard, REFRESH_TOKEN_IDLE_DAYS: idle });
    const confidential = { clientAuthMethod: 'client_secret_basic' };
    expect([rotates(confidential, 0), rotates(confidential, 14)]).toEqual([false, true]);
    expect(rotates({ ...confidential, refresh_token_idle_ttl: 60 }, 0)).toBe(true);
  });
});

onStack((stack) => {
  test('a refresh does not extend the grant', async () => {
    const { refreshToken, refresh } = await makeLoggedIn(stack(), {
      token_endpoint_auth_method: 'none',
    });
    const loggedInAt = Math.floor(Date.now() / 1000) - days(100);
    await sql`update token set issued_at = to_timestamp(${loggedInAt}::float8),
        expires_at = to_timestamp(${loggedInAt + days(150)}::float8),
        payload = payload || jsonb_build_object('iiat', ${loggedInAt}::bigint)
      where key = ${parseToken(refreshToken)?.id.key}`.execute(stack().database.kysely);
    let value = refreshToken;
    for (let round = 0; round < 2; round++) {
      const { body, text } = await refresh(value);
      const successor = parseToken(body.refresh_token);
      if (!successor) throw new Error(`no refresh token was issued: ${text}`);
      const state = await stack().domain.lookup(successor.id);
      expect(Math.abs((state?.expiresAt ?? 0) - loggedInAt - days(365))).toBeLessThan(60);
      value = body.refresh_token;
    }
  });
});
