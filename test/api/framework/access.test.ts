import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes, withImplied } from '../../../config/scopes.ts';
import { mintToken } from '../../../src/domain/tokens/value.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';
import {
  call,
  nameOf,
  routes,
  scoped,
  sharedThings,
  type Things,
  thingsFor,
  tokenWith,
} from '../routes.ts';

onStack((stack) => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  /** Refused calls change nothing, so they can share their things. */
  let things: Things;
  let foreign: string;
  beforeAll(async () => {
    things = await sharedThings(stack());
    foreign = await (await makeParties(stack())).issue();
  });

  const asking = routes.filter(({ access }) => access !== 'anyone');
  test.each(asking.map((route) => [nameOf(route), route] as const))(
    '%s without a token: 401 and a challenge without an error (RFC 6750 §3.1)',
    async (_name, route) => {
      const answer = await call(stack(), route, things, {});
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      const { issuer } = stack();
      expect(answer.headers.get('www-authenticate')).toBe(
        `Bearer realm="${issuer}", ${route.access === 'self' ? '' : `scope="${route.scope}", `}resource_metadata="${issuer}/.well-known/oauth-protected-resource/api/v1"`,
      );
    },
  );

  describe.each(scoped.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
    test('with a token for another audience: 401', async () => {
      const answer = await call(stack(), route, things, bearer(foreign));
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="[^"]+", error="invalid_token"/,
      );
    });

    test(`with every scope but ${route.scope}: 403, which names it`, async () => {
      const others = Object.keys(apiScopes).filter(
        (scope) => !withImplied([scope]).has(route.scope),
      );
      const token = await tokenWith(stack(), others);
      const answer = await call(stack(), route, things, bearer(token));
      expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${route.scope}"`);
    });

    test(`with only ${route.scope}: ${route.success}`, async () => {
      const token = await tokenWith(stack(), [route.scope, ...route.also]);
      const { status } = await call(stack(), route, await thingsFor(stack(), route), bearer(token));
      expect(status).toBe(route.success);
    });
  });

  const clients = (headers: Record<string, string>) => stack().get('/api/v1/clients', headers);

  test.each([
    ['a token that was never issued', () => mintToken('api_key', 0).value],
    ['a misspelt token', () => 'writ_ak_abc'],
    ['a JWT that nobody signed', () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['a public id', () => `tok_${'0'.repeat(25)}`],
  ])('%s opens nothing', async (_what, value) => {
    expect((await clients(bearer(value()))).status).toBe(401);
  });

  test('a revoked token, and a token of a disabled client, give no access', async () => {
    const { apiResource, api } = stack();
    const client = await api.createClient({ resources: [apiResource], scope: 'clients:read' });
    const [first, second] = [await stack().token(client), await stack().token(client)];
    const status = async (token: string) => (await clients(bearer(token))).status;
    expect(await status(first.body.access_token)).toBe(200);
    await stack().revoke(first.body.access_token, client);
    expect(await status(first.body.access_token)).toBe(401);
    expect(await status(second.body.access_token)).toBe(200);
    await api.call('POST', `/clients/${client.id}/disable`);
    expect(await status(second.body.access_token)).toBe(401);
  });

  test('neither a refresh token nor a client secret gives access', async () => {
    const { refreshToken, app } = await makeLoggedIn(stack());
    expect((await clients(bearer(refreshToken))).status).toBe(401);
    expect((await clients(bearer(app.secret))).status).toBe(401);
  });

  test('a token in the query is ignored, because URLs leak (RFC 6750 §2.3)', async () => {
    const token = await tokenWith(stack(), ['clients:read']);
    expect((await stack().get(`/api/v1/clients?access_token=${token}`)).status).toBe(401);
  });
});
