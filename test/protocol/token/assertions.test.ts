import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Client } from '../../../src/domain/clients/lookup.ts';
import {
  ClientRefusal,
  createAssertionVerifier,
  type RemoteKeys,
  readCredentials,
} from '../../../src/protocol/client-authentication.ts';
import { now } from './support.ts';

/** The verifier of client assertions (RFC 7523 §3); client-authentication.test.ts has its table of cases. */
const issuer = 'https://issuer.example';

let one: { privateKey: CryptoKey; jwk: JWK };
let two: typeof one;

const createKey = async (alg = 'ES256') => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey) };
};

beforeAll(async () => {
  one = await createKey();
  two = await createKey();
});

const clientOf = (metadata: Record<string, unknown>) =>
  ({ clientId: 'backend', metadata }) as unknown as Client;

const assert = (
  { privateKey }: { privateKey: CryptoKey },
  claims: Record<string, unknown> = {},
  header: { alg?: string; kid?: string } = {},
) =>
  new SignJWT({
    iss: 'backend',
    sub: 'backend',
    aud: issuer,
    jti: 'a',
    exp: now() + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(privateKey);

const noRemoteKeys = async (): Promise<RemoteKeys> => {
  throw new Error('this client has no jwks_uri');
};

const verify = createAssertionVerifier({ issuer, remoteKeys: noRemoteKeys });

/** The cached keys of a `jwks_uri`, and what a fetch returns or throws. */
function remote(atHand: JWK[], fetched: JWK[] | Error | 'recent') {
  let keys = atHand;
  let fetches = 0;
  const verifyRemote = createAssertionVerifier({
    issuer,
    remoteKeys: async () => ({
      current: () => keys,
      async refresh() {
        if (fetched === 'recent') return false;
        fetches++;
        if (fetched instanceof Error) throw fetched;
        keys = fetched;
        return true;
      },
    }),
  });
  const client = clientOf({ jwks_uri: 'https://backend.example/jwks' });
  return {
    verify: async (assertion: Promise<string>) => verifyRemote(client, await assertion),
    fetches: () => fetches,
  };
}

describe('registered keys', () => {
  test('a valid assertion returns the claims for replay detection', async () => {
    const exp = now() + 60;
    const assertion = await assert(one, { exp });
    expect(await verify(clientOf({ jwks: { keys: [one.jwk] } }), assertion)).toEqual({
      iss: 'backend',
      jti: 'a',
      exp,
    });
  });

  test('claims that are not understood are ignored (OpenID Connect Core §9)', async () => {
    const claims = { name: 'Backend', 'https://example.com/level': { high: true } };
    const client = clientOf({ jwks: { keys: [one.jwk] } });
    expect(await verify(client, await assert(one, claims))).toMatchObject({ jti: 'a' });
  });

  test('any of several matching keys without a kid can be the one', async () => {
    const client = clientOf({ jwks: { keys: [one.jwk, two.jwk] } });
    for (const key of [one, two]) expect(await verify(client, await assert(key))).toBeTruthy();
    await expect(verify(client, await assert(await createKey()))).rejects.toThrow(ClientRefusal);
    await expect(verify(client, await assert(two, { aud: 'other' }))).rejects.toMatchObject({
      reason: 'the claim aud of the assertion is invalid',
    });
  });

  test('of several keys with one kid the one that fits is found (FAPI 2.0 Security Profile §5.4.3)', async () => {
    const other = await createKey('EdDSA');
    const keys = [one, two, other].map(({ jwk }) => ({ ...jwk, kid: 'same' }));
    const client = clientOf({ jwks: { keys } });
    for (const key of [one, two])
      expect(await verify(client, await assert(key, {}, { kid: 'same' }))).toBeTruthy();
    const header = { alg: 'EdDSA', kid: 'same' };
    expect(await verify(client, await assert(other, {}, header))).toBeTruthy();
  });

  test('a client without keys is refused', async () => {
    for (const metadata of [{}, { jwks: { keys: [] } }])
      await expect(verify(clientOf(metadata), await assert(one))).rejects.toThrow(ClientRefusal);
  });

  test('the registered algorithm is the only one (OpenID Connect Registration §2)', async () => {
    const key = await createKey('EdDSA');
    const jwks = { keys: [one.jwk, key.jwk] };
    const client = clientOf({ jwks, token_endpoint_auth_signing_alg: 'EdDSA' });
    expect(await verify(client, await assert(key, {}, { alg: 'EdDSA' }))).toBeTruthy();
    await expect(verify(client, await assert(one))).rejects.toThrow(ClientRefusal);
  });

  test('an RSA key of less than 2048 bits verifies nothing (FAPI 2.0 Security Profile §5.4.1)', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: 'backend', sub: 'backend', aud: issuer, jti: 'a', exp: now() + 60 };
    const data = `${part({ alg: 'RS256' })}.${part(claims)}`;
    const verified = async (modulusLength: number) => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
      const assertion = `${data}.${sign('sha256', Buffer.from(data), privateKey).toString('base64url')}`;
      const keys = [publicKey.export({ format: 'jwk' }) as JWK];
      return verify(clientOf({ jwks: { keys } }), assertion);
    };
    expect(await verified(2048)).toBeTruthy();
    await expect(verified(1024)).rejects.toThrow(ClientRefusal);
  });

  test('an HMAC algorithm verifies nothing, even if it is registered', async () => {
    const secret = new TextEncoder().encode('x'.repeat(32));
    const jwks = { keys: [{ kty: 'oct', k: Buffer.from(secret).toString('base64url') }] };
    const assertion = await new SignJWT({ iss: 'backend', sub: 'backend', aud: issuer, jti: 'a' })
      .setExpirationTime('1m')
      .setProtectedHeader({ alg: 'HS256' })
      .sign(secret);
    for (const metadata of [{ jwks }, { jwks, token_endpoint_auth_signing_alg: 'HS256' }])
      await expect(verify(clientOf(metadata), assertion)).rejects.toThrow(ClientRefusal);
  });
});

describe('keys at a jwks_uri', () => {
  test('are fetched only if the cached ones do not verify', async () => {
    const keys = remote([one.jwk], [two.jwk]);
    await keys.verify(assert(one));
    expect(keys.fetches()).toBe(0);
    await keys.verify(assert(two));
    expect(keys.fetches()).toBe(1);
  });

  test('are not fetched again if the cached ones are recent', async () => {
    const keys = remote([one.jwk], 'recent');
    await expect(keys.verify(assert(two))).rejects.toThrow(ClientRefusal);
  });

  test('that cannot be fetched refuse the client, like a missing key', async () => {
    const keys = remote([], new Error('https://backend.example/jwks is unreachable'));
    await expect(keys.verify(assert(one))).rejects.toThrow('Client authentication failed');
    await expect(keys.verify(assert(one))).rejects.not.toMatchObject({
      reason: expect.stringContaining('backend.example'),
    });
  });
});

test('sub is the client, also in the other spelling of the id of an app’s client', async () => {
  const client = { ...clientOf({ jwks: { keys: [one.jwk] } }), clientId: 'app:backend' };
  for (const sub of ['app:backend', 'app~backend'])
    expect(await verify(client, await assert(one, { iss: 'app:backend', sub }))).toBeTruthy();
  for (const sub of ['app:other', undefined, ['app:backend']])
    await expect(
      verify(client, await assert(one, { iss: 'app:backend', sub })),
    ).rejects.toMatchObject({ reason: 'the claim sub of the assertion is invalid' });
});

test('the reason in the log quotes nothing of what was presented', async () => {
  const client = clientOf({ jwks: { keys: [one.jwk] } });
  const marked = 'what was presented';
  const assertions = [
    await assert(one, { iss: marked }),
    await assert(one, { aud: marked }),
    await assert(one, { exp: marked }),
    await assert(one, { jti: { marked } }),
    await assert(one, {}, { kid: marked }),
    `${Buffer.from(JSON.stringify({ alg: marked })).toString('base64url')}.e30.e30`,
    `${Buffer.from(JSON.stringify({ alg: 'ES256', crit: [marked], [marked]: 1 })).toString('base64url')}.e30.e30`,
    marked,
  ];
  for (const assertion of assertions) {
    const refusal = (await verify(client, assertion).catch((error) => error)) as ClientRefusal;
    expect(refusal).toBeInstanceOf(ClientRefusal);
    expect(refusal).toMatchObject({
      clientId: 'backend',
      message: expect.stringMatching(/^Client authentication failed/),
    });
    expect(refusal.reason).not.toContain(marked);
  }
});

test('credentials are read without being trusted', async () => {
  const assertion = await assert(one, { sub: 'anyone' });
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  expect(readCredentials('', { client_assertion: assertion, client_assertion_type: type })).toEqual(
    { method: 'assertion', clientId: 'anyone', assertion },
  );
  expect(readCredentials(`Basic ${btoa('a%3Ab:c+d')}`, {})).toEqual({
    method: 'secret',
    clientId: 'a:b',
    secret: 'c d',
  });
  expect(readCredentials('', { client_id: 'a', client_secret: 'b' })).toEqual({
    method: 'secret',
    clientId: 'a',
    secret: 'b',
  });
  expect(readCredentials('', { client_id: 'a' })).toEqual({ method: 'none', clientId: 'a' });
});
