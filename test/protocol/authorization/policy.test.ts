import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cspSource } from '../../../src/web/framework/csp-source.ts';
import { signedIn } from '../../support/people.ts';
import { type Stack, startStack } from '../../support/stacks.ts';
import { createVisitor, type Page } from '../../support/visitor.ts';
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
])('the source of %s in a policy is %s', (redirectUri, source) => {
  expect(cspSource(redirectUri)).toBe(source);
});

let stack: Stack;
beforeAll(async () => {
  // The proxy in front of it does not report TLS.
  stack = await startStack('embedded', { ISSUER: 'https://login.test' });
});
afterAll(() => stack.close());

test('on https, the cookie that binds a request to its browser is a single secure one', async () => {
  const app = await makeLoginClient(stack);
  const { visitor } = await signedIn(stack);
  const begun = app.begin();
  const sent = await visitor.get(begun.path);
  const cookies = sent.headers.getSetCookie();
  expect(cookies).toEqual([
    expect.stringMatching(
      /^__Host-writ_authorization_request_[\w-]+=[\w~-]+; path=\/; samesite=lax; secure; httponly$/,
    ),
  ]);
  await visitor.get(sent.location ?? '');
  const { url } = await answer(visitor, sent.location ?? '');
  expect(url?.searchParams.get('iss')).toBe('https://login.test');
  expect((await app.redeem(begun, url as URL)).status).toBe(200);
});

test('a native program listens on any port (RFC 8252 §7.3)', async () => {
  const app = await makeLoginClient(stack, 'phone', { redirect_uris: ['http://127.0.0.1/back'] });
  const visitor = createVisitor(stack.origin);
  const { email, password } = await signedIn(stack);
  await visitor.signIn(email, password);
  const redirectUri = 'http://127.0.0.1:51004/back';
  const begun = app.begin({ redirect_uri: redirectUri });
  const page = await ask(visitor, begun);
  const { url } = await answer(visitor, page.path);
  expect(url?.origin).toBe('http://127.0.0.1:51004');
  const { status } = await app.redeem(begun, url as URL, { redirect_uri: redirectUri });
  expect(status).toBe(200);
});

test('forms of pages stay at this server, apart from the consent page of a native app, which allows its scheme', async () => {
  const { visitor } = await signedIn(stack);
  const policy = (page: Page) => page.headers.get('content-security-policy');
  const website = await ask(visitor, (await makeLoginClient(stack)).begin());
  expect(policy(website)).toBe(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(policy(await visitor.get('/account'))).toContain("form-action 'self';");
  const native = await ask(visitor, (await makeLoginClient(stack, 'phone')).begin());
  expect(policy(native)).toContain("form-action 'self' com.example.app:;");
  // A program of the device takes it from there, so no page stands in between.
  const sent = await visitor.submit(native.path, { decision: 'allow' });
  expect((await visitor.get(sent.location ?? '')).status).toBe(303);
});
