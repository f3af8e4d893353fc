import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import * as client from 'openid-client';
import { signedIn } from '../../support/people.ts';
import { until } from '../../support/process.ts';
import { onStack } from '../../support/stacks.ts';
import { createVisitor, type Page, type Visitor } from '../../support/visitor.ts';
import {
  allow,
  ask,
  type LoginClient,
  makeAppClient,
  makeLoginClient,
} from '../authorization/support.ts';
import { startRelyingParty } from './relying-party.ts';

const path = '/connect/endsession';
const returned = 'https://spa.test/bye';

onStack((stack) => {
  let app: LoginClient;

  beforeAll(async () => {
    app = await makeLoginClient(stack(), 'website', { post_logout_redirect_uris: [returned] });
  });

  /** A person who is signed in at the app, with the ID token of that login. */
  const someoneInside = async (at: LoginClient = app) => {
    const person = await signedIn(stack());
    const begun = at.begin({ scope: 'openid' });
    const { body } = await at.redeem(begun, await allow(person.visitor, begun));
    return { ...person, hint: body.id_token as string };
  };

  const to = (parameters: Record<string, string>) => `${path}?${new URLSearchParams(parameters)}`;

  const isSignedIn = async (visitor: Visitor) => (await visitor.get('/account')).status === 200;

  /** Confirms on the page that asks. */
  const confirm = (visitor: Visitor, page: Page) =>
    visitor.submit(
      '/sign-out',
      Object.fromEntries(
        [
          ...page.text.matchAll(
            /name="(client_id|post_logout_redirect_uri|state|confirmed)" value="([^"]*)"/g,
          ),
        ].map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]),
      ),
    );

  test('an app signs its person out at once and gets them back with its state, as openid-client asks', async () => {
    const { visitor, hint } = await someoneInside();
    const config = await client.discovery(
      new URL(stack().issuer),
      app.client.id,
      undefined,
      client.None(),
      { execute: [client.allowInsecureRequests] },
    );
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: hint,
      post_logout_redirect_uri: returned,
      state: 'a state & more',
    });
    const page = await visitor.get(`${url.pathname}${url.search}`);
    expect([page.status, page.location]).toEqual([303, `${returned}?state=a+state+%26+more`]);
    expect(await isSignedIn(visitor)).toBe(false);
  });

  test('an ID token counts after its expiry, and after its person has signed in again', async () => {
    const { visitor, hint, email, password } = await someoneInside();
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    await visitor.signIn(email, password);
    const later = Date.now() + 90 * 60_000;
    expect((decodeJwt(hint).exp ?? 0) * 1000).toBeLessThan(later);
    const page = await visitor.get(to({ id_token_hint: hint, post_logout_redirect_uri: returned }));
    expect([page.status, page.location]).toEqual([303, returned]);
    expect(await isSignedIn(visitor)).toBe(false);
  });

  test('without a URI to return to, the person is told that they are signed out', async () => {
    const { visitor, hint } = await someoneInside();
    const page = await visitor.follow(await visitor.get(to({ id_token_hint: hint })));
    expect(page.words).toContain('You are signed out.');
  });

  test.each([
    [
      'with the ID of a client',
      () => ({ client_id: app.client.id, post_logout_redirect_uri: returned, state: 'xyz' }),
    ],
    ['with an email address', () => ({ logout_hint: 'ada@example.com' })],
    ['without any parameter', () => ({})],
  ])('a request %s asks the person first', async (_name, parameters) => {
    const { visitor, email } = await someoneInside();
    const given: Record<string, string> = parameters();
    const page = await visitor.get(to(given));
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    for (const words of ['Sign out of Writ?', email, 'Stay signed in'])
      expect(page.words).toContain(words);
    expect(await isSignedIn(visitor)).toBe(true);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self';");
    const asked = await visitor.get(to(given));
    const done = await confirm(visitor, asked);
    // Browsers apply the policy of the page that asked to all redirects that follow its form.
    expect(done.status).toBe(given['post_logout_redirect_uri'] ? 200 : 303);
    expect(done.location).toBe(
      given['post_logout_redirect_uri'] ? `${returned}?state=xyz` : '/sign-in?done=signed_out',
    );
    expect(await isSignedIn(visitor)).toBe(false);
  });

  test('a page of another site cannot confirm', async () => {
    const { visitor } = await someoneInside();
    const page = await visitor.submit('/sign-out', { csrf: 'guessed', client_id: app.client.id });
    expect(page.location).toBe('/account');
    expect(await isSignedIn(visitor)).toBe(true);
  });

  test('a form of another site, with which a browser sends no cookies, takes none from it', async () => {
    await someoneInside();
    const page = await createVisitor(stack().origin).submit('/sign-out');
    expect(page.status).toBe(303);
    expect(page.headers.getSetCookie().join()).not.toContain('writ_session');
  });

  test('a request that was allowed before signing out gets no code afterwards', async () => {
    const { visitor } = await signedIn(stack());
    const page = await ask(visitor, app.begin({ scope: 'openid' }));
    const { location } = await visitor.submit(page.path, { decision: 'allow' });
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    const back = new URL((await visitor.get(location ?? '')).location ?? '');
    expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual([
      'login_required',
      null,
    ]);
  });

  test('an ID token with a pairwise sub means its person, and the logout token has that sub', async () => {
    const party = await startRelyingParty(stack);
    const pairwise = await makeLoginClient(stack(), 'website', {
      subject_type: 'pairwise',
      post_logout_redirect_uris: [returned],
      backchannel_logout_uri: party.backchannelUri,
    });
    try {
      const { visitor, hint, accountId, email, password } = await someoneInside(pairwise);
      const { sub, sid } = decodeJwt(hint);
      expect(sub).not.toBe(accountId);
      // In another session the sid differs, so the sub decides.
      await visitor.get('/account');
      await visitor.submit('/sign-out');
      await until('the client is notified', async () =>
        expect(await party.told(pairwise.client.id)).toMatchObject([{ claims: { sub, sid } }]),
      );
      await visitor.signIn(email, password);
      const page = await visitor.get(
        to({ id_token_hint: hint, post_logout_redirect_uri: returned }),
      );
      expect([page.status, page.location]).toEqual([303, returned]);
    } finally {
      await party.close();
    }
  });

  test('a logout_hint of another account asks first, also with an ID token; one of the account does not', async () => {
    const { visitor, hint, email } = await someoneInside();
    const signOut = (logout_hint: string, more = {}) =>
      visitor.get(to({ logout_hint, post_logout_redirect_uri: returned, ...more }));
    for (const logoutHint of ['grace@example.com', 'x', email.slice(1)]) {
      const page = await signOut(logoutHint, { id_token_hint: hint });
      expect(page.words).toContain('asks to sign another account out. You are signed in as');
    }
    const page = await signOut(email, { client_id: app.client.id });
    expect(page.words).toContain('asks to sign you out.');
    expect(await isSignedIn(visitor)).toBe(true);
    const named: ((person: Awaited<ReturnType<typeof someoneInside>>) => string)[] = [
      (person) => person.email.toUpperCase(),
      (person) => person.accountId,
      (person) => String(decodeJwt(person.hint)['sid']),
    ];
    for (const logoutHintOf of named) {
      const person = await someoneInside();
      const parameters = { id_token_hint: person.hint, logout_hint: logoutHintOf(person) };
      const done = await person.visitor.get(
        to({ ...parameters, post_logout_redirect_uri: returned }),
      );
      expect([done.status, done.location]).toEqual([303, returned]);
    }
  });

  test('an ID token of another person asks first', async () => {
    const { hint } = await someoneInside();
    const { visitor } = await someoneInside();
    const page = await visitor.get(to({ id_token_hint: hint, post_logout_redirect_uri: returned }));
    expect(page.words).toContain('Sign out of Writ?');
    expect(await isSignedIn(visitor)).toBe(true);
  });

  test('with nobody signed in, the person returns at once', async () => {
    const { hint } = await someoneInside();
    const visitor = createVisitor(stack().origin);
    for (const named of [{ id_token_hint: hint }, { client_id: app.client.id }])
      expect(
        (await visitor.get(to({ ...named, post_logout_redirect_uri: returned, state: 'x' })))
          .location,
      ).toBe(`${returned}?state=x`);
    expect((await visitor.get(path)).location).toBe('/sign-in?done=signed_out');
  });

  test('with nobody signed in, a person decides to follow the link of an app that anyone could have created', async () => {
    const open = await makeAppClient(stack(), 'website', 'https://anyone.test/back');
    await sql`update client set metadata = metadata || '{"post_logout_redirect_uris": ["https://anyone.test/bye"]}'
      where client_id = ${open.client.id}`.execute(stack().database.kysely);
    const page = await createVisitor(stack().origin).get(
      to({ client_id: open.client.id, post_logout_redirect_uri: 'https://anyone.test/bye' }),
    );
    expect([page.status, page.location]).toEqual([200, null]);
    expect(page.words).toContain(`Continue to ${open.name}`);
    expect(page.text).toContain('href="https://anyone.test/bye"');
  });

  test('a form of another site does the same: it is led to the page by GET, with which cookies are sent', async () => {
    const { visitor, hint } = await someoneInside();
    const page = await visitor.submit(path, {
      id_token_hint: hint,
      post_logout_redirect_uri: returned,
      state: 'a=b&c',
    });
    expect(page.status).toBe(303);
    expect(page.location).not.toContain('csrf');
    const done = await visitor.get(page.location ?? '');
    expect(done.location).toBe(`${returned}?state=a%3Db%26c`);
    expect(await isSignedIn(visitor)).toBe(false);
  });

  test('HEAD signs nobody out', async () => {
    const { visitor, hint } = await someoneInside();
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { status } = await stack().request('HEAD', to({ id_token_hint: hint }), {
      headers: { cookie },
    });
    expect(status).toBe(200);
    expect(await isSignedIn(visitor)).toBe(true);
  });

  describe('a page shows what is wrong, nobody is signed out, and no redirect happens:', () => {
    const wrong: Record<string, (hint: string, other: LoginClient) => Record<string, string>> = {
      'a URI that is not registered': (hint) => ({
        id_token_hint: hint,
        post_logout_redirect_uri: 'https://spa.test/other',
      }),
      'a registered URI with a query': (hint) => ({
        id_token_hint: hint,
        post_logout_redirect_uri: `${returned}?x=1`,
      }),
      'a redirect URI': (hint) => ({
        id_token_hint: hint,
        post_logout_redirect_uri: app.redirectUri,
      }),
      'a URI of another client': (_hint, other) => ({
        client_id: other.client.id,
        post_logout_redirect_uri: returned,
      }),
      'an ID token of another client': (hint, other) => ({
        id_token_hint: hint,
        client_id: other.client.id,
      }),
      'an ID token that was changed': (hint) => ({
        id_token_hint: hint.replace(/\.[^.]*$/, (signature) => `${signature.slice(0, -8)}AAAAAAAA`),
        post_logout_redirect_uri: returned,
      }),
      'no ID token': () => ({ id_token_hint: 'nonsense', post_logout_redirect_uri: returned }),
      'an unknown client': () => ({ client_id: 'nobody', post_logout_redirect_uri: returned }),
      'a control character': () => ({ state: 'a\nb' }),
    };

    test.each(Object.entries(wrong))('%s', async (_name, parameters) => {
      const { visitor, hint } = await someoneInside();
      const other = await makeLoginClient(stack());
      const page = await visitor.get(to(parameters(hint, other)));
      expect([page.status, page.location]).toEqual([400, null]);
      expect(page.words).toContain('Invalid request');
      expect(await isSignedIn(visitor)).toBe(true);
    });

    test('a parameter that repeats', async () => {
      const { visitor, hint } = await someoneInside();
      const page = await visitor.get(`${to({ id_token_hint: hint })}&id_token_hint=x`);
      expect(page.status).toBe(400);
    });
  });

  test('without a client the URI leads nowhere', async () => {
    const { visitor } = await someoneInside();
    const asked = await visitor.get(to({ post_logout_redirect_uri: returned }));
    expect((await confirm(visitor, asked)).location).toBe('/sign-in?done=signed_out');
  });

  test('programs get errors as JSON', async () => {
    const { status, body } = await stack().get(to({ id_token_hint: 'nonsense' }));
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  test('discovery names the endpoint and what is supported', async () => {
    const { body } = await stack().get('/.well-known/openid-configuration');
    expect(body).toMatchObject({
      end_session_endpoint: `${stack().issuer}${path}`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    });
  });

  describe('front-channel logout', () => {
    let framed: LoginClient;
    beforeAll(async () => {
      framed = await makeLoginClient(stack(), 'website', {
        post_logout_redirect_uris: [returned],
        frontchannel_logout_uri: 'https://spa.test/signed-out?from=writ',
      });
    });

    test('the page after signing out loads the apps of the session in frames, and only them', async () => {
      const { visitor, hint } = await someoneInside(framed);
      const page = await visitor.get(
        to({ id_token_hint: hint, post_logout_redirect_uri: returned, state: 'x' }),
      );
      expect(page.status).toBe(200);
      const [, source = ''] = /<iframe src="([^"]*)" hidden/.exec(page.text) ?? [];
      const url = new URL(source.replaceAll('&amp;', '&'));
      expect(`${url.origin}${url.pathname}`).toBe('https://spa.test/signed-out');
      expect(Object.fromEntries(url.searchParams)).toEqual({
        from: 'writ',
        iss: stack().issuer,
        sid: decodeJwt(hint)['sid'],
      });
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain('; frame-src https://spa.test;');
      expect(policy).not.toContain('unsafe');
      expect(page.text).toContain(`href="${returned}?state=x"`);
      expect(await isSignedIn(visitor)).toBe(false);
    });

    test('so does the page after signing out here', async () => {
      const { visitor } = await someoneInside(framed);
      await visitor.get('/account');
      const page = await visitor.submit('/sign-out');
      expect(page.text).toMatch(/<iframe src="https:\/\/spa\.test\/signed-out/);
      expect(page.words).toContain('Sign in again');
    });
  });

  test('the page with connected apps links to where an app starts a login', async () => {
    const opened = await makeLoginClient(stack(), 'website', {
      initiate_login_uri: 'https://spa.test/login?from=writ',
    });
    const { visitor } = await someoneInside(opened);
    const page = await visitor.get('/account/connected');
    const [, href = ''] = /href="(https:\/\/spa\.test\/login[^"]*)"/.exec(page.text) ?? [];
    expect(Object.fromEntries(new URL(href.replaceAll('&amp;', '&')).searchParams)).toEqual({
      from: 'writ',
      iss: stack().issuer,
    });
  });

  test('the account page names the apps that were entered from each browser', async () => {
    const { visitor, email, password } = await someoneInside();
    expect((await visitor.get('/account')).words).toContain(`Signed in to: ${app.name}`);
    const other = createVisitor(stack().origin);
    await other.signIn(email, password);
    expect((await other.get('/account')).words.match(/Signed in to:/g)).toHaveLength(1);
  });
});
