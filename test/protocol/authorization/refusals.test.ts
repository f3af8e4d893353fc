import { describe, expect, jest, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { missingResource } from '../../../src/protocol/token/refusals.ts';
import type { Answer } from '../../support/http.ts';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import {
  allow,
  answer,
  ask,
  type Begun,
  challengeOf,
  type LoginClient,
  makeAppClient,
  makeLoginClient,
} from './support.ts';

/** Invalid requests (RFC 6749 §4.1.2.1): the error goes to the app if its redirect URI is certain. */
onStack((stack) => {
  /** The redirect URI that an error goes to, and the error. */
  const errorAtApp = async (
    app: LoginClient,
    changed: Record<string, string | null>,
    visitor = createVisitor(stack().origin),
  ) => {
    const begun = app.begin(changed);
    const { status, location } = await visitor.get(begun.path);
    const url = new URL(location ?? 'nowhere:');
    expect([status, url.origin + url.pathname]).toEqual([303, 'https://spa.test/back']);
    const answer = new URLSearchParams(url.search || url.hash.slice(1));
    const { error_description: _why, scope: _refused, ...rest } = Object.fromEntries(answer);
    expect(rest).toEqual({ error: expect.any(String), state: begun.state, iss: stack().issuer });
    return rest['error'];
  };

  /** The page with the error if the app cannot be informed. */
  const shown = async (app: LoginClient, changed: Record<string, string | null>) => {
    const { status, location, words } = await createVisitor(stack().origin).get(
      app.begin(changed).path,
    );
    expect([status, location]).toEqual([400, null]);
    return words;
  };

  test.each([
    'https://evil.test/back',
    'https://spa.test/back/',
    'https://spa.test/back?more=1',
    'https://spa.test.evil.test/back',
    'http://spa.test/back',
    'javascript:alert(1)',
    '//spa.test/back',
    'x',
  ])('a browser is never redirected to %s, which the app did not register', async (uri) => {
    const app = await makeLoginClient(stack());
    for (const more of [
      {},
      { prompt: 'none' },
      { scope: 'nothing:here' },
      { code_challenge: null },
    ])
      expect(await shown(app, { redirect_uri: uri, ...more })).toContain('redirect_uri');
  });

  test('a request without redirect_uri, or of an unknown client, shows an error page only', async () => {
    const app = await makeLoginClient(stack(), 'website', {
      redirect_uris: ['https://spa.test/back', 'https://spa.test/other'],
    });
    expect(await shown(app, { redirect_uri: null })).toContain('redirect_uri');
    expect(await shown(app, { client_id: 'nobody' })).toContain('client');
    expect(await shown(app, { client_id: null })).toContain('client_id');
  });

  test('a client with one redirect_uri must name it too, because the code is bound to it', async () => {
    expect(await shown(await makeLoginClient(stack()), { redirect_uri: null })).toContain(
      'redirect_uri',
    );
  });

  test('a disabled client cannot start a request', async () => {
    const app = await makeLoginClient(stack());
    await stack().domain.registry.disable(serverActor, app.client.id);
    expect(await shown(app, {})).toContain('client');
  });

  test.each<[string, Record<string, string | null>, string]>([
    ['no challenge', { code_challenge: null, code_challenge_method: null }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge without a method', { code_challenge_method: null }, 'invalid_request'],
    ['a challenge too short', { code_challenge: 'short' }, 'invalid_request'],
    [
      'a token in the authorization response',
      { response_type: 'token' },
      'unsupported_response_type',
    ],
    ['a scope that the API does not have', { scope: 'things:read things:delete' }, 'invalid_scope'],
    ['no scope, if none is registered', { scope: null }, 'invalid_scope'],
    ['an unknown API', { resource: 'https://nothing.test' }, 'invalid_target'],
    ['an unknown prompt', { prompt: 'dance' }, 'invalid_request'],
    ['prompt=create if people cannot register', { prompt: 'create' }, 'invalid_request'],
    ['prompts that exclude each other', { prompt: 'none login' }, 'invalid_request'],
    ['a negative age', { max_age: '-1' }, 'invalid_request'],
    ['an invalid ID token', { id_token_hint: 'x.y.z' }, 'invalid_request'],
    ['a request object', { request: 'x.y.z' }, 'request_not_supported'],
    ['metadata of a client', { registration: '{}' }, 'registration_not_supported'],
  ])('%s: the app gets the error', async (_what, changed, error) => {
    expect(await errorAtApp(await makeLoginClient(stack()), changed)).toBe(error);
  });

  test.each<[string, Record<string, string | null>, string]>([
    [
      'without a challenge',
      { code_challenge: null, code_challenge_method: null },
      'code_challenge is missing: this client must use PKCE',
    ],
    [
      'with another method',
      { code_challenge_method: 'plain' },
      'code_challenge_method must be S256',
    ],
  ])(
    'the developer of a request %s reads the same sentence in the redirect and in the response to a pushed request',
    async (_what, changed, sentence) => {
      const app = await makeLoginClient(stack());
      const { path } = app.begin(changed);
      const form = Object.fromEntries(new URLSearchParams(path.split('?')[1]));
      const { location } = await createVisitor(stack().origin).get(path);
      const atApp = new URL(location ?? 'nowhere:').searchParams.get('error_description');
      const { body } = await stack().post('/connect/par', form);
      expect([atApp, body.error_description]).toEqual([sentence, sentence]);
    },
  );

  test('the page says which of client_id and redirect_uri is wrong', async () => {
    const app = await makeLoginClient(stack());
    expect(await shown(app, { client_id: 'nobody' })).toContain('Unknown client_id');
    const refused = await shown(app, { redirect_uri: 'https://evil.test/' });
    for (const words of [
      'Error invalid_request ',
      "redirect_uri is not one of the client's redirect URIs",
      'Redirect URI https://evil.test/ ',
    ])
      expect(refused).toContain(words);
    // Anyone can send one: it is cut, and what is no URI is not repeated.
    const long = await shown(app, { redirect_uri: `https://evil.test/${'x'.repeat(500)}` });
    expect(long).toMatch(/Redirect URI https:\/\/evil\.test\/x{181}… /);
    const text = await shown(app, { redirect_uri: 'Call us now' });
    expect(text).not.toContain('Call us');
  });

  test('a refused scope or resource names no command of administrators where people can read it', async () => {
    const app = await makeLoginClient(stack());
    const limited = await makeLoginClient(stack(), 'website', { scope: 'things:read' });
    const named = (clientId: string) => `The client ${clientId}`;
    for (const [client, changed, sentence] of [
      [app, { scope: 'nothing:here' }, `The resource ${app.resource} has no scope nothing:here.`],
      [
        limited,
        { scope: 'things:write' },
        `${named(limited.client.id)} is not registered for the scope things:write.`,
      ],
      [
        app,
        { resource: 'https://nothing.test' },
        `${named(app.client.id)} cannot get tokens for https://nothing.test.`,
      ],
    ] as const) {
      const { location } = await createVisitor(stack().origin).get(client.begin(changed).path);
      const description = new URL(location ?? 'nowhere:').searchParams.get('error_description');
      expect(description).toBe(sentence);
    }
    for (const [clientId, sentence] of [
      ['website', 'The client website has no resource, and there is no default one.'],
      ['app:website', 'No API is open to apps.'],
    ] as const)
      expect(missingResource({ clientId }, { isTokenRequest: false })).toMatchObject({
        error: 'invalid_target',
        error_description: sentence,
      });
  });

  test('an API that the client is not allowed is refused, and so is a scope that it is not registered with', async () => {
    const app = await makeLoginClient(stack(), 'website', { scope: 'things:read' });
    const other = await makeLoginClient(stack());
    expect(await errorAtApp(app, { scope: 'things:read', resource: other.resource })).toBe(
      'invalid_target',
    );
    expect(await errorAtApp(app, { scope: 'things:write' })).toBe('invalid_scope');
    expect(await errorAtApp(app, { scope: 'openid things:read' })).toBe('invalid_scope');
  });

  test('a client that is not registered for this grant gets no code', async () => {
    const app = await makeLoginClient(stack(), 'website', { grant_types: [], response_types: [] });
    expect(await errorAtApp(app, {})).toMatch(/^(invalid_request|unauthorized_client)$/);
  });

  test('the engine keeps no session of its own', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    await allow(visitor, app.begin());
    expect([...visitor.cookies.keys()].filter((name) => name.includes('_session'))).toEqual([
      'writ_session',
    ]);
    const stored = stack().database.kysely.selectFrom('artifact').select('kind');
    expect(await stored.where('kind', '=', 'Session').execute()).toEqual([]);
  });

  describe('PKCE (RFC 9700 §2.1.1)', () => {
    const without = { code_challenge: null, code_challenge_method: null };
    const confidential = (metadata: Record<string, unknown> = {}) =>
      makeLoginClient(stack(), 'server', { redirect_uris: ['https://spa.test/back'], ...metadata });
    const isAsked = async (app: LoginClient, changed: Record<string, string | null>) =>
      (await createVisitor(stack().origin).get(app.begin(changed).path)).location?.startsWith('/');
    const pushed = (app: LoginClient, changed: Record<string, string | null>) =>
      stack().post(
        '/connect/par',
        Object.fromEntries(new URLSearchParams(app.begin(changed).path.split('?')[1])),
        app.client,
      );

    test('a confidential client sends a challenge, or with openid a nonce, pushed or not', async () => {
      const app = await confidential();
      for (const changed of [{}, { ...without, nonce: 'n' }]) {
        expect(await isAsked(app, changed)).toBe(true);
        expect((await pushed(app, changed)).status).toBe(201);
      }
      for (const changed of [
        without,
        { ...without, nonce: '' },
        { ...without, nonce: 'n', scope: 'things:read' },
      ]) {
        expect(await errorAtApp(app, changed)).toBe('invalid_request');
        expect(await pushed(app, changed)).toMatchObject({
          status: 400,
          body: { error: 'invalid_request' },
        });
      }
    });

    test('a client registered to require PKCE must use it, whatever its nonce', async () => {
      const app = await confidential({ require_pkce: true });
      expect(await isAsked(app, {})).toBe(true);
      expect(await errorAtApp(app, { ...without, nonce: 'n' })).toBe('invalid_request');
      expect((await pushed(app, { ...without, nonce: 'n' })).status).toBe(400);
    });

    test('a client that an administrator exempted needs neither, and a public one needs PKCE whatever its nonce', async () => {
      const excepted = await confidential({ require_pkce: false });
      expect(await isAsked(excepted, { ...without, scope: 'things:read' })).toBe(true);
      expect(await errorAtApp(await makeLoginClient(stack()), { ...without, nonce: 'n' })).toBe(
        'invalid_request',
      );
    });

    test('a verifier for a code that was requested without a challenge is refused (RFC 9700 §4.8.2)', async () => {
      const app = await confidential();
      const { visitor } = await signedIn(stack());
      const begun = app.begin({ ...without, nonce: 'n' });
      const url = await allow(visitor, begun);
      expect((await app.redeem(begun, url)).body.error).toBe('invalid_grant');
      const { status, body } = await app.redeem(begun, url, { code_verifier: '' });
      expect([status, decodeJwt(body.id_token)['nonce']]).toEqual([200, 'n']);
    });
  });

  /**
   * Anyone can create such a client. An error sent to its redirect URI at once would make this server an open redirector
   * (RFC 9700 §4.11.2).
   */
  describe('a client that people created in an app of theirs redirects nowhere before a person has decided', () => {
    const made = async () => {
      const app = await makeAppClient(stack(), 'website', 'https://phish.test/back');
      return { ...app, changed: { resource: app.resource } };
    };
    const pushed = async (app: LoginClient): Promise<string> => {
      const form = Object.fromEntries(new URLSearchParams(app.begin().path.split('?')[1]));
      return (await stack().post('/connect/par', form)).body.request_uri;
    };

    test.each<[string, Record<string, string | null>, string]>([
      ['prompt=none', { prompt: 'none' }, 'send the request without prompt=none'],
      [
        'an unknown prompt',
        { prompt: 'dance' },
        'Error invalid_request Description unsupported prompt',
      ],
      [
        'a scope that the API does not have',
        { scope: 'x' },
        'Error invalid_scope Description The resource',
      ],
      ['no scope', { scope: null }, 'Error invalid_scope Description the scope parameter'],
      ['an unknown API', { resource: 'https://nothing.test' }, 'invalid_target'],
      ['an invalid resource', { resource: 'x' }, 'invalid_target'],
      [
        'a token in the authorization response',
        { response_type: 'token' },
        'unsupported_response_type',
      ],
      ['an unknown response_type', { response_type: 'x' }, 'unsupported_response_type'],
      ['no response_type', { response_type: null }, 'response_type'],
      ['an unknown response_mode', { response_mode: 'x' }, 'unsupported_response_mode'],
      ['a negative age', { max_age: '-1' }, 'Error invalid_request Description invalid max_age'],
      ['no challenge', { code_challenge: null, code_challenge_method: null }, 'PKCE'],
      ['a plain challenge', { code_challenge_method: 'plain' }, 'code_challenge_method'],
      ['an invalid ID token', { id_token_hint: 'x.y.z' }, 'id_token_hint'],
      ['a request object', { request: 'x.y.z' }, 'request_not_supported'],
      ['an unknown request_uri', { request_uri: 'https://x.test' }, 'request_uri_not_supported'],
    ])('%s is shown on the page', async (_what, wrong, words) => {
      const app = await made();
      const { visitor } = await signedIn(stack());
      for (const mode of [{}, { response_mode: 'fragment' }, { response_mode: 'form_post' }] as {
        response_mode?: string;
      }[])
        for (const id of [app.client.id, app.client.id.replace(':', '~')])
          for (const who of [createVisitor(stack().origin), visitor]) {
            const changed = { ...app.changed, ...mode, client_id: id, ...wrong };
            const { status, location, ...page } = await who.get(app.begin(changed).path);
            expect([status, location, page.words]).toEqual([
              400,
              null,
              expect.stringContaining(words),
            ]);
            expect(page.words).toMatch(/Request ID [\w-]+/);
            // The person can follow a link that names its host, and goes nowhere without it.
            const link =
              /<a class="button wide" href="https:\/\/phish\.test\/back[?#]error=\w+&amp;[^"]*">Back to [^<]* \(phish\.test\)<\/a>/;
            if (!mode.response_mode && !('response_mode' in wrong)) expect(page.text).toMatch(link);
            if (changed.response_mode === 'form_post') expect(page.text).not.toMatch(link);
            expect(page.text.replace(link, '')).not.toContain('phish.test');
          }
    });

    test('neither does the pushed request of another client, nor an unknown one', async () => {
      const app = await made();
      const other = await makeLoginClient(stack());
      const uris = [await pushed(other), 'urn:ietf:params:oauth:request_uri:nothing'];
      for (const request_uri of uris)
        expect(await shown(app, { ...app.changed, request_uri })).toContain('request');
      // The other way round, the named client gets the error at its own redirect URI.
      const request_uri = await pushed({ ...app, begin: () => app.begin(app.changed) });
      const { path } = other.begin({ request_uri });
      const { location } = await createVisitor(stack().origin).get(path);
      expect(location).toMatch(/^https:\/\/spa\.test\/back\?error=invalid_request_object&/);
    });

    test('a program that accepts no HTML gets the error itself', async () => {
      const app = await made();
      const { path } = app.begin({ ...app.changed, prompt: 'none' });
      const visitor = createVisitor(stack().origin, { accept: 'application/json' });
      const { status, location, body } = await visitor.get(path);
      expect([status, location, body.error]).toEqual([400, null, 'login_required']);
    });

    test('a decision is sent there, also if it has been revoked since', async () => {
      const app = await made();
      const { visitor } = await signedIn(stack());
      const { path } = await ask(visitor, app.begin(app.changed));
      const { url } = await answer(visitor, path, 'deny');
      expect(url?.origin).toBe('https://phish.test');
      expect(url?.searchParams.get('error')).toBe('access_denied');
      const begun = app.begin(app.changed);
      const second = await ask(visitor, begun);
      await visitor.submit(second.path, { decision: 'allow' });
      await stack().domain.registry.revokeTokens(serverActor, app.client.id);
      const { location } = await visitor.get(
        second.path.replace('/consent/', '/connect/authorize/'),
      );
      const redirect = new URL(location ?? 'nowhere:');
      expect(redirect.origin).toBe('https://phish.test');
      expect(redirect.searchParams.get('error')).toBe('access_denied');
      expect(redirect.searchParams.get('state')).toBe(begun.state);
    });

    test('resuming without a decision does not redirect either', async () => {
      const app = await made();
      const { visitor } = await signedIn(stack());
      const { path } = await ask(visitor, app.begin(app.changed));
      await stack().domain.resources.update(app.resource, { appPolicy: null });
      const page = await visitor.get(path.replace('/consent/', '/connect/authorize/'));
      expect([page.status, page.location]).toEqual([400, null]);
      expect(page.words).toContain('invalid_target');
    });
  });

  describe('a pushed request (RFC 9126)', () => {
    const push = async (more: Record<string, string> = {}) => {
      const app = await makeLoginClient(stack());
      const begun = app.begin();
      const form = Object.fromEntries(new URLSearchParams(begun.path.split('?')[1]));
      return { app, pushed: await stack().post('/connect/par', { ...form, ...more }) };
    };

    test('that names another pushed request is refused (§2.1)', async () => {
      const { pushed: first } = await push();
      const { pushed } = await push({ request_uri: first.body.request_uri });
      expect(pushed).toMatchObject({ status: 400, body: { error: 'request_uri_not_supported' } });
    });

    test('cannot name a redirect URI that is not registered (§7.2)', async () => {
      const { pushed } = await push({ redirect_uri: 'https://evil.test/back' });
      expect(pushed).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });

    test('has a minute to arrive in a browser, and is invalid afterwards (§4)', async () => {
      const { app, pushed } = await push();
      expect(pushed).toMatchObject({
        status: 201,
        body: {
          request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{43,}$/),
          expires_in: 60,
        },
      });
      const now = Date.now();
      jest.spyOn(Date, 'now').mockReturnValue(now + 61_000);
      const request = { client_id: app.client.id, request_uri: pushed.body.request_uri };
      const page = await createVisitor(stack().origin)
        .get(`/connect/authorize?${new URLSearchParams(request)}`)
        .finally(() => jest.restoreAllMocks());
      expect([page.status, page.location]).toEqual([400, null]);
      expect(page.words).toContain('invalid_request_uri');
    });
  });

  describe('a code', () => {
    interface Coded {
      app: LoginClient;
      begun: Begun;
      accountId: string;
      url: URL;
    }
    const coded = async (): Promise<Coded> => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      const begun = app.begin({ scope: 'openid things:read offline_access' });
      return { app, begun, accountId, url: await allow(visitor, begun) };
    };
    const refused = { status: 400, body: expect.objectContaining({ error: 'invalid_grant' }) };

    test('is useless without its verifier (RFC 7636 §4.6), and remains valid with it', async () => {
      const { app, begun, url } = await coded();
      const other = challengeOf(begun.verifier);
      expect(await app.redeem(begun, url, { code_verifier: other })).toMatchObject(refused);
      expect(await app.redeem(begun, url, { code_verifier: '' })).toMatchObject(refused);
      expect((await app.redeem(begun, url)).status).toBe(200);
    });

    test('is useless to another client, and at another redirect_uri', async () => {
      const { app, begun, url } = await coded();
      const other = await makeLoginClient(stack());
      expect(await other.redeem(begun, url)).toMatchObject(refused);
      expect(
        await app.redeem(begun, url, { redirect_uri: 'https://spa.test/other' }),
      ).toMatchObject(refused);
      expect((await app.redeem(begun, url)).status).toBe(200);
    });

    test('expires within a minute of its issue (RFC 6749 §4.1.2)', async () => {
      const [early, late] = [await coded(), await coded()];
      const redeemAfter = (seconds: number, { app, begun, url }: Coded) => {
        const now = Date.now();
        jest.spyOn(Date, 'now').mockReturnValue(now + seconds * 1000);
        return app.redeem(begun, url).finally(() => jest.restoreAllMocks());
      };
      expect((await redeemAfter(50, early)).status).toBe(200);
      expect(await redeemAfter(61, late)).toMatchObject(refused);
    });

    test.each(['website', 'server'] as const)(
      'of a %s is useless without the redirect_uri of its request, even if only one is registered (RFC 6749 §4.1.3)',
      async (kind) => {
        const app = await makeLoginClient(stack(), kind);
        const { visitor } = await signedIn(stack());
        const begun = app.begin();
        const url = await allow(visitor, begun);
        const form = {
          grant_type: 'authorization_code',
          code: url.searchParams.get('code') ?? '',
          code_verifier: begun.verifier,
        };
        for (const given of [form, { ...form, redirect_uri: '' }]) {
          const { status, body } = app.client.secret
            ? await stack().post('/connect/token', given, app.client)
            : await stack().post('/connect/token', { ...given, client_id: app.client.id });
          expect([status, body.error]).toEqual([400, 'invalid_request']);
        }
        expect((await app.redeem(begun, url)).status).toBe(200);
      },
    );

    test('is redeemed once: a client that lost the response and asks again at once gets the same one, byte for byte', async () => {
      const { app, begun, url } = await coded();
      const first = await app.redeem(begun, url);
      const again = await Promise.all(Array.from({ length: 5 }, () => app.redeem(begun, url)));
      for (const { status, text, headers } of again)
        expect([status, text, headers.get('cache-control')]).toEqual([200, first.text, 'no-store']);
      expect((await app.introspect(first.body.access_token)).body.active).toBe(true);
    });

    test('of an OpenID login without PKCE is refused when it is used again, even by the same request at once, and its tokens end', async () => {
      const app = await makeLoginClient(stack(), 'server');
      const { visitor } = await signedIn(stack());
      const begun = app.begin({
        code_challenge: null,
        code_challenge_method: null,
        nonce: 'of-this-login',
      });
      const form = {
        grant_type: 'authorization_code',
        code: (await allow(visitor, begun)).searchParams.get('code') ?? '',
        redirect_uri: app.redirectUri,
      };
      const redeem = () => stack().post('/connect/token', form, app.client);
      const { status, body } = await redeem();
      expect(status).toBe(200);
      expect(await redeem()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect((await app.introspect(body.access_token)).body.active).toBe(false);
    });

    test.each<[string, (given: Coded) => Promise<Answer>]>([
      [
        'without its verifier',
        ({ app, begun, url }) => app.redeem(begun, url, { code_verifier: '' }),
      ],
      [
        'with another verifier',
        ({ app, begun, url }) =>
          app.redeem(begun, url, { code_verifier: challengeOf(begun.verifier) }),
      ],
      [
        'at another redirect_uri',
        ({ app, begun, url }) => app.redeem(begun, url, { redirect_uri: 'https://spa.test/other' }),
      ],
      [
        'with its resource stated',
        ({ app, begun, url }) => app.redeem(begun, url, { resource: app.resource }),
      ],
      [
        'for an API that was not approved',
        ({ app, begun, url }) => app.redeem(begun, url, { resource: 'https://other.test' }),
      ],
      [
        'by another client',
        async ({ begun, url }) => (await makeLoginClient(stack())).redeem(begun, url),
      ],
      [
        'after the window',
        async ({ app, begun, url }) => {
          await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(
            stack().database.kysely,
          );
          return app.redeem(begun, url);
        },
      ],
    ])(
      'that was redeemed revokes the grant when it is presented %s, and its owner gets an email',
      async (_how, present) => {
        const given = await coded();
        const { body } = await given.app.redeem(given.begun, given.url);
        expect(await present(given)).toMatchObject(refused);
        expect((await given.app.introspect(body.access_token)).body.active).toBe(false);
        expect(await given.app.redeem(given.begun, given.url)).toMatchObject(refused);
        const [login] = await stack().domain.connectedClients.list(given.accountId);
        expect(login).toMatchObject({ clientName: given.app.name, revokedBecause: 'reuse' });
      },
    );
  });
});
