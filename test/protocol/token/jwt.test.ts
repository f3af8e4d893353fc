import { describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { onStack, unique } from '../../support/stacks.ts';
import { createResource } from './support.ts';

onStack((stack) => {
  const setUp = async (resourceGiven = {}, clientGiven = {}) => {
    const resource = await createResource(stack(), { token_format: 'jwt', ...resourceGiven });
    const client = await stack().api.createClient({ resources: [resource], ...clientGiven });
    const server = await stack().api.createClient({
      grant_types: [],
      resource_server_for: [resource],
    });
    return { resource, client, server };
  };

  /** Verifies like a resource server that knows nothing about Writ (RFC 9068 §4). */
  const verify = (value: string, audience: string) =>
    jwtVerify(
      value,
      createRemoteJWKSet(new URL('/.well-known/openid-configuration/jwks', stack().origin)),
      { issuer: stack().issuer, audience, typ: 'at+jwt' },
    );

  describe.each([
    ['ES256', {}],
    ['RS256', { signing_alg: 'RS256' }],
    ['EdDSA', { signing_alg: 'EdDSA' }],
  ])('a resource with JWTs signed with %s', (alg, given) => {
    test('gets RFC 9068 tokens that verify with the published keys', async () => {
      const { resource, client } = await setUp(given);
      const { body } = await stack().token(client, { scope: 'things:read' });
      const { protectedHeader, payload } = await verify(body.access_token, resource);
      expect(protectedHeader).toEqual({ typ: 'at+jwt', alg, kid: expect.any(String) });
      expect(payload).toEqual({
        iss: stack().issuer,
        aud: resource,
        sub: client.id,
        client_id: client.id,
        jti: expect.stringMatching(/^tok_[A-Za-z0-9]{25}$/),
        iat: expect.any(Number),
        exp: expect.any(Number),
        scope: 'things:read',
        roles: [],
        entitlements: [],
        epochs: { client: 0 },
      });
      expect(Number(payload.exp) - Number(payload.iat)).toBe(2_592_000);
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 2_592_000 });
    });

    test('can introspect its tokens, also after their revocation', async () => {
      const { resource, client, server } = await setUp(given);
      const { body } = await stack().token(client);
      const { payload } = await verify(body.access_token, resource);
      expect((await stack().introspect(body.access_token, server)).body).toMatchObject({
        active: true,
        jti: payload.jti,
        aud: resource,
        client_id: client.id,
        exp: payload.exp,
        iat: payload.iat,
      });
      expect((await stack().revoke(body.access_token, client)).status).toBe(200);
      expect((await stack().introspect(body.access_token, server)).body).toEqual({ active: false });
    });
  });

  test('a JWT has the roles and permissions at its issue, introspection the current ones', async () => {
    const role = unique('role');
    await stack().api.setRole(role, ['things.read']);
    const { resource, client, server } = await setUp({}, { roles: [role] });
    const { body } = await stack().token(client);
    await stack().api.setRole(role, ['things.read', 'things.write']);
    const { payload } = await verify(body.access_token, resource);
    expect(payload).toMatchObject({ roles: [role], entitlements: ['things.read'] });
    const introspected = await stack().introspect(body.access_token, server);
    expect(introspected.body).toMatchObject({
      roles: [role],
      entitlements: ['things.read', 'things.write'],
    });
  });

  test('the jti of a JWT is its public id, which names and revokes it without its value', async () => {
    const { resource, client, server } = await setUp();
    const { body } = await stack().token(client);
    const { payload } = await verify(body.access_token, resource);
    const shown = await stack().api.call('GET', `/tokens/${payload.jti}`);
    expect(shown.body).toMatchObject({ id: payload.jti, format: 'jwt', active: true });
    expect((await stack().api.call('DELETE', `/tokens/${payload.jti}`)).status).toBe(204);
    expect((await stack().introspect(body.access_token, server)).body).toEqual({ active: false });
  });

  test('disabling a client revokes its JWTs, and enabling it does not restore them', async () => {
    const { client, server } = await setUp();
    const { body } = await stack().token(client);
    await stack().api.call('POST', `/clients/${client.id}/disable`);
    expect((await stack().introspect(body.access_token, server)).body).toEqual({ active: false });
    await stack().api.call('POST', `/clients/${client.id}/enable`);
    expect((await stack().introspect(body.access_token, server)).body).toEqual({ active: false });
    const next = await stack().token(client);
    expect((await stack().introspect(next.body.access_token, server)).body.active).toBe(true);
  });

  test('a JWT is refused at userinfo and at the API, whose audience it does not have', async () => {
    const { client } = await setUp();
    const { body } = await stack().token(client);
    const authorization = `Bearer ${body.access_token}`;
    expect((await stack().get('/connect/userinfo', { authorization })).status).toBe(401);
    expect((await stack().get('/api/v1/clients', { authorization })).status).toBe(401);
  });

  test('a resource with opaque tokens gets no JWT', async () => {
    const { client } = await setUp({ token_format: 'opaque' });
    const { body } = await stack().token(client);
    expect(() => decodeProtectedHeader(body.access_token)).toThrow();
  });
});
