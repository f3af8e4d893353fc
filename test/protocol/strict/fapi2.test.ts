import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
} from 'jose';
import { openApi } from '../../support/open-api.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import type { Visitor } from '../../support/visitor.ts';
import { asserted, now } from '../token/support.ts';
import {
  allowPushed,
  ath,
  codeFor,
  createDpopKey,
  createStrictClient,
  type DpopKey,
  type StrictClient,
} from './support.ts';

onStack((stack) => {
  let client: StrictClient;
  let visitor: Visitor;
  let key: DpopKey;
  beforeAll(async () => {
    client = await createStrictClient(stack());
    ({ visitor } = await signedIn(stack()));
    key = await createDpopKey();
  });

  const userinfo = async (token: string, from: DpopKey, scheme = 'DPoP') =>
    stack().get('/connect/userinfo', {
      authorization: `${scheme} ${token}`,
      DPoP: await from.prove('GET', `${stack().issuer}/connect/userinfo`, { ath: ath(token) }),
    });

  test('a person logs in: the request is pushed, the token is bound, and the response names the issuer', async () => {
    const nonce = 'n'.repeat(384);
    const state = 's'.repeat(1_000);
    const { answer, ...code } = await codeFor(visitor, client, {
      nonce,
      state,
      scope: 'openid offline_access',
    });
    expect(answer.searchParams.get('iss')).toBe(stack().issuer);
    expect(answer.searchParams.get('state')).toBe(state);
    const { status, body } = await client.redeem(code, key);
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    expect(decodeProtectedHeader(body.id_token).alg).toBe('ES256');
    expect(decodeJwt(body.id_token)).toMatchObject({ aud: client.id, nonce });
    expect((await userinfo(body.access_token, key)).status).toBe(200);
    const refreshed = await client.post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: body.refresh_token },
      await createDpopKey('EdDSA'),
    );
    expect(refreshed.body).toMatchObject({
      token_type: 'DPoP',
      refresh_token: body.refresh_token,
    });
  });

  test('a client gets tokens for itself, with each algorithm of assertions and proofs that the profile has', async () => {
    for (const keyAlg of ['PS256', 'ES256', 'EdDSA']) {
      const other = await createStrictClient(stack(), {}, { keyAlg });
      const { body } = await other.post(
        '/connect/token',
        { grant_type: 'client_credentials', scope: 'things:read' },
        await createDpopKey(keyAlg),
      );
      expect(body).toMatchObject({ token_type: 'DPoP', scope: 'things:read' });
    }
  });

  test('a login without OpenID Connect, state and nonce gives no ID token', async () => {
    const code = await codeFor(visitor, client, { scope: 'things:read', state: null });
    expect(code.answer.searchParams.has('state')).toBe(false);
    const { body } = await client.redeem(code, key);
    expect(body).toMatchObject({ token_type: 'DPoP', scope: 'things:read' });
    expect(body.id_token).toBeUndefined();
  });

  test('JWTs for a client of the profile are never signed with RS256', async () => {
    const other = await createStrictClient(stack());
    const path = `/resources/${encodeURIComponent(other.resource)}`;
    const get = () => other.post('/connect/token', { grant_type: 'client_credentials' }, key);
    await stack().api.call('PATCH', path, { token_format: 'jwt', signing_alg: 'RS256' });
    expect(await get()).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    await stack().api.call('PATCH', path, { signing_alg: 'EdDSA' });
    const { body } = await get();
    expect(decodeProtectedHeader(body.access_token).alg).toBe('EdDSA');
  });

  describe('the authorization endpoint and pushed requests', () => {
    test('a request that was not pushed is refused', async () => {
      const page = await visitor.get(
        `/connect/authorize?${new URLSearchParams({
          client_id: client.id,
          response_type: 'code',
          redirect_uri: client.redirectUri,
          scope: 'openid',
          code_challenge: 'x'.repeat(43),
          code_challenge_method: 'S256',
        })}`,
      );
      const said = page.location ? decodeURIComponent(page.location) : page.words;
      expect(said).toMatch(/must.push.its.requests/);
    });

    test.each<[string, Record<string, string | null>]>([
      ['without a code_challenge', { code_challenge: null, code_challenge_method: null }],
      ['with a plain code_challenge', { code_challenge_method: 'plain' }],
      ['with a code_challenge that names no method', { code_challenge_method: null }],
      ['without a redirect URI', { redirect_uri: null }],
      ['with another redirect URI', { redirect_uri: 'https://strict.test/back' }],
      ['with a longer redirect URI', { redirect_uri: 'https://strict.test/back?of=it&more' }],
      ['with a request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
      ['with another response type', { response_type: 'code id_token' }],
    ])('a pushed request %s is refused', async (_what, changes) => {
      const { status, body } = await client.push(changes);
      expect([status, typeof body.error]).toEqual([400, 'string']);
    });

    test('a pushed request is used once, and by its client only', async () => {
      const pushed = await client.push();
      const other = await createStrictClient(stack());
      const path = client.path(pushed.body.request_uri);
      const stolen = await visitor.get(path.replace(client.id, other.id));
      expect([stolen.location, stolen.status]).toEqual([null, 400]);
      await allowPushed(visitor, client, pushed);
      const again = await visitor.get(path);
      expect([again.location, again.status]).toEqual([null, 400]);
    });

    test('a pushed request can be opened again until the person has decided', async () => {
      const other = await createStrictClient(stack());
      const pushed = await other.push();
      const path = other.path(pushed.body.request_uri);
      expect((await visitor.get(path)).location).toMatch(/^\/consent\//);
      const url = await allowPushed(visitor, other, pushed);
      expect(url.searchParams.get('iss')).toBe(stack().issuer);
      expect((await visitor.get(path)).status).toBe(400);
    });

    test('a pushed request that has expired is refused', async () => {
      const page = await visitor.get(client.path('urn:ietf:params:oauth:request_uri:gone'));
      expect([page.location, page.status]).toEqual([null, 400]);
    });
  });

  describe('client assertions', () => {
    const tokenWith = async (assertion: string, form: Record<string, string> = {}) =>
      client.post(
        '/connect/token',
        { grant_type: 'client_credentials', ...asserted(assertion), ...form },
        key,
      );

    test.each<[string, () => Record<string, unknown>]>([
      ['the token endpoint as its audience', () => ({ aud: `${stack().issuer}/connect/token` })],
      ['its audience in an array', () => ({ aud: [stack().issuer] })],
      ['several audiences', () => ({ aud: [stack().issuer, 'https://other.test'] })],
      ['another issuer', () => ({ iss: 'https://other.test' })],
      ['no expiry', () => ({ exp: undefined })],
      ['an expiry in the past', () => ({ exp: now() - 60 })],
      ['an iat 61 seconds in the future', () => ({ iat: now() + 61, exp: now() + 120 })],
      ['an nbf 61 seconds in the future', () => ({ nbf: now() + 61, exp: now() + 120 })],
      ['no jti', () => ({ jti: undefined })],
    ])(
      'an assertion with %s is refused at the token endpoint and when a request is pushed',
      async (_what, changes) => {
        const refused = { status: 401, body: { error: 'invalid_client' } };
        expect(await tokenWith(await client.assert(changes()))).toMatchObject(refused);
        expect(await client.push(asserted(await client.assert(changes())))).toMatchObject(refused);
      },
    );

    test('an assertion whose iat or nbf is ten seconds in the future is accepted', async () => {
      const ahead = { iat: now() + 10, nbf: now() + 10, exp: now() + 60 };
      expect((await tokenWith(await client.assert(ahead))).status).toBe(200);
    });

    test('RS256 is refused, PS256 of the same key is accepted', async () => {
      const rsa = await createStrictClient(stack(), {}, { keyAlg: 'PS256' });
      const asRs256 = await importJWK(await exportJWK(rsa.key.privateKey), 'RS256');
      const assertion = await new SignJWT({
        iss: rsa.id,
        sub: rsa.id,
        aud: stack().issuer,
        jti: 'one',
        iat: now(),
        exp: now() + 60,
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .sign(asRs256);
      expect(await tokenWith(assertion)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
      expect((await tokenWith(await rsa.assert())).status).toBe(200);
    });

    test('a client without credentials, and one with a secret, is refused', async () => {
      for (const form of [{}, { client_secret: 'writ_cs_guessed' }]) {
        const { status, body } = await stack().post('/connect/token', {
          grant_type: 'client_credentials',
          client_id: client.id,
          ...form,
        });
        expect([status, body.error]).toEqual([401, 'invalid_client']);
      }
    });
  });

  describe('codes', () => {
    test('a code is redeemed once: a second time, also at once, revokes what it gave', async () => {
      const code = await codeFor(visitor, client, { scope: 'openid' });
      const { body } = await client.redeem(code, key);
      expect((await userinfo(body.access_token, key)).status).toBe(200);
      const again = await client.redeem(code, key);
      expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
      expect((await userinfo(body.access_token, key)).status).toBe(401);
    });

    test('a code is redeemed with its verifier, redirect URI and client', async () => {
      const other = await createStrictClient(stack());
      const code = await codeFor(visitor, client);
      for (const redeem of [
        () => client.redeem({ ...code, verifier: 'x'.repeat(43) }, key),
        () => client.redeem(code, key, { redirect_uri: 'https://strict.test/back' }),
        () => other.redeem(code, key, { redirect_uri: client.redirectUri }),
      ]) {
        const { status, body } = await redeem();
        expect([status, body.error]).toEqual([400, 'invalid_grant']);
      }
      expect((await client.redeem(code, key)).status).toBe(200);
    });

    test('a code that was requested with a key is redeemed with that key', async () => {
      for (const pushed of ['a proof', 'dpop_jkt'] as const) {
        const thumbprint = await jktOf(key);
        const code = await codeFor(
          visitor,
          client,
          pushed === 'dpop_jkt' ? { dpop_jkt: thumbprint } : {},
          pushed === 'a proof' ? key : undefined,
        );
        const other = await createDpopKey();
        expect(await client.redeem(code, other)).toMatchObject({
          status: 400,
          body: { error: 'invalid_grant' },
        });
        const { body } = await client.redeem(code, key);
        expect(body.token_type).toBe('DPoP');
      }
    });

    test('a pushed request with a wrong proof, or a dpop_jkt of another key, is refused (RFC 9449 §10.1)', async () => {
      const url = `${stack().issuer}/connect/par`;
      const wrong = await key.prove('POST', `${stack().issuer}/connect/token`);
      expect((await client.push({}, wrong)).body.error).toBe('invalid_dpop_proof');
      const other = await jktOf(await createDpopKey());
      expect(await client.push({ dpop_jkt: other }, key)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
      const both = await client.push({ dpop_jkt: await jktOf(key) }, await key.prove('POST', url));
      expect(both.status).toBe(201);
    });
  });

  /** The thumbprint of a key, as introspection says it. */
  async function jktOf(of: DpopKey): Promise<string> {
    const proof = await of.prove('POST', 'https://none.test');
    return calculateJwkThumbprint(decodeProtectedHeader(proof).jwk ?? {});
  }

  test('a client of an app that its Owner made strict gets bound tokens with its key, and none with a secret', async () => {
    const resource = await openApi(stack());
    const { app } = await stack().domain.apps.create(
      { kind: 'operator' },
      { displayName: unique('Bank'), name: unique('bank') },
    );
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const { status, body } = await stack().api.call('POST', `/apps/${app.name}/clients`, {
      name: 'worker',
      role: 'Reader',
      profile: 'fapi2',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] },
    });
    expect([status, body.client_secret, body.dpop_bound_access_tokens]).toEqual([
      201,
      undefined,
      true,
    ]);
    const assertion = () =>
      new SignJWT({
        iss: body.client_id,
        sub: body.client_id,
        aud: stack().issuer,
        jti: unique('jti'),
        iat: now(),
        exp: now() + 60,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .sign(privateKey);
    const token = async (from?: DpopKey) =>
      stack().post(
        '/connect/token',
        { grant_type: 'client_credentials', resource, ...asserted(await assertion()) },
        undefined,
        from ? { DPoP: await from.prove('POST', `${stack().issuer}/connect/token`) } : {},
      );
    expect((await token(key)).body.token_type).toBe('DPoP');
    expect((await token()).body.error).toBe('invalid_grant');
    const path = `/apps/${app.name}/clients/worker`;
    expect((await stack().api.call('POST', `${path}/secrets`)).status).toBe(409);
    // A token to try would be a bearer token.
    await expect(
      stack().domain.appClients.authorizeTrial({ kind: 'operator' }, app.name, 'worker'),
    ).rejects.toMatchObject({ code: 'conflict' });
    const weaker = await stack().api.call('PATCH', path, { dpop_bound_access_tokens: false });
    expect([weaker.status, weaker.body.error]).toEqual([400, 'invalid_client_metadata']);
  });

  test('no grant of the profile gives a token without a proof', async () => {
    const { body } = await client.redeem(
      await codeFor(visitor, client, { scope: 'openid offline_access' }),
      key,
    );
    const refreshing = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    for (const answer of [
      await client.post('/connect/token', { grant_type: 'client_credentials' }),
      await client.post('/connect/token', refreshing),
      await client.redeem(await codeFor(visitor, client)),
    ])
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    expect((await client.post('/connect/token', refreshing, key)).status).toBe(200);
  });
});
