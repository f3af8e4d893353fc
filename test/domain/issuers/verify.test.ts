// Tokens of trusted issuers: what is refused, and why.
import { beforeAll, expect, test } from '@jest/globals';
import type { JWTPayload } from 'jose';
import type { IssuerUse, TrustedIssuer } from '../../../src/domain/issuers/types.ts';
import { IssuedTokenRefusal } from '../../../src/domain/issuers/types.ts';
import { type Accepted, createVerifyIssued } from '../../../src/domain/issuers/verify.ts';
import { createIssuerKeys } from '../../../src/upstream/issuer-keys.ts';
import { type IssuerKey, issuerKey, podClaims } from '../../support/trusted-issuer.ts';

const self = 'https://login.acme.com';
const iss = 'https://cluster.acme.internal';

let key: IssuerKey;
let other: IssuerKey;
let issuer: TrustedIssuer;

beforeAll(async () => {
  [key, other] = await Promise.all([issuerKey(), issuerKey()]);
  issuer = {
    id: 'cluster',
    name: 'Cluster',
    issuer: iss,
    jwks_uri: null,
    jwks: { keys: [key.jwk as Record<string, unknown>] },
    algorithms: ['RS256', 'ES256'],
    audiences: [],
    uses: ['workload_identity'],
    rules: [],
    provider_id: null,
    max_age: 3600,
    token_lifetime: 3600,
    single_use: false,
    private_network: false,
    enabled: true,
    generation: '0198c0de-0000-7000-8000-000000000000',
    created_at: new Date(0),
    updated_at: new Date(0),
  };
});

const claims = (): JWTPayload => podClaims(iss, self, ['prod', 'api']);

const verify = (token: string, accepted: Partial<Accepted> = {}, settings = {}) =>
  createVerifyIssued({
    issuer: self,
    issuers: { byIssuer: async (name) => (name === iss ? { ...issuer, ...settings } : undefined) },
    keys: createIssuerKeys(),
  })(token, { use: 'workload_identity', ...accepted });

test('a token is verified by the keys of its issuer, and returned with its claims', async () => {
  const verified = await verify(await key.sign(claims()));
  expect(verified).toMatchObject({
    issuer: { id: 'cluster' },
    subject: 'system:serviceaccount:prod:api',
    header: { alg: 'ES256', kid: key.kid, typ: undefined },
    claims: { 'kubernetes.io': { namespace: 'prod' } },
  });
});

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const now = Math.floor(Date.now() / 1000);

/** Each gets a valid token's claims and returns a token that must be refused with the words. */
const refused: Record<string, [() => string | Promise<string>, RegExp]> = {
  'an empty text': [() => '', /not a JWT/],
  'no JWT': [() => 'a.b', /not a JWT/],
  'a JWE': [() => 'a.b.c.d.e', /not a JWT/],
  'a header that is no JSON': [() => `${encode('x')}.${encode(claims())}.c2ln`, /JSON object/],
  'claims that are a list': [() => `${encode({ alg: 'ES256' })}.${encode([])}.c2ln`, /JSON object/],
  'alg none': [() => `${encode({ alg: 'none' })}.${encode(claims())}.`, /no signature/],
  'alg none with a signature': [
    () => `${encode({ alg: 'none' })}.${encode(claims())}.c2ln`,
    /signed with none/,
  ],
  'a list of algorithms': [
    () => `${encode({ alg: ['ES256'] })}.${encode(claims())}.c2ln`,
    /signed with/,
  ],
  'an algorithm that is not among its own': [
    async () => (await issuerKey('ES384')).sign(claims()),
    /signed with ES384/,
  ],
  'HS256 with the public key as secret': [
    () => `${encode({ alg: 'HS256' })}.${encode(claims())}.c2ln`,
    /signed with HS256/,
  ],
  'another key': [() => other.sign(claims()), /No key of cluster/],
  'another key under the kid of the issuer': [
    () => other.sign(claims(), { kid: key.kid }),
    /No key of cluster/,
  ],
  'a key in the header': [
    () => other.sign(claims(), { jwk: other.jwk, kid: undefined }),
    /No key of cluster/,
  ],
  'a kid that is a path': [() => other.sign(claims(), { kid: '../../dev/null' }), /No key/],
  'a kid that is an object': [
    () => `${encode({ alg: 'ES256', kid: {} })}.${encode(claims())}.c2ln`,
    /kid/,
  ],
  'a long kid': [() => key.sign(claims(), { kid: 'k'.repeat(501) }), /kid/],
  'a critical header': [
    () =>
      `${encode({ alg: 'ES256', kid: key.kid, crit: ['exp'], exp: 1 })}.${encode(claims())}.c2ln`,
    /critical header/,
  ],
  'an ID-JAG': [() => key.sign(claims(), { typ: 'oauth-id-jag+jwt' }), /type \(typ\)/],
  'a logout token': [() => key.sign(claims(), { typ: 'logout+jwt' }), /type \(typ\)/],
  'an access token': [() => key.sign(claims(), { typ: 'application/at+jwt' }), /type \(typ\)/],
  'a typ that is a number': [
    () => `${encode({ alg: 'ES256', typ: 1 })}.${encode(claims())}.c2ln`,
    /typ/,
  ],
  'a changed claim': [
    async () => {
      const [header, , signature] = (await key.sign(claims())).split('.');
      return `${header}.${encode({ ...claims(), sub: 'system:serviceaccount:prod:root' })}.${signature}`;
    },
    /No key of cluster/,
  ],
  'a claim twice': [
    async () =>
      `${encode({ alg: 'ES256' })}.${encode(JSON.stringify(claims()).replace('{', '{"sub":"x",'))}.c2ln`,
    /distinct names/,
  ],
  'deep claims': [
    () =>
      `${encode({ alg: 'ES256' })}.${encode(`${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`)}.c2ln`,
    /JSON object/,
  ],
  'a huge token': [() => key.sign({ ...claims(), x: 'x'.repeat(20_000) }), /16000 characters/],
  'no iss': [() => key.sign({ ...claims(), iss: undefined } as never), /no iss/],
  'an iss that is a list': [() => key.sign({ ...claims(), iss: [iss] } as never), /no iss/],
  'an unknown iss': [() => key.sign({ ...claims(), iss: `${iss}/` }), /not trusted/],
  'an iss with line breaks': [() => key.sign({ ...claims(), iss: 'a\r\nb' }), /a\?\?b/],
  'no sub': [() => key.sign({ ...claims(), sub: undefined } as never), /no sub/],
  'an empty sub': [() => key.sign({ ...claims(), sub: '' }), /no sub/],
  'a sub that is an object': [() => key.sign({ ...claims(), sub: {} } as never), /no sub/],
  'a long sub': [() => key.sign({ ...claims(), sub: 's'.repeat(1_001) }), /too long/],
  'no aud': [() => key.sign({ ...claims(), aud: undefined } as never), /one audience/],
  'another aud': [() => key.sign({ ...claims(), aud: 'https://else.example' }), /is for/],
  'two audiences': [
    () => key.sign({ ...claims(), aud: [self, 'https://else.example'] }),
    /one audience/,
  ],
  'an empty list of audiences': [() => key.sign({ ...claims(), aud: [] }), /one audience/],
  'a nested list of audiences': [
    () => key.sign({ ...claims(), aud: [[self]] } as never),
    /one audience/,
  ],
  'an aud that begins like ours': [() => key.sign({ ...claims(), aud: `${self}.evil` }), /is for/],
  'no exp': [() => key.sign({ ...claims(), exp: undefined } as never), /no exp/],
  'an exp that is a text': [() => key.sign({ ...claims(), exp: `${now + 60}` } as never), /exp/],
  'an exp that is past': [() => key.sign({ ...claims(), exp: now - 40 }), /expired/],
  'an exp of the wrong unit': [() => key.sign({ ...claims(), exp: Date.now() * 1_000 }), /exp/],
  'an nbf in the future': [() => key.sign({ ...claims(), nbf: now + 120 }), /not valid yet/],
  'no iat': [() => key.sign({ ...claims(), iat: undefined } as never), /no iat/],
  'an iat in the future': [() => key.sign({ ...claims(), iat: now + 120 }), /in the future/],
  'an old iat': [() => key.sign({ ...claims(), iat: now - 4_000 }), /older than 3600/],
  'a jti that is a number': [() => key.sign({ ...claims(), jti: 1 } as never), /jti/],
};

test.each(Object.entries(refused))('%s is refused', async (_name, [make, words]) => {
  const token = await make();
  const refusal = await verify(token).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(IssuedTokenRefusal);
  expect((refusal as Error).message).toMatch(words);
});

test.each<[string, Partial<TrustedIssuer>, RegExp]>([
  ['is disabled', { enabled: false }, /not trusted/],
  ['has another use', { uses: ['id_jag'] as IssuerUse[] }, /not accepted for workload identity/],
  ['has another audience', { audiences: ['writ'] }, /Get one for writ/],
])('a token of an issuer that %s is refused', async (_name, settings, words) => {
  await expect(verify(await key.sign(claims()), {}, settings)).rejects.toThrow(words);
});

test('an algorithm of a key that is for another one is refused', async () => {
  const keys = [
    { ...key.jwk, alg: 'ES384' },
    { ...key.jwk, use: 'enc' },
  ];
  for (const jwk of keys)
    await expect(
      verify(await key.sign(claims()), {}, { jwks: { keys: [jwk] }, id: jwk.use }),
    ).rejects.toThrow(/No key/);
});

test('a token for the token endpoint, or for an audience of the issuer, is accepted', async () => {
  await verify(await key.sign({ ...claims(), aud: `${self}/connect/token` }));
  await verify(await key.sign({ ...claims(), aud: 'writ' }), {}, { audiences: ['writ'] });
});

test('clocks can differ by half a minute', async () => {
  await verify(await key.sign({ ...claims(), iat: now + 20, nbf: now + 20 }));
  await verify(await key.sign({ ...claims(), exp: now - 5 }));
});

test('a caller can ask for another type, and do without aud and exp', async () => {
  const accepted = { types: ['oauth-id-jag+jwt'] };
  await verify(await key.sign(claims(), { typ: 'oauth-id-jag+jwt' }), accepted);
  await expect(verify(await key.sign(claims()), accepted)).rejects.toThrow(
    /It must be oauth-id-jag/,
  );
  const bare = await key.sign({ iss, sub: 'software' });
  await expect(verify(bare)).rejects.toThrow(/one audience/);
  const software = { audienceIsOptional: true, expiryIsOptional: true };
  await verify(bare, software);
  await expect(
    verify(await key.sign({ iss, sub: 'software', aud: 'https://else.example' }), software),
  ).rejects.toThrow(/is for/);
});
