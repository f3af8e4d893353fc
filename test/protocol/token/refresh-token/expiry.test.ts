import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { lifetimes } from '../../../../config/lifetimes.ts';
import { parseToken } from '../../../../src/domain/tokens/value.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { onEveryStack, type Stack } from '../../../support/stacks.ts';

const days = (count: number) => count * 86_400;

/** The seconds from a login 100 days ago to the expiry of the refresh token that a refresh gives today. */
async function lifeAfterHundredDays(stack: Stack): Promise<number> {
  const { refreshToken, refresh } = await makeLoggedIn(stack, {
    token_endpoint_auth_method: 'none',
  });
  const loggedInAt = Math.floor(Date.now() / 1000) - days(100);
  await sql`update token set issued_at = to_timestamp(${loggedInAt}::float8),
      payload = payload || jsonb_build_object('iiat', ${loggedInAt}::bigint)
    where key = ${parseToken(refreshToken)?.id.key}`.execute(stack.database.kysely);
  const { body, text } = await refresh(refreshToken);
  const successor = parseToken(body.refresh_token);
  if (!successor) throw new Error(`no refresh token was issued: ${text}`);
  const state = await stack.domain.lookup(successor.id);
  return (state?.expiresAt ?? Number.NaN) - loggedInAt;
}

/** The two computed times are rounded to seconds, on either side of a request. */
const minute = 60;

onEveryStack(
  (stack) => {
    test('with REFRESH_TOKEN_EXPIRY=sliding a refresh starts the year anew', async () => {
      const life = await lifeAfterHundredDays(stack());
      expect(Math.abs(life - days(100) - lifetimes.refreshToken)).toBeLessThan(minute);
    });
  },
  { REFRESH_TOKEN_EXPIRY: 'sliding' },
);

onEveryStack(
  (stack) => {
    test('with REFRESH_TOKEN_EXPIRY=absolute a login ends a year after it began', async () => {
      const life = await lifeAfterHundredDays(stack());
      expect(Math.abs(life - lifetimes.refreshToken)).toBeLessThan(minute);
    });
  },
  { REFRESH_TOKEN_EXPIRY: 'absolute' },
);
