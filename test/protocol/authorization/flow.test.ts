import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, type Stack } from '../../support/stacks.ts';
import type { Visitor } from '../../support/visitor.ts';
import { createResource } from '../token/support.ts';
import { allow, answer, ask, type LoginClient, makeAppClient, makeLoginClient } from './support.ts';

onStack((stack) => {
  test('a person sees the app, its scopes and its redirect URI; the app gets tokens once they allow it', async () => {
    const app = await makeLoginClient(stack());
    const { accountId, visitor } = await signedIn(stack());
    const begun = app.begin({ scope: 'openid things:read things:write offline_access' });
    const page = await ask(visitor, begun);
    expect(page.status).toBe(200);
    const words = [
      'spa.test',
      'See your things',
      'Stay connected',
      'Identify you by your account ID',
    ];
    for (const shown of [app.name, ...words]) expect(page.words).toContain(shown);
    const { url } = await answer(visitor, page.path);
    expect(`${url?.origin}${url?.pathname}`).toBe('https://spa.test/back');
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      code: expect.any(String),
      state: begun.state,
      iss: stack().issuer,
    });
    const { status, body } = await app.redeem(begun, url as URL);
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        token_type: 'Bearer',
        scope: 'openid offline_access things:read things:write',
        refresh_token: expect.stringMatching(/^writ_rt_/),
        id_token: expect.any(String),
      }),
    ]);
    expect((await app.introspect(body.access_token)).body).toMatchObject({
      active: true,
      sub: accountId,
      client_id: app.client.id,
      aud: app.resource,
    });
  });

  test('a grant is listed among the person’s connected apps; revoking it there revokes its tokens', async () => {
    const app = await makeLoginClient(stack());
    const { accountId, visitor } = await signedIn(stack());
    const begun = app.begin({ scope: 'things:read offline_access' });
    const { body } = await app.redeem(begun, await allow(visitor, begun));
    const [login] = await stack().domain.connectedClients.list(accountId);
    expect(login).toMatchObject({ clientName: app.name, device: { userAgent: 'node' } });
    const page = await visitor.get('/account/connected');
    for (const words of [app.name, 'See your things']) expect(page.words).toContain(words);
    await visitor.submit('/account/connected/revoke', { grant_id: login?.grantId ?? '' });
    expect((await app.introspect(body.access_token)).body.active).toBe(false);
    const refresh = await stack().post('/connect/token', {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      client_id: app.client.id,
    });
    expect(refresh.body.error).toBe('invalid_grant');
  });

  test('an approval is in the audit log with the account that gave it, and without secrets', async () => {
    const app = await makeLoginClient(stack());
    const { accountId, visitor } = await signedIn(stack());
    const url = await allow(visitor, app.begin());
    const events = await eventsOf(stack(), app);
    expect(events).toEqual([
      expect.objectContaining({
        action: 'consent.granted',
        result: 'success',
        actor_kind: 'account',
        actor_id: accountId,
        target_kind: 'client',
        details: expect.objectContaining({
          account_id: accountId,
          client_id: app.client.id,
          scope: 'things:read openid',
          resources: [app.resource],
        }),
      }),
    ]);
    expect(JSON.stringify(events)).not.toContain(url.searchParams.get('code'));
  });

  describe.each(['server', 'website', 'phone'] as const)('openid-client as a %s', (kind) => {
    const loggedIn = async (
      scope: string,
      parameters: Record<string, string> = {},
    ): Promise<LoggedIn & { app: LoginClient; person: Awaited<ReturnType<typeof signedIn>> }> => {
      const app = await makeLoginClient(stack(), kind);
      const person = await signedIn(stack());
      const config = await discover(stack(), app);
      return {
        ...(await logIn(config, app, person.visitor, { scope, ...parameters })),
        app,
        person,
      };
    };

    test('logs a person in, identifies them, and refreshes its tokens', async () => {
      const { tokens, config, person, app } = await loggedIn('openid offline_access things:read');
      expect(tokens.claims()).toMatchObject({ sub: person.accountId, iss: stack().issuer });
      expect(tokens.claims()).not.toHaveProperty('name');
      const refreshed = await client.refreshTokenGrant(config, String(tokens.refresh_token));
      expect((await app.introspect(refreshed.access_token)).body).toMatchObject({
        active: true,
        sub: person.accountId,
        scope: 'openid offline_access things:read',
      });
      // A public client’s refresh token rotates each time (RFC 9700 §4.14.2).
      const rotated = refreshed.refresh_token !== tokens.refresh_token;
      expect(rotated && refreshed.refresh_token !== undefined).toBe(kind !== 'server');
    });

    test('that requests no API gets the name and email address of the person', async () => {
      const { tokens, config, person } = await loggedIn('openid profile email');
      expect(tokens.scope).toBe('openid profile email');
      expect(await client.fetchUserInfo(config, tokens.access_token, person.accountId)).toEqual({
        sub: person.accountId,
        name: person.name,
        updated_at: expect.any(Number),
        email: person.email,
        email_verified: false,
      });
    });

    test('gets only the requested claims about the person', async () => {
      const { tokens, config, person } = await loggedIn('openid email');
      expect(await client.fetchUserInfo(config, tokens.access_token, person.accountId)).toEqual({
        sub: person.accountId,
        email: person.email,
        email_verified: false,
      });
    });

    test('requests a recent sign-in, and gets its time', async () => {
      const { tokens } = await loggedIn('openid', { max_age: '3600' });
      const age = Date.now() / 1000 - Number(tokens.claims()?.auth_time);
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(120);
    });

    test('pushes its request first (RFC 9126)', async () => {
      const { tokens, app } = await loggedIn('openid offline_access things:write', { pushed: '1' });
      expect(tokens.scope).toBe('openid offline_access things:write');
      expect(tokens.refresh_token).toMatch(/^writ_rt_/);
      expect((await app.introspect(tokens.access_token)).body.aud).toBe(app.resource);
    });
  });

  test('a token is for the requested resource (RFC 8707), and its ID token identifies the person', async () => {
    const other = await createResource(stack(), { name: 'Other API', token_format: 'jwt' });
    const app = await makeLoginClient(stack(), 'website', { resources: [] });
    await stack().domain.registry.update(serverActor, app.client.id, {
      resources: [app.resource, other],
    });
    const { visitor, name, accountId } = await signedIn(stack());
    const begun = app.begin({ scope: 'openid profile things:read', resource: other });
    const page = await ask(visitor, begun);
    expect(page.words).toContain('Other API');
    const { url } = await answer(visitor, page.path);
    const { body } = await app.redeem(begun, url as URL);
    expect(decodeJwt(body.access_token)).toMatchObject({
      aud: other,
      sub: accountId,
      client_id: app.client.id,
      scope: 'things:read',
    });
    expect(body.scope).toBe('openid profile things:read');
    expect(decodeJwt(body.id_token)).toMatchObject({ name, sub: accountId });
  });

  test('the page of connected apps opens an app where it starts logins, and names the issuer (OpenID Connect Core §4)', async () => {
    const app = await makeLoginClient(stack(), 'website', {
      initiate_login_uri: 'https://spa.test/start?from=writ',
    });
    const { visitor } = await signedIn(stack());
    const begun = app.begin();
    await app.redeem(begun, await allow(visitor, begun));
    const { text } = await visitor.get('/account/connected');
    const [, href = ''] = /href="(https:\/\/spa\.test\/start[^"]*)"/.exec(text) ?? [];
    const { searchParams } = new URL(href.replaceAll('&amp;', '&'));
    expect(Object.fromEntries(searchParams)).toEqual({ from: 'writ', iss: stack().issuer });
  });

  test('a code for two resources is redeemed for one of them', async () => {
    const other = await createResource(stack());
    const app = await makeLoginClient(stack(), 'website');
    await stack().domain.registry.update(serverActor, app.client.id, {
      resources: [app.resource, other],
    });
    const { visitor } = await signedIn(stack());
    const begun = app.begin({ resource: app.resource });
    begun.path += `&resource=${encodeURIComponent(other)}`;
    const { body } = await app.redeem(begun, await allow(visitor, begun), { resource: other });
    expect((await stack().introspect(body.access_token, app.resourceServer)).body.active).toBe(
      false,
    );
    expect(body.scope).toBe('openid things:read');
  });

  test('an app without a requested scope gets the one that it is registered with', async () => {
    const app = await makeLoginClient(stack(), 'website', { scope: 'openid things:read' });
    const { visitor } = await signedIn(stack());
    const begun = app.begin({ scope: null });
    const { body } = await app.redeem(begun, await allow(visitor, begun));
    expect([body.scope, typeof body.id_token]).toEqual(['openid things:read', 'string']);
  });

  test('a client that cannot refresh is not offered offline access', async () => {
    const app = await makeLoginClient(stack(), 'website', { grant_types: ['authorization_code'] });
    const { visitor } = await signedIn(stack());
    const begun = app.begin({ scope: 'things:read offline_access' });
    const page = await ask(visitor, begun);
    expect(page.words).not.toContain('Stay connected');
    const { url } = await answer(visitor, page.path);
    const { body } = await app.redeem(begun, url as URL);
    expect(body.scope).toBe('things:read');
    expect(body).not.toHaveProperty('refresh_token');
  });

  test('the ID token of a refresh is about the same sign-in (OpenID Connect Core §12.2)', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const begun = app.begin({
      scope: 'openid offline_access things:read',
      nonce: 'n-0S6_WzA2Mj',
      max_age: '3600',
    });
    const { body } = await app.redeem(begun, await allow(visitor, begun));
    const refreshed = await stack().post('/connect/token', {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      client_id: app.client.id,
    });
    const [first, second] = [decodeJwt(body.id_token), decodeJwt(refreshed.body.id_token)];
    expect(first).toMatchObject({ sub: accountId, nonce: 'n-0S6_WzA2Mj' });
    for (const claim of ['iss', 'sub', 'aud', 'auth_time'])
      expect([claim, second[claim]]).toEqual([claim, first[claim]]);
    expect(second['auth_time']).toEqual(expect.any(Number));
    expect(second.iat).toBeGreaterThanOrEqual(Number(first.iat));
    expect(['n-0S6_WzA2Mj', undefined]).toContain(second['nonce']);
  });

  describe('what signs an ID token (OpenID Connect Core §15.1, Registration §2)', () => {
    /** The claims of an ID token, verified by a library that expects one algorithm. */
    const logInExpecting = async (app: LoginClient, alg: string, person: { visitor: Visitor }) => {
      const config = await discover(stack(), app, { id_token_signed_response_alg: alg });
      const { tokens } = await logIn(config, app, person.visitor, {
        scope: 'openid',
        prompt: 'consent',
      });
      const idToken = String(tokens.id_token);
      const keys = createLocalJWKSet(
        (await stack().get('/.well-known/openid-configuration/jwks')).body,
      );
      const { payload, protectedHeader } = await jwtVerify(idToken, keys, {
        algorithms: [alg],
        issuer: stack().issuer,
        audience: app.client.id,
        requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
      });
      expect(protectedHeader.kid).toEqual(expect.any(String));
      return { sub: payload.sub, idToken };
    };

    test('is RS256 by default, as openid-client 5 expects', async () => {
      const person = await signedIn(stack());
      const app = await makeLoginClient(stack());
      expect((await logInExpecting(app, 'RS256', person)).sub).toBe(person.accountId);
    });

    test.each(['ES256', 'EdDSA'])('is %s if the client is registered so', async (alg) => {
      const person = await signedIn(stack());
      const app = await makeLoginClient(stack(), 'website', { id_token_signed_response_alg: alg });
      expect((await logInExpecting(app, alg, person)).sub).toBe(person.accountId);
    });

    test('is RS256 for a client that is stored without an algorithm', async () => {
      const person = await signedIn(stack());
      const app = await makeLoginClient(stack());
      await stack().domain.registry.update(serverActor, app.client.id, {
        metadata: { id_token_signed_response_alg: null },
      });
      expect((await logInExpecting(app, 'RS256', person)).sub).toBe(person.accountId);
    });

    test('can be changed, and older ID tokens are still accepted as id_token_hint', async () => {
      const person = await signedIn(stack());
      const app = await makeLoginClient(stack(), 'website', {
        id_token_signed_response_alg: 'ES256',
      });
      const { idToken } = await logInExpecting(app, 'ES256', person);
      await stack().api.call('PATCH', `/clients/${app.client.id}`, {
        id_token_signed_response_alg: null,
      });
      await logInExpecting(app, 'RS256', person);
      const hinted = await allow(person.visitor, app.begin({ id_token_hint: idToken }));
      expect(hinted.searchParams.has('code')).toBe(true);
    });

    test('is RS256 for a client of an app, too', async () => {
      const person = await signedIn(stack());
      const app = await makeAppClient(stack(), 'website', 'https://acme.test/back');
      expect((await logInExpecting(app, 'RS256', person)).sub).toBe(person.accountId);
    });
  });

  test('response_mode=form_post and fragment redirect to the app as well', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    const fragment = app.begin({ response_mode: 'fragment' });
    const { url } = await answer(visitor, (await ask(visitor, fragment)).path);
    const hash = new URLSearchParams(url?.hash.slice(1));
    expect([hash.get('state'), url?.search]).toEqual([fragment.state, '']);
    const posted = app.begin({ response_mode: 'form_post' });
    const page = await visitor.get(posted.path);
    expect(page.text).toContain(
      '<form method="post" action="https://spa.test/back" id="response">',
    );
    expect(page.text).toContain(`name="state" value="${posted.state}"`);
    // Writ's own headers: only the one script. The website can redirect the form to any other site.
    const policy = page.headers.get('content-security-policy') ?? '';
    const [, script = ''] = /<script>(.*)<\/script>/.exec(page.text) ?? [];
    const digest = createHash('sha256').update(script).digest('base64');
    expect(policy).toContain(`script-src 'sha256-${digest}'`);
    expect(policy).not.toContain('form-action');
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    // An error as well.
    const refused = await visitor.get(app.begin({ response_mode: 'form_post', scope: 'x' }).path);
    expect([refused.status, refused.text]).toEqual([
      200,
      expect.stringContaining('name="error" value="invalid_scope"'),
    ]);
  });

  test.each(['website', 'native'] as const)(
    'a %s that people created in an app of theirs logs people in, and the page names the owner of the app',
    async (kind) => {
      const redirectUri = kind === 'native' ? 'com.example.acme:/back' : 'https://acme.test/back';
      const app = await makeAppClient(stack(), kind, redirectUri);
      const { visitor, accountId } = await signedIn(stack());
      for (const id of [app.client.id, app.client.id.replace(':', '~')]) {
        const begun = app.begin({ client_id: id, resource: app.resource, prompt: 'consent' });
        const page = await ask(visitor, begun);
        expect(page.words).toContain(app.app);
        const { url } = await answer(visitor, page.path);
        const { status, body } = await app.redeem(begun, url as URL, {
          ...(!app.client.secret && { client_id: id }),
        });
        expect([status, body.scope]).toEqual([200, 'openid things:read']);
        expect((await app.introspect(body.access_token)).body).toMatchObject({
          sub: accountId,
          client_id: app.client.id,
        });
      }
    },
  );

  test.each([':', '~'])(
    'a client of an app pushes its request, with %s in its id',
    async (sign) => {
      const app = await makeAppClient(stack(), 'website', 'https://acme.test/back');
      const { visitor } = await signedIn(stack());
      const id = app.client.id.replace(':', sign);
      const config = await discover(stack(), { ...app, client: { ...app.client, id } });
      const { tokens } = await logIn(config, app, visitor, {
        scope: 'things:read',
        resource: app.resource,
        pushed: '1',
      });
      expect((await app.introspect(tokens.access_token)).body.client_id).toBe(app.client.id);
    },
  );
});

interface LoggedIn {
  config: client.Configuration;
  tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;
}

const discover = (
  { issuer }: Stack,
  { client: { id, secret } }: Pick<LoginClient, 'client'>,
  metadata?: Partial<client.ClientMetadata>,
) =>
  client.discovery(
    new URL(issuer),
    id,
    metadata,
    secret ? client.ClientSecretBasic(secret) : client.None(),
    // http://localhost
    { execute: [client.allowInsecureRequests] },
  );

/** A login with openid-client; the person allows it. */
async function logIn(
  config: client.Configuration,
  { redirectUri }: LoginClient,
  visitor: Visitor,
  { pushed, ...parameters }: Record<string, string>,
): Promise<LoggedIn> {
  const verifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: client.randomState(),
    ...(parameters['scope']?.includes('openid') && { expectedNonce: client.randomNonce() }),
    ...(parameters['max_age'] && { maxAge: Number(parameters['max_age']) }),
  };
  const asked = {
    redirect_uri: redirectUri,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    ...(checks.expectedNonce && { nonce: checks.expectedNonce }),
    ...parameters,
  };
  const begin = pushed
    ? await client.buildAuthorizationUrlWithPAR(config, asked)
    : client.buildAuthorizationUrl(config, asked);
  const { pathname, search } = begin;
  const { path } = await ask(visitor, { path: pathname + search });
  const { url, page } = await answer(visitor, path);
  if (!url) throw new Error(`nothing came back: ${page.words}`);
  return { config, tokens: await client.authorizationCodeGrant(config, url, checks) };
}

async function eventsOf({ database }: Stack, { client: { id } }: LoginClient) {
  return database.kysely
    .selectFrom('audit_event')
    .selectAll()
    .where('target_id', '=', id)
    .where('action', 'like', 'consent.%')
    .orderBy('id')
    .execute();
}
