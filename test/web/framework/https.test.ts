import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { disableSampleClients, seedSampleData } from '../../../src/domain/installation/sample.ts';
import { attributesOf } from '../../support/cookies.ts';
import { makePerson } from '../../support/people.ts';
import { type Stack, startStack } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack('embedded', { ISSUER: 'https://login.test', TRUST_PROXY: 'true' });
});
afterAll(() => stack.close());

test('on https, cookies travel encrypted alone, and no other host of the domain can set them', async () => {
  const { email, password } = await makePerson(stack);
  const visitor = createVisitor(stack.origin, { 'x-forwarded-proto': 'https' });
  const first = await visitor.get('/sign-in');
  const second = await visitor.submit('/sign-in', { email, password });
  const cookies = [first, second].flatMap(({ headers }) => headers.getSetCookie());
  expect(cookies.map((cookie) => cookie.split('=', 1)[0]).sort()).toEqual([
    '__Host-writ_csrf',
    '__Host-writ_known',
    '__Host-writ_session',
  ]);
  // Without `Domain`, which the prefix __Host- forbids (RFC 6265bis §4.1.3.2).
  for (const cookie of cookies)
    expect(attributesOf(cookie)).toEqual(['httponly', 'path=/', 'samesite=lax', 'secure']);
  expect((await visitor.get('/account')).status).toBe(200);
});

test('what a device is told to show is at the issuer, whatever host the request named', async () => {
  const { id } = await stack.api.createClient({
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    resources: [stack.apiResource],
  });
  const { body } = await stack.post('/connect/deviceauthorization', { client_id: id });
  for (const uri of ['verification_uri', 'verification_uri_complete', 'verification_uri_qr'])
    expect(body[uri]).toMatch(/^https:\/\/login\.test\/device/);
});

test('every answer says that browsers shall ask by https alone, and that its type is not to be guessed', async () => {
  const client = await stack.api.createClient();
  const { body } = await stack.token(client);
  const answers = {
    page: await stack.get('/sign-in'),
    'page that is not there': await stack.get('/nothing', { accept: 'text/html' }),
    token: await stack.token(client),
    'token refused': await stack.token({ ...client, secret: 'wrong' }),
    introspection: await stack.introspect(body.access_token, client),
    'introspection refused': await stack.introspect(body.access_token, { ...client, secret: 'no' }),
    revocation: await stack.revoke(body.access_token, client),
    api: await stack.api.call('GET', '/clients'),
    'api refused': await stack.get('/api/v1/clients'),
    document: await stack.get('/api/v1/openapi.json'),
    docs: await stack.get('/docs'),
    discovery: await stack.get('/.well-known/openid-configuration'),
    jwks: await stack.get('/.well-known/openid-configuration/jwks'),
    alive: await stack.get('/healthz'),
    ready: await stack.get('/readyz'),
    'no method': await stack.request('DELETE', '/connect/token'),
  };
  for (const [name, { headers }] of Object.entries(answers))
    expect([
      name,
      headers.get('strict-transport-security'),
      headers.get('x-content-type-options'),
    ]).toEqual([name, 'max-age=31536000', 'nosniff']);
});

test('nothing that is meant for trying out is open to others: no sample is made, and an older one is disabled', async () => {
  const { registry, resources, roles } = stack.domain;
  expect(await registry.find('sample-cli')).toBeUndefined();
  const parts = { database: stack.database, resources, roles, clients: registry };
  // Clients of its own do not keep a new one from being made here, as an older version did.
  await stack.database.kysely
    .updateTable('client')
    .set({ client_id: sql<string>`'writ-' || client_id` })
    .where('client_id', 'not like', 'writ-%')
    .execute();
  expect(await seedSampleData(parts)).toBeDefined();
  expect((await disableSampleClients(parts)).sort()).toEqual([
    'sample-api',
    'sample-app',
    'sample-cli',
  ]);
  const { status, body } = await stack.post('/connect/deviceauthorization', {
    client_id: 'sample-cli',
  });
  expect([status, body.error]).toEqual([401, 'invalid_client']);
});
