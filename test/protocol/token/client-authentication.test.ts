import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { basic, type Credentials } from '../../support/http.ts';
import { onEveryStack, onStack, type Stack, unique } from '../../support/stacks.ts';
import { asserted, assertionType, createSigningClient, now } from './support.ts';

/**
 * Client authentication (RFC 6749 §2.3, RFC 7523 §3) as a table: what is sent, and the response of each
 * endpoint that authenticates clients.
 */
const endpoints = {
  token: '/connect/token',
  introspection: '/connect/introspect',
  revocation: '/connect/revocation',
  par: '/connect/par',
  device: '/connect/deviceauthorization',
} as const;

type Endpoint = keyof typeof endpoints;

const redirectUri = 'https://app.example/callback';

const grants = {
  grant_types: [
    'client_credentials',
    'authorization_code',
    'urn:ietf:params:oauth:grant-type:device_code',
  ],
  response_types: ['code'],
  redirect_uris: [redirectUri],
};

/** What each endpoint needs besides credentials for an authenticated request to succeed. */
const parameters: Record<Endpoint, [string, string][]> = {
  token: [['grant_type', 'client_credentials']],
  introspection: [['token', 'none']],
  revocation: [['token', 'none']],
  par: [
    ['response_type', 'code'],
    ['redirect_uri', redirectUri],
    ['code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
    ['code_challenge_method', 'S256'],
    ['scope', 'openid'],
  ],
  device: [],
};

/**
 * `accepted`, or the status, the error code and the scheme of the challenge, if any. A pushed request must
 * also name its client in the body, which is checked after authentication.
 */
type Outcome = string;

const accepted = 'accepted';
const badRequest = '400 invalid_request';
const refused = '401 invalid_client';
const challenged = '401 invalid_client Basic';

interface Sent {
  authorization?: string;
  form?: [string, string][] | Record<string, string>;
}

type Signer = Awaited<ReturnType<typeof createSigningClient>>;

interface Clients {
  byBasic: Credentials;
  byPost: Credentials;
  open: Credentials;
  disabled: Credentials;
  signer: Signer;
  otherSigner: Signer;
  /** Can name the token endpoint. */
  olderSigner: Signer;
  disabledSigner: Signer;
  /** Registered with an unreachable `jwks_uri`. */
  unreachable: Signer;
  /** Has an RSA key without `alg`, and another one for encryption. */
  rsa: { id: string; privateKey: KeyObject; encryptionKey: KeyObject };
}

type Send = (clients: Clients, place: { issuer: string; url: string }) => Sent | Promise<Sent>;

type Row = [what: string, send: Send, expected: Outcome | Record<Endpoint, Outcome>];

const post = ({ id, secret }: Credentials): [string, string][] => [
  ['client_id', id],
  ['client_secret', secret],
];
const assertion = async (value: string | Promise<string>): Promise<Sent> => ({
  form: asserted(await value),
});

const names = Object.keys(endpoints) as Endpoint[];

const everywhere = (outcome: Outcome): Record<Endpoint, Outcome> =>
  Object.fromEntries(names.map((name) => [name, outcome])) as Record<Endpoint, Outcome>;

/** A public client cannot use client_credentials or introspect; elsewhere it is accepted. */
const openAccepted = {
  token: '400 unauthorized_client',
  introspection: refused,
  revocation: accepted,
  par: accepted,
  device: accepted,
};

const unsigned = (claims: Record<string, unknown>) => new UnsecuredJWT(claims).encode();

const signed = (
  signer: Signer,
  {
    claims = {},
    header = {},
    key = signer.privateKey,
  }: {
    claims?: Record<string, unknown>;
    header?: Partial<JWTHeaderParameters>;
    key?: CryptoKey | Uint8Array;
  },
) =>
  new SignJWT(signer.claims(claims))
    .setProtectedHeader({ alg: 'ES256', kid: 'one', ...header })
    .sign(key);

const rsaAssertion = (
  { rsa }: Clients,
  issuer: string,
  header: JWTHeaderParameters,
  key = rsa.privateKey,
) =>
  new SignJWT({
    iss: rsa.id,
    sub: rsa.id,
    aud: issuer,
    jti: randomUUID(),
    exp: now() + 60,
  })
    .setProtectedHeader(header)
    .sign(key);

/** Replaces one part of a JWT. */
const withPart = async (index: 0 | 1 | 2, text: string, jwt: Promise<string>): Promise<string> => {
  const parts = (await jwt).split('.');
  parts[index] = text;
  return parts.join('.');
};

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const noneOrMany: Row[] = [
  ['no credentials', () => ({}), refused],
  ['empty credentials', () => ({ form: { client_id: '', client_secret: '' } }), refused],
  [
    'a secret without a client',
    ({ byPost }) => ({ form: { client_secret: byPost.secret } }),
    refused,
  ],
  [
    'an empty Authorization header',
    ({ byPost }) => ({ authorization: '', form: post(byPost) }),
    accepted,
  ],
  [
    'a Basic header and the same secret in the body',
    ({ byBasic }) => ({ authorization: basic(byBasic), form: post(byBasic) }),
    badRequest,
  ],
  [
    'a Basic header and the secret of another client in the body',
    ({ byBasic, byPost }) => ({ authorization: basic(byBasic), form: post(byPost) }),
    badRequest,
  ],
  [
    'a Basic header and a secret without a client in the body',
    ({ byBasic }) => ({ authorization: basic(byBasic), form: { client_secret: byBasic.secret } }),
    badRequest,
  ],
  [
    'a wrong Basic header and the right secret in the body',
    ({ byPost }) => ({ authorization: basic({ ...byPost, secret: 'wrong' }), form: post(byPost) }),
    badRequest,
  ],
  [
    'a Basic header and an empty secret in the body',
    ({ byBasic }) => ({ authorization: basic(byBasic), form: { client_secret: '' } }),
    accepted,
  ],
  [
    'a Basic header and the same client in the body',
    ({ byBasic }) => ({ authorization: basic(byBasic), form: { client_id: byBasic.id } }),
    accepted,
  ],
  [
    'a Basic header and another client in the body',
    ({ byBasic, byPost }) => ({ authorization: basic(byBasic), form: { client_id: byPost.id } }),
    badRequest,
  ],
  [
    'a Basic header and an empty client in the body',
    ({ byBasic }) => ({ authorization: basic(byBasic), form: { client_id: '' } }),
    accepted,
  ],
  [
    'client_id twice',
    ({ byPost }) => ({ form: [...post(byPost), ['client_id', byPost.id]] }),
    badRequest,
  ],
  [
    'client_id twice with a Basic header',
    ({ byBasic }) => ({
      authorization: basic(byBasic),
      form: [
        ['client_id', byBasic.id],
        ['client_id', byBasic.id],
      ],
    }),
    badRequest,
  ],
  [
    'client_secret twice, the same',
    ({ byPost }) => ({ form: [...post(byPost), ['client_secret', byPost.secret]] }),
    badRequest,
  ],
  [
    'client_secret twice, the second wrong',
    ({ byPost }) => ({ form: [...post(byPost), ['client_secret', 'wrong']] }),
    badRequest,
  ],
  [
    'client_secret twice, the first empty',
    ({ byPost }) => ({ form: [['client_secret', ''], ...post(byPost)] }),
    badRequest,
  ],
  [
    'client_assertion twice',
    async ({ signer }) => ({
      form: [
        ...Object.entries(asserted(await signer.assert())),
        ['client_assertion', await signer.assert()],
      ],
    }),
    badRequest,
  ],
  [
    'client_assertion_type twice',
    async ({ signer }) => ({
      form: [
        ...Object.entries(asserted(await signer.assert())),
        ['client_assertion_type', assertionType],
      ],
    }),
    badRequest,
  ],
  [
    'an assertion and a secret',
    async ({ signer, byPost }) => ({
      form: [...Object.entries(asserted(await signer.assert())), ...post(byPost)],
    }),
    badRequest,
  ],
  [
    'an assertion and a secret without a client',
    async ({ signer }) => ({ form: { ...asserted(await signer.assert()), client_secret: 'any' } }),
    badRequest,
  ],
  [
    'an assertion and an empty secret',
    async ({ signer }) => ({ form: { ...asserted(await signer.assert()), client_secret: '' } }),
    accepted,
  ],
  [
    'an assertion and a Basic header',
    async ({ signer, byBasic }) => ({
      authorization: basic(byBasic),
      form: asserted(await signer.assert()),
    }),
    badRequest,
  ],
  [
    'an assertion and a Basic header of its own client',
    async ({ signer }) => ({
      authorization: basic({ id: signer.id, secret: 'any' }),
      form: asserted(await signer.assert()),
    }),
    badRequest,
  ],
  [
    'an assertion and a bearer token',
    async ({ signer }) => ({ authorization: 'Bearer any', form: asserted(await signer.assert()) }),
    badRequest,
  ],
  [
    'an empty assertion with a Basic header',
    ({ byBasic }) => ({
      authorization: basic(byBasic),
      form: { client_assertion: '', client_assertion_type: '' },
    }),
    accepted,
  ],
  [
    'an assertion type without an assertion with a Basic header',
    ({ byBasic }) => ({
      authorization: basic(byBasic),
      form: { client_assertion_type: assertionType },
    }),
    accepted,
  ],
  [
    'an assertion type without an assertion with a secret',
    ({ byPost }) => ({ form: [...post(byPost), ['client_assertion_type', assertionType]] }),
    accepted,
  ],
];

const secrets: Row[] = [
  ['the secret in a Basic header', ({ byBasic }) => ({ authorization: basic(byBasic) }), accepted],
  ['the secret in the body', ({ byPost }) => ({ form: post(byPost) }), accepted],
  [
    'a Basic header of a client registered for the body',
    ({ byPost }) => ({ authorization: basic(byPost) }),
    accepted,
  ],
  [
    'the body of a client registered for Basic',
    ({ byBasic }) => ({ form: post(byBasic) }),
    accepted,
  ],
  [
    'an unknown client in a Basic header',
    () => ({ authorization: basic({ id: 'unknown', secret: 'any' }) }),
    challenged,
  ],
  [
    'an unknown client in the body',
    () => ({ form: post({ id: 'unknown', secret: 'any' }) }),
    refused,
  ],
  ['an unknown client without a secret', () => ({ form: { client_id: 'unknown' } }), refused],
  [
    'a wrong secret in a Basic header',
    ({ byBasic }) => ({ authorization: basic({ ...byBasic, secret: 'wrong' }) }),
    challenged,
  ],
  [
    'a wrong secret in the body',
    ({ byPost }) => ({ form: post({ ...byPost, secret: 'wrong' }) }),
    refused,
  ],
  [
    'the secret of another client',
    ({ byBasic, byPost }) => ({ authorization: basic({ id: byBasic.id, secret: byPost.secret }) }),
    challenged,
  ],
  [
    'the internal placeholder secret',
    ({ byPost }) => ({ form: post({ ...byPost, secret: 'kept as a digest' }) }),
    refused,
  ],
  [
    'a confidential client without a secret',
    ({ byPost }) => ({ form: { client_id: byPost.id } }),
    refused,
  ],
  [
    'a confidential client with an empty secret in the body',
    ({ byPost }) => ({ form: { client_id: byPost.id, client_secret: '' } }),
    refused,
  ],
  [
    'an unknown client with an empty secret in a Basic header',
    () => ({ authorization: basic({ id: 'unknown', secret: '' }) }),
    challenged,
  ],
  [
    'a public client with an empty secret in a Basic header and in the body',
    ({ open }) => ({
      authorization: basic({ ...open, secret: '' }),
      form: { client_id: open.id, client_secret: '' },
    }),
    { ...openAccepted, introspection: challenged },
  ],
  [
    'a client that signs, with an empty secret in a Basic header',
    ({ signer }) => ({ authorization: basic({ id: signer.id, secret: '' }) }),
    challenged,
  ],
  [
    'a confidential client with an empty secret in a Basic header',
    ({ byBasic }) => ({ authorization: basic({ ...byBasic, secret: '' }) }),
    challenged,
  ],
  [
    'a disabled client in a Basic header',
    ({ disabled }) => ({ authorization: basic(disabled) }),
    challenged,
  ],
  ['a disabled client in the body', ({ disabled }) => ({ form: post(disabled) }), refused],
  ['a public client', ({ open }) => ({ form: { client_id: open.id } }), openAccepted],
  [
    'a public client with an empty secret in the body',
    ({ open }) => ({ form: { client_id: open.id, client_secret: '' } }),
    openAccepted,
  ],
  [
    'a public client with an empty secret in a Basic header',
    ({ open }) => ({ authorization: basic({ ...open, secret: '' }) }),
    { ...openAccepted, introspection: challenged },
  ],
  [
    'a public client with a secret in a Basic header',
    ({ open }) => ({ authorization: basic({ ...open, secret: 'any' }) }),
    challenged,
  ],
  [
    'a public client with a secret in the body',
    ({ open }) => ({ form: post({ ...open, secret: 'any' }) }),
    refused,
  ],
  [
    'a client that signs, with a secret',
    ({ signer }) => ({ form: post({ id: signer.id, secret: 'any' }) }),
    refused,
  ],
  [
    'a client that signs with a secret in a Basic header',
    ({ signer }) => ({ authorization: basic({ id: signer.id, secret: 'any' }) }),
    challenged,
  ],
  [
    'a client that signs, without an assertion',
    ({ signer }) => ({ form: { client_id: signer.id } }),
    refused,
  ],
  ['a scheme that is not Basic', () => ({ authorization: 'Bearer any' }), challenged],
  [
    'a scheme that is not Basic with a public client',
    ({ open }) => ({ authorization: 'Bearer any', form: { client_id: open.id } }),
    challenged,
  ],
  ['Basic without credentials', () => ({ authorization: 'Basic' }), challenged],
  [
    'Basic with more than one word',
    ({ byBasic }) => ({ authorization: `${basic(byBasic)} more` }),
    challenged,
  ],
  [
    'Basic in lower case',
    ({ byBasic }) => ({ authorization: basic(byBasic).replace('Basic', 'basic') }),
    accepted,
  ],
  [
    'Basic after two spaces',
    ({ byBasic }) => ({ authorization: basic(byBasic).replace(' ', '  ') }),
    accepted,
  ],
  ['Basic that is not base64', () => ({ authorization: 'Basic ???' }), challenged],
  ['Basic in base64url', () => ({ authorization: 'Basic YT_-OmI' }), challenged],
  ['Basic of an invalid length', () => ({ authorization: 'Basic YTpi=' }), challenged],
  [
    'Basic without its padding',
    ({ byBasic }) => ({ authorization: basic(byBasic).replace(/=+$/, '') }),
    accepted,
  ],
  ['Basic without a colon', () => ({ authorization: `Basic ${btoa('unknown')}` }), challenged],
  ['Basic without a client', () => ({ authorization: `Basic ${btoa(':secret')}` }), challenged],
  ['Basic with only a colon', () => ({ authorization: `Basic ${btoa(':')}` }), challenged],
  [
    'Basic with a broken percent-encoding',
    ({ byBasic }) => ({ authorization: `Basic ${btoa(`${byBasic.id}:%zz`)}` }),
    challenged,
  ],
  [
    'Basic with a control character',
    ({ byBasic }) => ({ authorization: `Basic ${btoa(`${byBasic.id}:a%00b`)}` }),
    challenged,
  ],
  [
    'Basic with a character outside ASCII',
    ({ byBasic }) => ({ authorization: `Basic ${btoa(`${byBasic.id}:%C3%A9`)}` }),
    challenged,
  ],
  [
    'Basic with a colon in the secret',
    ({ byBasic }) => ({ authorization: `Basic ${btoa(`${byBasic.id}:a:b`)}` }),
    challenged,
  ],
  ['a client_id with a NUL', () => ({ form: post({ id: 'a\0b', secret: 'any' }) }), badRequest],
];

const assertions: Row[] = [
  ['an assertion', ({ signer }) => assertion(signer.assert()), accepted],
  [
    'an assertion and its client',
    async ({ signer }) => ({ form: { ...asserted(await signer.assert()), client_id: signer.id } }),
    accepted,
  ],
  [
    'an assertion and another client',
    async ({ signer, byPost }) => ({
      form: { ...asserted(await signer.assert()), client_id: byPost.id },
    }),
    badRequest,
  ],
  [
    'an assertion and an unknown client',
    async ({ signer }) => ({ form: { ...asserted(await signer.assert()), client_id: 'unknown' } }),
    badRequest,
  ],
  [
    'an assertion without its type',
    async ({ signer }) => ({ form: { client_assertion: await signer.assert() } }),
    refused,
  ],
  [
    'an assertion with an empty type',
    async ({ signer }) => ({
      form: { client_assertion: await signer.assert(), client_assertion_type: '' },
    }),
    refused,
  ],
  [
    'an assertion with another type',
    async ({ signer }) => ({
      form: {
        client_assertion: await signer.assert(),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
      },
    }),
    refused,
  ],
  [
    'an assertion type in capitals',
    async ({ signer }) => ({
      form: {
        client_assertion: await signer.assert(),
        client_assertion_type: assertionType.toUpperCase(),
      },
    }),
    refused,
  ],
  [
    'an assertion type without an assertion',
    () => ({ form: { client_assertion_type: assertionType } }),
    refused,
  ],
  ['an empty assertion', () => assertion(''), refused],
  [
    'an empty assertion and a client that signs',
    ({ signer }) => ({ form: { ...asserted(''), client_id: signer.id } }),
    refused,
  ],
  [
    'an empty assertion and a public client',
    ({ open }) => ({ form: { ...asserted(''), client_id: open.id } }),
    openAccepted,
  ],
  ['an assertion that is not a JWT', () => assertion('nonsense'), refused],
  ['an assertion of two parts', () => assertion('e30.e30'), refused],
  ['an assertion of five parts', () => assertion('e30.e30.e30.e30.e30'), refused],
  [
    'an assertion whose payload is not JSON',
    ({ signer }) => assertion(withPart(1, encoded('nonsense'), signer.assert())),
    refused,
  ],
  [
    'an assertion whose payload is a list',
    ({ signer }) => assertion(withPart(1, encoded([]), signer.assert())),
    refused,
  ],
  [
    'an assertion whose payload is null',
    ({ signer }) => assertion(withPart(1, encoded('null'), signer.assert())),
    refused,
  ],
  [
    'an assertion whose header is not JSON',
    ({ signer }) => assertion(withPart(0, encoded('nonsense'), signer.assert())),
    refused,
  ],
  [
    'an assertion without a header',
    ({ signer }) => assertion(withPart(0, '', signer.assert())),
    refused,
  ],
  [
    'an assertion of a client that has a secret',
    ({ signer, byBasic }) => assertion(signer.assert({ iss: byBasic.id, sub: byBasic.id })),
    refused,
  ],
  [
    'an assertion of a public client',
    ({ signer, open }) => assertion(signer.assert({ iss: open.id, sub: open.id })),
    refused,
  ],
  [
    'an assertion of an unknown client',
    ({ signer }) => assertion(signer.assert({ iss: 'unknown', sub: 'unknown' })),
    refused,
  ],
  [
    'an assertion of a disabled client',
    ({ disabledSigner }) => assertion(disabledSigner.assert()),
    refused,
  ],
  [
    'an assertion of a client whose keys cannot be fetched',
    ({ unreachable }) => assertion(unreachable.assert()),
    refused,
  ],
];

const claims: Row[] = [
  [
    'iss is another client',
    ({ signer, byBasic }) => assertion(signer.assert({ iss: byBasic.id })),
    refused,
  ],
  [
    'iss is the issuer',
    ({ signer }, { issuer }) => assertion(signer.assert({ iss: issuer })),
    refused,
  ],
  ['iss is missing', ({ signer }) => assertion(signer.assert({ iss: undefined })), refused],
  ['iss is empty', ({ signer }) => assertion(signer.assert({ iss: '' })), refused],
  ['iss is a list', ({ signer }) => assertion(signer.assert({ iss: [signer.id] })), refused],
  [
    'sub is another client that signs',
    ({ signer, otherSigner }) => assertion(signer.assert({ sub: otherSigner.id })),
    refused,
  ],
  [
    'iss and sub are another client that signs',
    ({ signer, otherSigner }) =>
      assertion(signer.assert({ iss: otherSigner.id, sub: otherSigner.id })),
    refused,
  ],
  ['sub is missing', ({ signer }) => assertion(signer.assert({ sub: undefined })), refused],
  [
    'sub is missing, and client_id is there',
    async ({ signer }) => ({
      form: { ...asserted(await signer.assert({ sub: undefined })), client_id: signer.id },
    }),
    refused,
  ],
  ['sub is empty', ({ signer }) => assertion(signer.assert({ sub: '' })), refused],
  ['sub is a number', ({ signer }) => assertion(signer.assert({ sub: 5 })), refused],
  ['sub is a list', ({ signer }) => assertion(signer.assert({ sub: [signer.id] })), refused],
  ['sub is an object', ({ signer }) => assertion(signer.assert({ sub: { $ne: '' } })), refused],
  [
    'sub has a NUL',
    ({ signer }) => assertion(signer.assert({ iss: 'a\0b', sub: 'a\0b' })),
    refused,
  ],
  [
    'aud is the issuer',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: issuer })),
    accepted,
  ],
  [
    'aud is the token endpoint',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: `${issuer}/connect/token` })),
    refused,
  ],
  [
    'aud is the token endpoint, for a client registered so',
    ({ olderSigner }, { issuer }) =>
      assertion(olderSigner.assert({ aud: `${issuer}/connect/token` })),
    accepted,
  ],
  [
    'aud is the issuer and the token endpoint, for a client registered so',
    ({ olderSigner }, { issuer }) =>
      assertion(olderSigner.assert({ aud: [issuer, `${issuer}/connect/token`] })),
    refused,
  ],
  [
    'aud is the authorization endpoint',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: `${issuer}/connect/authorize` })),
    refused,
  ],
  [
    'aud is the endpoint that it is sent to',
    ({ signer }, { url }) => assertion(signer.assert({ aud: url })),
    refused,
  ],
  [
    'aud is the issuer with a slash',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: `${issuer}/` })),
    refused,
  ],
  [
    'aud is the issuer in capitals',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: issuer.toUpperCase() })),
    refused,
  ],
  [
    'aud is a list of the issuer',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: [issuer] })),
    accepted,
  ],
  [
    'aud is a list of the issuer and another',
    ({ signer }, { issuer }) =>
      assertion(signer.assert({ aud: ['https://other.example', issuer] })),
    refused,
  ],
  [
    'aud is a list of others',
    ({ signer }) => assertion(signer.assert({ aud: ['https://other.example'] })),
    refused,
  ],
  [
    'aud is a list of the issuer and a number',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: [issuer, 5] })),
    refused,
  ],
  ['aud is an empty list', ({ signer }) => assertion(signer.assert({ aud: [] })), refused],
  [
    'aud is another server',
    ({ signer }) => assertion(signer.assert({ aud: 'https://other.example' })),
    refused,
  ],
  ['aud is the client', ({ signer }) => assertion(signer.assert({ aud: signer.id })), refused],
  ['aud is missing', ({ signer }) => assertion(signer.assert({ aud: undefined })), refused],
  ['aud is empty', ({ signer }) => assertion(signer.assert({ aud: '' })), refused],
  ['aud is a number', ({ signer }) => assertion(signer.assert({ aud: 5 })), refused],
  [
    'aud is an object',
    ({ signer }, { issuer }) => assertion(signer.assert({ aud: { [issuer]: issuer } })),
    refused,
  ],
  ['exp is missing', ({ signer }) => assertion(signer.assert({ exp: undefined })), refused],
  ['exp is long past', ({ signer }) => assertion(signer.assert({ exp: now() - 60 })), refused],
  [
    'exp is past within the clock tolerance',
    ({ signer }) => assertion(signer.assert({ exp: now() - 5 })),
    accepted,
  ],
  [
    'exp is in less than 5 minutes',
    ({ signer }) => assertion(signer.assert({ exp: now() + 290 })),
    accepted,
  ],
  [
    'exp is in more than 5 minutes',
    ({ signer }) => assertion(signer.assert({ exp: now() + 310 })),
    refused,
  ],
  ['exp is huge', ({ signer }) => assertion(signer.assert({ exp: 1e300 })), refused],
  ['exp is zero', ({ signer }) => assertion(signer.assert({ exp: 0 })), refused],
  ['exp is negative', ({ signer }) => assertion(signer.assert({ exp: -1 })), refused],
  ['exp is a fraction', ({ signer }) => assertion(signer.assert({ exp: now() + 60.5 })), accepted],
  ['exp is text', ({ signer }) => assertion(signer.assert({ exp: `${now() + 60}` })), refused],
  ['exp is null', ({ signer }) => assertion(signer.assert({ exp: null })), refused],
  ['iat is missing', ({ signer }) => assertion(signer.assert({ iat: undefined })), accepted],
  [
    'iat is in the future',
    ({ signer }) => assertion(signer.assert({ iat: now() + 200 })),
    accepted,
  ],
  [
    'iat is a year ago',
    ({ signer }) => assertion(signer.assert({ iat: now() - 31_536_000 })),
    accepted,
  ],
  ['iat is text', ({ signer }) => assertion(signer.assert({ iat: 'now' })), refused],
  ['iat is null', ({ signer }) => assertion(signer.assert({ iat: null })), refused],
  ['nbf is past', ({ signer }) => assertion(signer.assert({ nbf: now() - 10 })), accepted],
  [
    'nbf is in the future within the clock tolerance',
    ({ signer }) => assertion(signer.assert({ nbf: now() + 5 })),
    accepted,
  ],
  ['nbf is in the future', ({ signer }) => assertion(signer.assert({ nbf: now() + 200 })), refused],
  ['nbf is text', ({ signer }) => assertion(signer.assert({ nbf: 'now' })), refused],
  ['nbf is null', ({ signer }) => assertion(signer.assert({ nbf: null })), refused],
  ['jti is missing', ({ signer }) => assertion(signer.assert({ jti: undefined })), refused],
  ['jti is empty', ({ signer }) => assertion(signer.assert({ jti: '' })), refused],
  ['jti is a number', ({ signer }) => assertion(signer.assert({ jti: Math.random() })), refused],
  ['jti is an object', ({ signer }) => assertion(signer.assert({ jti: { $ne: '' } })), refused],
  [
    'jti is long',
    ({ signer }) => assertion(signer.assert({ jti: `${randomUUID()}${'x'.repeat(5_000)}` })),
    accepted,
  ],
  [
    'jti has a NUL',
    ({ signer }) => assertion(signer.assert({ jti: `${randomUUID()}\0` })),
    accepted,
  ],
];

const signatures: Row[] = [
  ['the algorithm none', ({ signer }) => assertion(unsigned(signer.claims())), refused],
  [
    'the algorithm none and a signature',
    ({ signer }) => assertion(withPart(0, encoded({ alg: 'none' }), signer.assert())),
    refused,
  ],
  [
    'no algorithm',
    ({ signer }) => assertion(withPart(0, encoded({ kid: 'one' }), signer.assert())),
    refused,
  ],
  [
    'an algorithm that is a number',
    ({ signer }) => assertion(withPart(0, encoded({ alg: 5, kid: 'one' }), signer.assert())),
    refused,
  ],
  [
    'HS256 with the public key as its secret',
    ({ signer }) =>
      assertion(
        signed(signer, {
          header: { alg: 'HS256' },
          key: Buffer.from(
            createPublicKey({ key: signer.publicJwk as JsonWebKey, format: 'jwk' }).export({
              type: 'spki',
              format: 'pem',
            }),
          ),
        }),
      ),
    refused,
  ],
  [
    'HS256 with the internal placeholder secret',
    ({ signer }) =>
      assertion(
        signed(signer, {
          header: { alg: 'HS256' },
          key: new TextEncoder().encode('kept as a digest'.padEnd(32)),
        }),
      ),
    refused,
  ],
  [
    'HS256 by a client that has a secret',
    ({ signer, byBasic }) =>
      assertion(
        signed(signer, {
          claims: { iss: byBasic.id, sub: byBasic.id },
          header: { alg: 'HS256' },
          key: new TextEncoder().encode(byBasic.secret),
        }),
      ),
    refused,
  ],
  [
    'ES384 with a key for ES256',
    async ({ signer }) =>
      assertion(
        signed(signer, {
          header: { alg: 'ES384' },
          key: (await generateKeyPair('ES384')).privateKey,
        }),
      ),
    refused,
  ],
  [
    'RS256 with a key for ES256',
    async ({ signer }) =>
      assertion(
        signed(signer, {
          header: { alg: 'RS256' },
          key: (await generateKeyPair('RS256')).privateKey,
        }),
      ),
    refused,
  ],
  [
    'another key under the same kid',
    async ({ signer }) =>
      assertion(signed(signer, { key: (await generateKeyPair('ES256')).privateKey })),
    refused,
  ],
  [
    'the key of another client',
    ({ signer, otherSigner }) => assertion(signed(signer, { key: otherSigner.privateKey })),
    refused,
  ],
  [
    'its own key under an unknown kid',
    ({ signer }) => assertion(signed(signer, { header: { kid: 'two' } })),
    refused,
  ],
  [
    'no kid',
    ({ signer }) => assertion(signed(signer, { header: { kid: undefined as never } })),
    accepted,
  ],
  [
    'a kid that is a number',
    ({ signer }) => assertion(signed(signer, { header: { kid: 1 as never } })),
    refused,
  ],
  [
    'a foreign key in the header',
    async ({ signer }) => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      return assertion(
        signed(signer, { header: { jwk: (await exportJWK(publicKey)) as never }, key: privateKey }),
      );
    },
    refused,
  ],
  ['typ JWT', ({ signer }) => assertion(signed(signer, { header: { typ: 'JWT' } })), accepted],
  [
    'typ client-authentication+jwt',
    ({ signer }) => assertion(signed(signer, { header: { typ: 'client-authentication+jwt' } })),
    accepted,
  ],
  [
    'another typ',
    ({ signer }) => assertion(signed(signer, { header: { typ: 'at+jwt' } })),
    accepted,
  ],
  [
    'a critical header that is not understood',
    ({ signer }) =>
      assertion(
        withPart(0, encoded({ alg: 'ES256', kid: 'one', crit: ['x'], x: 1 }), signer.assert()),
      ),
    refused,
  ],
  [
    'a changed payload',
    ({ signer }) => assertion(withPart(1, encoded(signer.claims()), signer.assert())),
    refused,
  ],
  ['an empty signature', ({ signer }) => assertion(withPart(2, '', signer.assert())), refused],
  [
    'a truncated signature',
    ({ signer }) => assertion(signer.assert().then((jwt) => jwt.slice(0, -4))),
    refused,
  ],
  [
    'RS256 by a key without alg',
    (clients, { issuer }) => assertion(rsaAssertion(clients, issuer, { alg: 'RS256', kid: 'rsa' })),
    accepted,
  ],
  [
    'PS256 by a key without alg',
    (clients, { issuer }) => assertion(rsaAssertion(clients, issuer, { alg: 'PS256', kid: 'rsa' })),
    accepted,
  ],
  [
    'RS512 by a key without alg',
    (clients, { issuer }) => assertion(rsaAssertion(clients, issuer, { alg: 'RS512', kid: 'rsa' })),
    refused,
  ],
  [
    'RS256 by the matching one of two keys without kid',
    (clients, { issuer }) => assertion(rsaAssertion(clients, issuer, { alg: 'RS256' })),
    accepted,
  ],
  [
    'a key for encryption',
    (clients, { issuer }) =>
      assertion(
        rsaAssertion(clients, issuer, { alg: 'RS256', kid: 'enc' }, clients.rsa.encryptionKey),
      ),
    refused,
  ],
];

const tables: Record<string, Row[]> = {
  'none, or more than one way:': noneOrMany,
  'a secret:': secrets,
  'an assertion:': assertions,
  'an assertion in which': claims,
  'an assertion signed by': signatures,
};

/** The result of sending it to an endpoint. */
const outcomeOf = async (
  stack: Stack,
  endpoint: Endpoint,
  { authorization, form = {} }: Sent,
): Promise<Outcome> => {
  const { status, body, headers } = await stack.post(
    endpoints[endpoint],
    [...parameters[endpoint], ...(Array.isArray(form) ? form : Object.entries(form))],
    undefined,
    authorization === undefined ? {} : { authorization },
  );
  const onlyNamesNoClient = body.error_description === "missing required parameter 'client_id'";
  if (status < 300 || (endpoint === 'par' && onlyNamesNoClient)) return accepted;
  const challenge = headers.get('www-authenticate')?.split(' ')[0];
  return [status, body.error, challenge].filter(Boolean).join(' ');
};

onStack((stack) => {
  let clients: Clients;
  beforeAll(async () => {
    clients = await createClients(stack());
  });

  describe.each(Object.entries(tables))('%s', (_table, rows) => {
    test.each(rows)('%s', async (_what, send, expected) => {
      const { issuer } = stack();
      const outcomes: Partial<Record<Endpoint, Outcome>> = {};
      for (const endpoint of names)
        outcomes[endpoint] = await outcomeOf(
          stack(),
          endpoint,
          await send(clients, { issuer, url: issuer + endpoints[endpoint] }),
        );
      expect(outcomes).toEqual(typeof expected === 'string' ? everywhere(expected) : expected);
    });
  });

  test('client_secret_jwt is not offered: Writ stores only digests of secrets', async () => {
    const { status, body } = await stack().api.call('POST', '/clients', {
      token_endpoint_auth_method: 'client_secret_jwt',
    });
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
  });
});

onEveryStack((stack) => {
  describe('the jti of an assertion', () => {
    let clients: Pick<Clients, 'signer' | 'otherSigner'>;
    beforeAll(async () => {
      clients = {
        signer: await createSigningClient(stack(), grants),
        otherSigner: await createSigningClient(stack(), grants),
      };
    });

    const send = async (endpoint: Endpoint, jwt: string | Promise<string>) =>
      outcomeOf(stack(), endpoint, await assertion(jwt));

    test.each(names)('that was used at %s is used up everywhere', async (first) => {
      const jwt = await clients.signer.assert();
      expect(await send(first, jwt)).toBe(accepted);
      for (const endpoint of names) expect(await send(endpoint, jwt)).toBe(refused);
    });

    test.each(names)('is used up for another assertion too, at %s', async (endpoint) => {
      const jti = randomUUID();
      expect(await send(endpoint, clients.signer.assert({ jti }))).toBe(accepted);
      expect(await send(endpoint, clients.signer.assert({ jti, exp: now() + 90 }))).toBe(refused);
    });

    test.each(names)('is accepted once of ten times at once, at %s', async (endpoint) => {
      const jwt = await clients.signer.assert();
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => send(endpoint, jwt)));
      expect(outcomes.sort()).toEqual([...Array(9).fill(refused), accepted]);
    });

    test('is accepted once of ten times at once, at all endpoints', async () => {
      const jwt = await clients.signer.assert();
      const outcomes = await Promise.all(
        names.flatMap((endpoint) => [send(endpoint, jwt), send(endpoint, jwt)]),
      );
      expect(outcomes.sort()).toEqual([...Array(9).fill(refused), accepted]);
    });

    test.each(names)('is independent for each client, at %s', async (endpoint) => {
      const jti = randomUUID();
      expect(await send(endpoint, clients.signer.assert({ jti }))).toBe(accepted);
      expect(await send(endpoint, clients.otherSigner.assert({ jti }))).toBe(accepted);
    });

    test.each(names)('is not used up by a refused assertion, at %s', async (endpoint) => {
      const jti = randomUUID();
      const { signer, otherSigner } = clients;
      for (const jwt of [
        signed(signer, { claims: { jti }, key: otherSigner.privateKey }),
        signer.assert({ jti, exp: now() + 400 }),
        signer.assert({ jti, aud: 'https://other.example' }),
        signer.assert({ jti, nbf: now() + 200 }),
      ])
        expect(await send(endpoint, jwt)).toBe(refused);
      expect(await send(endpoint, signer.assert({ jti }))).toBe(accepted);
    });
  });
});

async function createClients({ api, issuer }: Stack): Promise<Clients> {
  const signing = () => createSigningClient({ api, issuer }, grants);
  const create = (method: string, given: Record<string, unknown> = {}) =>
    api.createClient({
      client_id: unique('client'),
      token_endpoint_auth_method: method,
      ...grants,
      ...given,
    });
  const disable = async <Client extends { id: string }>(client: Client): Promise<Client> => {
    const { status } = await api.call('POST', `/clients/${client.id}/disable`);
    expect(status).toBeLessThan(300);
    return client;
  };
  const [rsaKeys, encryptionKeys] = await Promise.all([
    generateKeyPair('RS256', { extractable: true }),
    generateKeyPair('RS256', { extractable: true }),
  ]);
  const rsa = await create('private_key_jwt', {
    jwks: {
      keys: [
        { ...(await exportJWK(encryptionKeys.publicKey)), kid: 'enc', use: 'enc' },
        { ...(await exportJWK(rsaKeys.publicKey)), kid: 'rsa' },
      ],
    },
  });
  return {
    byBasic: await create('client_secret_basic'),
    byPost: await create('client_secret_post'),
    open: await create('none', { grant_types: grants.grant_types.slice(1) }),
    disabled: await disable(await create('client_secret_basic')),
    signer: await signing(),
    otherSigner: await signing(),
    olderSigner: await createSigningClient(
      { api, issuer },
      { ...grants, token_endpoint_audience: true },
    ),
    disabledSigner: await disable(await signing()),
    unreachable: await createSigningClient(
      { api, issuer },
      { ...grants, jwks: undefined, jwks_uri: 'https://127.0.0.1:9/jwks' },
    ),
    rsa: {
      id: rsa.id,
      privateKey: await forAnyAlgorithm(rsaKeys.privateKey),
      encryptionKey: await forAnyAlgorithm(encryptionKeys.privateKey),
    },
  };
}

/** A CryptoKey signs with one algorithm only. */
const forAnyAlgorithm = async (key: CryptoKey): Promise<KeyObject> =>
  createPrivateKey({ key: (await exportJWK(key)) as JsonWebKey, format: 'jwk' });
