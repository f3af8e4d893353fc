import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { endpoints } from '../../../src/oauth/paths.ts';
import { until } from '../../support/process.ts';
import { onEveryStack, unique } from '../../support/stacks.ts';
import {
  asserted,
  assertionType,
  createResource,
  createSigningClient,
  now,
  storedTokens,
} from './support.ts';

type SigningClient = Awaited<ReturnType<typeof createSigningClient>>;

onEveryStack((stack) => {
  let client: SigningClient;
  beforeAll(async () => {
    await createResource(stack(), { default: true });
    client = await createSigningClient(stack());
  });

  const token = (assertion: string) =>
    stack().post('/connect/token', {
      grant_type: 'client_credentials',
      ...asserted(assertion),
    });
  const introspect = (assertion: string, value: string) =>
    stack().post('/connect/introspect', { token: value, ...asserted(assertion) });
  const revoke = (assertion: string, value: string) =>
    stack().post('/connect/revocation', { token: value, ...asserted(assertion) });
  const everywhere = [
    token,
    (assertion: string) => introspect(assertion, 'none'),
    (assertion: string) => revoke(assertion, 'none'),
  ];

  test('a client that signs its requests gets, introspects and revokes tokens (RFC 7523 §2.2)', async () => {
    const { status, body } = await token(await client.assert());
    expect(status).toBe(200);
    expect((await introspect(await client.assert(), body.access_token)).body).toMatchObject({
      active: true,
      client_id: client.id,
    });
    expect((await revoke(await client.assert(), body.access_token)).status).toBe(200);
    expect((await introspect(await client.assert(), body.access_token)).body).toEqual({
      active: false,
    });
  });

  test('an assertion names only the issuer, whichever endpoint it is sent to (draft-ietf-oauth-rfc7523bis)', async () => {
    const { issuer } = stack();
    for (const send of everywhere) {
      for (const aud of [issuer, [issuer]])
        expect((await send(await client.assert({ aud }))).status).toBe(200);
      const others = [endpoints.token, endpoints.introspection, endpoints.revocation].map(
        (path) => issuer + path,
      );
      for (const aud of [...others, [issuer, 'https://other.test'], [issuer, issuer], []])
        expect(await send(await client.assert({ aud }))).toMatchObject({
          status: 401,
          body: { error: 'invalid_client' },
        });
    }
  });

  test('a client that is registered so can name the token endpoint instead of the issuer, and nothing else besides', async () => {
    const older = await createSigningClient(stack(), { token_endpoint_audience: true });
    const { issuer } = stack();
    const named = issuer + endpoints.token;
    for (const send of everywhere) {
      for (const aud of [issuer, named, [named]])
        expect((await send(await older.assert({ aud }))).status).toBe(200);
      for (const aud of [
        [issuer, named],
        [named, 'https://other.test'],
        issuer + endpoints.revocation,
      ])
        expect((await send(await older.assert({ aud }))).status).toBe(401);
    }
  });

  test('an assertion is accepted once: an eavesdropper cannot replay it, at any endpoint', async () => {
    const assertion = await client.assert();
    expect((await token(assertion)).status).toBe(200);
    for (const send of everywhere)
      expect(await send(assertion)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
  });

  test('of ten uses of one assertion at once, one is accepted', async () => {
    const assertion = await client.assert();
    const before = await storedTokens(stack());
    const answers = await Promise.all(Array.from({ length: 10 }, () => token(assertion)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
    expect(await storedTokens(stack())).toBe(before + 1);
  });

  test('of many uses of one assertion at once at three endpoints, one is accepted', async () => {
    const assertion = await client.assert();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => everywhere.map((send) => send(assertion))).flat(),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('keys at a jwks_uri are fetched once for all endpoints', async () => {
    // The server replaces its engine, with the keys that it fetched, when its first next keys are announced.
    // The JWK Set has the keys of algorithms that a client has chosen.
    for (const alg of ['ES256', 'EdDSA'])
      await stack().api.createClient({ id_token_signed_response_alg: alg });
    await until('the next keys to be announced', async () => {
      const { keys } = (await stack().get(endpoints.jwks)).body;
      expect(keys).toHaveLength(6);
    });
    const uri = `https://${unique('keys')}.example/jwks`;
    const remote = await createSigningClient(stack(), { jwks: undefined, jwks_uri: uri });
    const { fetch } = globalThis;
    let fetches = 0;
    globalThis.fetch = async (input, init) => {
      if (String(input) !== uri) return fetch(input, init);
      fetches++;
      return Response.json({ keys: [remote.publicJwk] });
    };
    try {
      for (const send of everywhere.toReversed())
        expect((await send(await remote.assert())).status).toBe(200);
      for (const send of everywhere)
        expect((await send(await client.assert({ iss: remote.id, sub: remote.id }))).status).toBe(
          401,
        );
      expect(fetches).toBe(1);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  describe('is refused as invalid_client, and no token is stored:', () => {
    const crafted: Record<string, (signer: SigningClient) => Promise<string>> = {
      'an assertion that lives longer than 5 minutes': ({ assert }) => assert({ exp: now() + 400 }),
      'an assertion without expiry': ({ assert }) => assert({ exp: undefined }),
      'an assertion with a huge exp': ({ assert }) => assert({ exp: 1e300 }),
      'an expired assertion': ({ assert }) => assert({ exp: now() - 60 }),
      'an assertion that is not valid yet': ({ assert }) => assert({ nbf: now() + 200 }),
      'an assertion for another audience': ({ assert }) => assert({ aud: 'https://other.example' }),
      'an assertion without audience': ({ assert }) => assert({ aud: undefined }),
      'an assertion issued by another client': ({ assert }) => assert({ iss: 'another' }),
      'an assertion without issuer': ({ assert }) => assert({ iss: undefined }),
      'an assertion without subject': ({ assert }) => assert({ sub: undefined }),
      'an assertion about an unknown client': ({ assert }) =>
        assert({ iss: 'nobody', sub: 'nobody' }),
      'an assertion without jti, which could be replayed': ({ assert }) =>
        assert({ jti: undefined }),
      'an assertion with the algorithm none': async ({ claims }) =>
        new UnsecuredJWT(claims()).encode(),
      'an assertion signed by another key under the same kid': async ({ claims }) =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'ES256', kid: 'one' })
          .sign((await generateKeyPair('ES256')).privateKey),
      'an HMAC with the public key as its secret': async ({ claims, publicJwk }) => {
        const publicKey = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })));
      },
      'an HMAC with the internal placeholder secret': ({ claims }) =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode('kept as a digest'.padEnd(32))),
      'an assertion whose payload was changed': async ({ assert }) => {
        const [header, payload, signature] = (await assert()).split('.');
        const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
        const changed = Buffer.from(JSON.stringify({ ...claims, jti: 'other' }));
        return [header, changed.toString('base64url'), signature].join('.');
      },
      'claims of the wrong types': ({ assert }) =>
        assert({ exp: 'soon', jti: { $ne: '' }, aud: 5 }),
    };

    test.each(Object.entries(crafted))('%s', async (_name, craft) => {
      const before = await storedTokens(stack());
      for (const send of everywhere)
        expect(await send(await craft(client))).toMatchObject({
          status: 401,
          body: { error: 'invalid_client' },
        });
      expect(await storedTokens(stack())).toBe(before);
    });

    test('the assertion of a client that authenticates with a secret', async () => {
      const other = await stack().api.createClient();
      const assertion = await client.assert({ iss: other.id, sub: other.id });
      expect((await token(assertion)).body.error).toBe('invalid_client');
      expect((await introspect(assertion, 'none')).body.error).toBe('invalid_client');
    });
  });

  test.each([
    ['that is not a JWT', { client_assertion_type: assertionType, client_assertion: 'nonsense' }],
    ['of malformed JSON', { client_assertion_type: assertionType, client_assertion: 'e30.e.e' }],
    ['of another type', { client_assertion_type: 'urn:other', client_assertion: 'e30.e30.e30' }],
    ['without a type', { client_assertion: 'e30.e30.e30' }],
  ])('an assertion %s is a bad request at every endpoint', async (_name, form) => {
    for (const path of ['/connect/token', '/connect/introspect', '/connect/revocation']) {
      const answer = await stack().post(path, {
        grant_type: 'client_credentials',
        token: 'none',
        ...form,
      } as Record<string, string>);
      expect([400, 401]).toContain(answer.status);
      expect(['invalid_request', 'invalid_client']).toContain(answer.body.error);
    }
  });
});
