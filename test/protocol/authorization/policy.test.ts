import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cspSource } from '../../../src/web/framework/csp-source.ts';
import { signedIn } from '../../support/people.ts';
import { type Stack, startStack } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import { answer, ask, makeLoginClient } from './support.ts';

test.each([
  ['https://website.test/back?with=a#query', 'https://website.test'],
  ['https://website.test:8443/back', 'https://website.test:8443'],
  ['http://127.0.0.1:51004/back', 'http://127.0.0.1:51004'],
  ['https://bücher.test/', 'https://xn--bcher-kva.test'],
  ['com.example.app:/back', 'com.example.app:'],
  ['com.example.app://back', 'com.example.app:'],
  // No CSP source can name these hosts: the second would end the directive and start another.
  ['http://[::1]:51004/back', 'http:'],
  ["https://a;script-src'/back", 'https:'],
])('a form whose response redirects to %s may redirect to %s', (redirectUri, source) => {
  expect(cspSource(redirectUri)).toBe(source);
});

let stack: Stack;
beforeAll(async () => {
  // The proxy in front of it does not report TLS.
  stack = await startStack('embedded', { ISSUER: 'https://login.test' });
});
afterAll(() => stack.close());

test('on https, the cookie that binds requests to their browser is a single secure one', async () => {
  const app = await makeLoginClient(stack);
  const { visitor } = await signedIn(stack);
  const begun = app.begin();
  const sent = await visitor.get(begun.path);
  const cookies = sent.headers.getSetCookie();
  expect(cookies).toEqual([
    expect.stringMatching(
      /^__Host-writ_authorization_requests=[\w.~-]+; path=\/; samesite=lax; secure; httponly$/,
    ),
  ]);
  await visitor.get(sent.location ?? '');
  const { url } = await answer(visitor, sent.location ?? '');
  expect(url?.searchParams.get('iss')).toBe('https://login.test');
  expect((await app.redeem(begun, url as URL)).status).toBe(200);
});

test('a native program listens on any port (RFC 8252 §7.3), and the page allows only a redirect there', async () => {
  const app = await makeLoginClient(stack, 'phone', { redirect_uris: ['http://127.0.0.1/back'] });
  const visitor = createVisitor(stack.origin);
  const { email, password } = await signedIn(stack);
  await visitor.signIn(email, password);
  const redirectUri = 'http://127.0.0.1:51004/back';
  const begun = app.begin({ redirect_uri: redirectUri });
  const page = await ask(visitor, begun);
  expect(page.headers.get('content-security-policy')).toContain(
    "form-action 'self' http://127.0.0.1:51004;",
  );
  const { url } = await answer(visitor, page.path);
  expect(url?.origin).toBe('http://127.0.0.1:51004');
  const { status } = await app.redeem(begun, url as URL, { redirect_uri: redirectUri });
  expect(status).toBe(200);
});

test('other pages allow no redirect; only the consent page allows the one redirect URI', async () => {
  const app = await makeLoginClient(stack);
  const { visitor } = await signedIn(stack);
  const { path } = await ask(visitor, app.begin());
  await answer(visitor, path);
  for (const other of [path, '/account'])
    expect((await visitor.get(other)).headers.get('content-security-policy')).toContain(
      "form-action 'self';",
    );
});
