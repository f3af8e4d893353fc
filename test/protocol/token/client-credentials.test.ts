import { beforeAll, expect, test } from '@jest/globals';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onStack } from '../../support/stacks.ts';
import { createResource, storedTokens } from './support.ts';

onStack((stack) => {
  beforeAll(async () => {
    await createResource(stack(), { default: true });
  });

  test('a client gets a bearer token of 30 days for its id and secret in the Authorization header', async () => {
    const client = await stack().api.createClient();
    const answer = await stack().token(client);
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    expect(answer.body.expires_in).toBe(2_592_000);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { body } = await stack().introspect(answer.body.access_token, client);
    expect(body).toMatchObject({ active: true, client_id: client.id, sub: client.id });
    expect(body.exp - body.iat).toBe(2_592_000);
  });

  test('no cache keeps a token, not even one of HTTP/1.0 (RFC 6749 §5.1)', async () => {
    const { status, headers } = await stack().token(await stack().api.createClient());
    expect([status, headers.get('cache-control'), headers.get('pragma')]).toEqual([
      200,
      'no-store',
      'no-cache',
    ]);
  });

  test('client_credentials returns no refresh token (RFC 6749 §4.4.3)', async () => {
    const { body } = await stack().token(await stack().api.createClient());
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'token_type']);
  });

  test.each(['client_secret_basic', 'client_secret_post'])(
    'a client registered with %s can send its secret in the header and in the body',
    async (method) => {
      const client = await stack().api.createClient({ token_endpoint_auth_method: method });
      const inBody = await stack().post('/connect/token', {
        grant_type: 'client_credentials',
        client_id: client.id,
        client_secret: client.secret,
      });
      expect(inBody.status).toBe(200);
      expect((await stack().token(client)).status).toBe(200);
    },
  );

  test('credentials in the URL authenticate no client, because logs would record it (RFC 6749 §2.3.1)', async () => {
    const { id, secret } = await stack().api.createClient();
    const query = new URLSearchParams({ client_id: id, client_secret: secret });
    const answer = await stack().post(`/connect/token?${query}`, {
      grant_type: 'client_credentials',
    });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  test('the registered lifetime of a client is that of its tokens', async () => {
    const client = await stack().api.createClient({ access_token_ttl: 77 });
    const { body } = await stack().token(client);
    expect(body.expires_in).toBe(77);
    const introspected = await stack().introspect(body.access_token, client);
    expect(introspected.body.exp - introspected.body.iat).toBe(77);
  });

  test('the lifetime of a resource applies if the client has none of its own', async () => {
    const resource = await createResource(stack(), { access_token_ttl: 99 });
    const client = await stack().api.createClient({ resources: [resource] });
    expect((await stack().token(client)).body.expires_in).toBe(99);
    const impatient = await stack().api.createClient({
      resources: [resource],
      access_token_ttl: 11,
    });
    expect((await stack().token(impatient)).body.expires_in).toBe(11);
  });

  test('a disabled client gets no token until it is enabled', async () => {
    const client = await stack().api.createClient();
    await stack().api.call('POST', `/clients/${client.id}/disable`);
    const before = await storedTokens(stack());
    expect(await stack().token(client)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect(await storedTokens(stack())).toBe(before);
    await stack().api.call('POST', `/clients/${client.id}/enable`);
    expect((await stack().token(client)).status).toBe(200);
  });

  test('a deleted client gets no token', async () => {
    const client = await stack().api.createClient();
    await stack().api.call('DELETE', `/clients/${client.id}`);
    const before = await storedTokens(stack());
    expect(await stack().token(client)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect(await storedTokens(stack())).toBe(before);
  });

  test('a client that is not registered for the grant gets unauthorized_client (RFC 6749 §5.2)', async () => {
    const client = await stack().api.createClient({ grant_types: [] });
    const before = await storedTokens(stack());
    expect(await stack().token(client)).toMatchObject({
      status: 400,
      body: {
        error: 'unauthorized_client',
        error_description: expect.stringContaining('--add grant='),
      },
    });
    expect(await storedTokens(stack())).toBe(before);
  });

  test('a public client gets no token on its own behalf, because anyone can know its id (RFC 6749 §4.4)', async () => {
    const metadata = { token_endpoint_auth_method: 'none', grant_types: ['client_credentials'] };
    const refused = await stack().api.call('POST', '/clients', metadata);
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
    // Also if it is in the database by other means.
    const { client } = await stack().domain.registry.create(serverActor, {
      metadata: { ...metadata, response_types: [], redirect_uris: [] },
    });
    const id = client.client_id;
    const before = await storedTokens(stack());
    const answer = await stack().post('/connect/token', {
      grant_type: 'client_credentials',
      client_id: id,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: 'unauthorized_client',
        error_description: expect.stringContaining('a public client'),
      },
    });
    expect(await storedTokens(stack())).toBe(before);
  });
});
