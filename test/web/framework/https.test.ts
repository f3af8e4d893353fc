import { afterAll, beforeAll, expect, test } from '@jest/globals';
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
