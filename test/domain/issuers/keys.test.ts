// The keys of trusted issuers: when they are fetched, and what happens while an issuer is away.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { TrustedIssuer } from '../../../src/domain/issuers/types.ts';
import { IssuerAway } from '../../../src/domain/issuers/types.ts';
import { createIssuerKeys } from '../../../src/upstream/issuer-keys.ts';
import { issuerKey, startIssuer, type TestIssuer } from '../../support/trusted-issuer.ts';

let server: TestIssuer;
let time: number;
let keys: ReturnType<typeof createIssuerKeys>;

beforeEach(async () => {
  server = await startIssuer();
  time = 1_000;
  keys = createIssuerKeys({ now: () => time });
});

afterEach(() => server.close());

const issuer = (settings: Partial<TrustedIssuer> = {}): TrustedIssuer => ({
  id: 'cluster',
  name: 'Cluster',
  issuer: server.origin,
  jwks_uri: null,
  jwks: null,
  algorithms: ['ES256'],
  audiences: [],
  uses: ['workload_identity'],
  rules: [],
  provider_id: null,
  max_age: 3600,
  token_lifetime: 3600,
  single_use: false,
  private_network: true,
  enabled: true,
  generation: '0198c0de-0000-7000-8000-000000000000',
  created_at: new Date(0),
  updated_at: new Date(0),
  ...settings,
});

const fetches = () => server.state.requests.filter((path) => path === '/keys').length;
const find = (kid: string | undefined = server.key.kid, settings = {}) =>
  keys.find(issuer(settings), kid);

test('simultaneous callers wait for one fetch, and later ones for none', async () => {
  const found = await Promise.all(Array.from({ length: 20 }, () => find()));
  expect(found.every((some) => some[0]?.['kid'] === server.key.kid)).toBe(true);
  expect(server.state.requests).toEqual(['/.well-known/openid-configuration', '/keys']);
  time += 599;
  await find();
  expect(fetches()).toBe(1);
});

test.each([
  ['max-age=120', 119, 121],
  ['public, max-age=1', 59, 61],
  ['no-store', 59, 61],
  ['max-age=99999999', 86_399, 86_401],
  [undefined, 599, 601],
  ['private', 599, 601],
])(
  'keys with %p are used for the time that it says, within bounds',
  async (header, still, over) => {
    server.state.cacheControl = header;
    await find();
    time = 1_000 + still;
    await find();
    expect(fetches()).toBe(1);
    time = 1_000 + over;
    await find();
    expect(fetches()).toBe(2);
  },
);

test('an unknown key ID fetches the keys again, but not often', async () => {
  await find();
  const added = await issuerKey();
  server.state.keys.push(added.jwk);
  expect(await find(added.kid)).toEqual([]);
  time += 31;
  expect(await find(added.kid)).toMatchObject([{ kid: added.kid }]);
  expect(fetches()).toBe(2);
  for (let attempt = 0; attempt < 20; attempt++) await find(`unknown-${attempt}`);
  expect(fetches()).toBe(2);
});

test('a key that was withdrawn is not used after the next fetch', async () => {
  await find();
  server.state.keys = [(await issuerKey()).jwk];
  time += 601;
  expect(await find()).toEqual([]);
});

test('while the issuer is away its keys are used for an hour, and then no more', async () => {
  await find();
  server.state.status = 0;
  time = 1_000 + 600 + 3_599;
  expect(await find()).toHaveLength(1);
  time = 1_000 + 600 + 3_601;
  await expect(find()).rejects.toThrow(IssuerAway);
  server.state.status = 200;
  time += 31;
  expect(await find()).toHaveLength(1);
});

test('a failed fetch is not repeated for half a minute', async () => {
  server.state.status = 500;
  for (let attempt = 0; attempt < 5; attempt++) await expect(find()).rejects.toThrow(/answers 500/);
  expect(server.state.requests).toHaveLength(1);
  time += 31;
  await expect(find()).rejects.toThrow(IssuerAway);
  expect(server.state.requests).toHaveLength(2);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['another issuer', { issuer: 'https://else.example' }, /is of/],
  ['no jwks_uri', { jwks_uri: undefined }, /names no jwks_uri/],
  ['a jwks_uri that is no URL', { jwks_uri: 'keys' }, /names no jwks_uri/],
  ['a jwks_uri of another scheme', { jwks_uri: 'file:///etc/passwd' }, /https/],
])('a discovery document with %s is refused', async (_name, discovery, words) => {
  server.state.discovery = discovery;
  await expect(find()).rejects.toThrow(words);
});

test('an issuer in a private network is not opened unless its settings say so', async () => {
  await expect(find(undefined, { private_network: false })).rejects.toThrow(/private network/);
  await expect(
    find(undefined, { private_network: false, jwks_uri: `${server.origin}/keys` }),
  ).rejects.toThrow(/private network/);
  expect(server.state.requests).toEqual([]);
});

test('pasted keys are never fetched', async () => {
  const pasted = issuer({ jwks: { keys: [{ ...server.key.jwk }] } });
  expect(await keys.find(pasted, server.key.kid)).toHaveLength(1);
  expect(await keys.find(pasted, 'unknown')).toEqual([]);
  expect(server.state.requests).toEqual([]);
});

test('other settings are another copy of the keys', async () => {
  await find();
  await find(undefined, { updated_at: new Date(1) });
  expect(fetches()).toBe(2);
});

test('a check says what it found', async () => {
  expect(await keys.check(issuer())).toMatchObject([{ status: 'ok' }]);
  expect(await keys.check(issuer({ algorithms: ['RS256'] }))).toMatchObject([
    { status: 'ok' },
    { status: 'failed', message: expect.stringContaining('RS256') },
  ]);
  server.state.status = 404;
  expect(await keys.check(issuer())).toMatchObject([
    { status: 'failed', message: expect.stringContaining('answers 404') },
  ]);
});
