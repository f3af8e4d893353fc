// ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant) between two servers: one is the identity provider of the people and issues
// it, the other is the authorization server of an API and trusts the first.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import type { Answer, Credentials } from '../../support/http.ts';
import { logIn } from '../../support/login.ts';
import { signedIn, type TestPerson } from '../../support/people.ts';
import { onStack, type Stack, startStack, unique } from '../../support/stacks.ts';
import { createVisitor, type Visitor } from '../../support/visitor.ts';
import { answer, ask, type LoginClient, makeLoginClient } from '../authorization/support.ts';
import { createDpopKey } from '../strict/support.ts';
import { createResource } from './support.ts';
import { tokenTypes } from './token-exchange/support.ts';

onStack((stack) => {
  /** The identity provider; `stack` has the API. */
  let home: Stack;
  let app: LoginClient;
  let person: TestPerson & { visitor: Visitor };
  let resource: string;
  let other: string;
  let resourceServer: Credentials;
  /** The client there. */
  let there: Credentials;
  let idToken: string;
  let refreshToken: string;
  const sso = unique('sso');

  const access = (given: Record<string, unknown> = {}) =>
    home.api.call('PATCH', '/cross-app-access/app-there', given);

  const request = (form: Record<string, string> = {}, by = app.client, headers = {}) =>
    home.post(
      '/connect/token',
      {
        grant_type: grantTypes.tokenExchange,
        requested_token_type: tokenTypes.idJag,
        audience: stack().issuer,
        subject_token: idToken,
        subject_token_type: tokenTypes.idToken,
        ...form,
      },
      by,
      headers,
    );

  const redeem = (assertion: string, form = {}, by = there, headers = {}) =>
    stack().post(
      '/connect/token',
      { grant_type: grantTypes.jwtBearer, assertion, ...form },
      by,
      headers,
    );

  const refusal = ({ status, body }: Answer) => [status, body.error];

  /** A person logs in to the app at the identity provider. */
  const logInto = async (visitor: Visitor): Promise<Answer> => {
    const begun = app.begin({ scope: 'openid offline_access things:read', prompt: 'consent' });
    const { url } = await answer(visitor, (await ask(visitor, begun)).path);
    if (!url) throw new Error('no response');
    return app.redeem(begun, url);
  };

  beforeAll(async () => {
    home = await startStack('embedded');
    app = await makeLoginClient(home, 'server', {
      grant_types: ['authorization_code', 'refresh_token', grantTypes.tokenExchange],
    });
    // The other server signs people in here, under ids of its own.
    const { secret: ssoSecret } = await home.api.createClient({
      client_id: sso,
      application_type: 'native',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [`${stack().issuer}/sign-in/with/home/callback`],
      subject_type: 'pairwise',
      token_endpoint_auth_method: 'client_secret_basic',
    });
    resource = await createResource(stack());
    other = await createResource(stack());
    resourceServer = await stack().api.createClient({ resource_server_for: [resource, other] });
    there = await stack().api.createClient({
      client_id: unique('app-there'),
      grant_types: [grantTypes.jwtBearer],
      resources: [resource, other],
    });
    const provider = await stack().api.call('POST', '/identity-providers', {
      id: 'home',
      issuer: home.issuer,
      client_id: sso,
      client_secret: ssoSecret,
      private_network: true,
      trusts_email: true,
      create_accounts: 'verified',
      allowed_domains: ['example.com'],
    });
    const trusted = await stack().api.call('POST', '/trusted-issuers', {
      id: 'home',
      issuer: home.issuer,
      uses: ['id_jag'],
      provider_id: 'home',
      private_network: true,
    });
    await home.api.setRole('staff', []);
    const created = await home.api.call('POST', '/cross-app-access', {
      id: 'app-there',
      client: app.client.id,
      audience: stack().issuer,
      client_id_there: there.id,
      sso_client: sso,
      resources: [resource],
      scopes: ['things:read'],
      roles: ['staff'],
      email: true,
    });
    expect([provider.status, trusted.status, created.status]).toEqual([201, 201, 201]);
    person = await signedIn(home, { roles: ['staff'] });
    await home.api.call('PATCH', `/accounts/${person.accountId}`, { email_verified: true });
    const { body } = await logInto(person.visitor);
    idToken = body.id_token;
    refreshToken = body.refresh_token;
  });
  afterAll(() => home?.close());

  test('a person signs in at one server, and the app gets a token for an API of the other, without asking', async () => {
    const { status, body } = await request({ scope: 'things:read', resource });
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
        token_type: 'N_A',
        expires_in: 300,
        scope: 'things:read',
      },
    ]);
    expect(decodeProtectedHeader(body.access_token)).toMatchObject({ typ: 'oauth-id-jag+jwt' });
    const client = await home.domain.clients(sso);
    const claims = decodeJwt(body.access_token);
    expect(claims).toEqual({
      iss: home.issuer,
      sub: home.domain.subjectFor(client?.metadata ?? {}, person.accountId),
      aud: stack().issuer,
      client_id: there.id,
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: Number(claims.iat) + 300,
      resource,
      scope: 'things:read',
      auth_time: expect.any(Number),
      acr: expect.any(String),
      amr: ['pwd'],
      email: person.email,
      email_verified: true,
    });
    expect(claims.sub).not.toBe(person.accountId);
    const token = await redeem(body.access_token);
    expect([token.status, token.body]).toMatchObject([200, { scope: 'things:read' }]);
    const shown = await stack().introspect(token.body.access_token, resourceServer);
    expect(shown.body).toMatchObject({ active: true, aud: resource, client_id: there.id });
    const { body: account } = await stack().api.call('GET', `/accounts/${shown.body.sub}`);
    expect(account).toMatchObject({ email: person.email });
    expect(refusal(await redeem(body.access_token))).toEqual([400, 'invalid_grant']);

    // It is the account with which the person signs in at the other server.
    const elsewhere = createVisitor(stack().origin);
    await elsewhere.get('/sign-in');
    const sent = await elsewhere.submit('/sign-in/with/home');
    const path = String(sent.location).slice(home.origin.length);
    const { url } = await answer(person.visitor, (await ask(person.visitor, { path })).path);
    const back = await elsewhere.get(String(url).slice(stack().origin.length));
    expect([back.status, back.location]).toEqual([303, '/account']);
    const [session] = await stack().domain.sessions.list(shown.body.sub);
    expect(session?.amr).toEqual(['fed']);
  });

  test('a refresh token gets one as well, without being used up, and what is left out is what the access has', async () => {
    for (const _ of [1, 2]) {
      const { status, body } = await request({
        subject_token: refreshToken,
        subject_token_type: tokenTypes.refreshToken,
      });
      expect([status, body.scope]).toEqual([200, 'things:read']);
      expect(decodeJwt(body.access_token)).toMatchObject({ resource, scope: 'things:read' });
      expect((await redeem(body.access_token)).status).toBe(200);
    }
  });

  test('an ID-JAG that is bound to a key is redeemed with a proof of that key only, and so is its token', async () => {
    const key = await createDpopKey();
    const proof = async (issuer: string, by = key) => ({
      DPoP: await by.prove('POST', `${issuer}/connect/token`),
    });
    const bound = async () =>
      (await request({}, app.client, await proof(home.issuer))).body.access_token;
    const assertion = await bound();
    expect(decodeJwt(assertion)).toMatchObject({ cnf: { jkt: key.jkt } });
    expect(refusal(await redeem(assertion))).toEqual([400, 'invalid_grant']);
    const stranger = await proof(stack().issuer, await createDpopKey());
    expect(refusal(await redeem(assertion, {}, there, stranger))).toEqual([400, 'invalid_grant']);
    const { status, body } = await redeem(assertion, {}, there, await proof(stack().issuer));
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    const shown = await stack().introspect(body.access_token, resourceServer);
    expect(shown.body).toMatchObject({ active: true, cnf: { jkt: key.jkt } });
  });

  test('an ID-JAG opens nothing but its one audience, for its one client', async () => {
    const { body } = await request();
    const stranger = await stack().api.createClient({
      grant_types: [grantTypes.jwtBearer],
      resources: [resource],
    });
    expect(refusal(await redeem(body.access_token, {}, stranger))).toEqual([400, 'invalid_grant']);
    expect(refusal(await redeem(body.access_token, { resource: other }))).toEqual([
      400,
      'invalid_target',
    ]);
    // Not even the server that issued it.
    const own = await home.post(
      '/connect/token',
      {
        grant_type: grantTypes.tokenExchange,
        subject_token: body.access_token,
        subject_token_type: tokenTypes.jwt,
      },
      app.client,
    );
    expect(refusal(own)).toEqual([400, 'invalid_request']);
    expect((await home.introspect(body.access_token, app.client)).body).toEqual({ active: false });
  });

  test.each<[string, Record<string, string>, string]>([
    ['another audience', { audience: 'https://else.example' }, 'invalid_target'],
    ['no audience', { audience: '' }, 'invalid_request'],
    ['another resource', { resource: 'https://else.example' }, 'invalid_target'],
    ['another scope', { scope: 'things:read things:write' }, 'invalid_scope'],
    ['an actor', { actor_token: 'x', actor_token_type: tokenTypes.jwt }, 'invalid_request'],
    ['details', { authorization_details: '[{"type":"x"}]' }, 'invalid_authorization_details'],
    ['a subject that is none', { subject_token: 'a.b.c' }, 'invalid_request'],
  ])('a request for an ID-JAG with %s is refused', async (_name, form, error) => {
    expect(refusal(await request(form))).toEqual([400, error]);
  });

  test('an access token gets none, and neither does the login of another client', async () => {
    const guest = await signedIn(home);
    const { body } = await logInto(guest.visitor);
    const form = { subject_token: body.access_token, subject_token_type: tokenTypes.accessToken };
    expect(refusal(await request(form))).toEqual([400, 'invalid_request']);
    const stranger = await home.api.createClient({
      client_id: unique('stranger'),
      grant_types: [grantTypes.tokenExchange],
    });
    const given = { id: 'stranger', client: stranger.id, audience: stack().issuer };
    const created = await home.api.call('POST', '/cross-app-access', {
      ...given,
      client_id_there: there.id,
    });
    expect(created.status).toBe(201);
    expect(refusal(await request({}, stranger))).toEqual([400, 'invalid_request']);
    const bare = await home.api.createClient({});
    expect(refusal(await request({}, bare))).toEqual([400, 'unauthorized_client']);
  });

  describe('once it is taken away', () => {
    test('a person without the role gets none', async () => {
      const guest = await signedIn(home);
      const { body } = await logInto(guest.visitor);
      const form = { subject_token: body.id_token };
      expect(refusal(await request(form))).toEqual([403, 'access_denied']);
      await access({ roles: null });
      expect((await request(form)).status).toBe(200);
      await access({ roles: ['staff'] });
    });

    test('the access is disabled, and no ID-JAG is issued until it is enabled', async () => {
      await access({ enabled: false });
      expect(refusal(await request())).toEqual([400, 'invalid_target']);
      await access({ enabled: true });
      expect((await request()).status).toBe(200);
    });

    test('the person ends the login, or is disabled, and no ID-JAG is issued', async () => {
      const login = await logIn(home, app.client.id, {
        scope: 'openid offline_access',
        roles: ['staff'],
      });
      const form = {
        subject_token: login.refreshToken,
        subject_token_type: tokenTypes.refreshToken,
      };
      const granted = await request(form);
      expect([granted.status, granted.body]).toMatchObject([200, {}]);
      await home.domain.grants.revoke(login.grantId);
      expect(refusal(await request(form))).toEqual([400, 'invalid_request']);
      const guest = await signedIn(home, { roles: ['staff'] });
      const { body } = await logInto(guest.visitor);
      expect((await request({ subject_token: body.id_token })).status).toBe(200);
      await home.api.call('POST', `/accounts/${guest.accountId}/disable`);
      expect(refusal(await request({ subject_token: body.id_token }))).toEqual([
        400,
        'invalid_request',
      ]);
    });

    test('the other server no longer trusts it, and an ID-JAG gets nothing, and what earlier ones got is revoked', async () => {
      const { body } = await request();
      const earlier = (await redeem((await request()).body.access_token)).body.access_token;
      const isActive = async () =>
        (await stack().introspect(earlier, resourceServer)).body.active as boolean;
      expect(await isActive()).toBe(true);
      await stack().api.call('PATCH', '/trusted-issuers/home', { enabled: false });
      expect(await isActive()).toBe(false);
      expect(refusal(await redeem(body.access_token))).toEqual([400, 'invalid_grant']);
      await stack().api.call('PATCH', '/trusted-issuers/home', { enabled: true });
      expect((await redeem(body.access_token)).status).toBe(200);
      expect(await isActive()).toBe(false);
    });
  });

  test('the audit says which client got access for whom, and who decided about it', async () => {
    const events = async (query: string) =>
      (await home.api.call('GET', `/audit-events?${query}`)).body.items;
    const [used] = await events('action=cross_app_access.used');
    expect(used).toMatchObject({
      target: { kind: 'client', id: app.client.id },
      details: { access: 'app-there', audience: stack().issuer },
    });
    const [created] = await events('action=cross_app_access.created&target=app-there');
    expect(created).toMatchObject({ details: { client: app.client.id, roles: ['staff'] } });
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['of this server', { audience: 'self' }, 400],
    ['that is no URL', { audience: 'chat' }, 400],
    ['over plain http', { audience: 'http://chat.example' }, 400],
    ['with a query', { audience: 'https://chat.example?x' }, 400],
    ['of an unknown client', { client: 'nobody' }, 400],
    ['of a public client', { client: 'public' }, 400],
    ['for an unknown role', { roles: ['nobody'] }, 400],
    ['for no role', { roles: [] }, 400],
    ['with a resource that is no URI', { resources: ['things'] }, 400],
    ['with a scope of two words', { scopes: ['things read'] }, 400],
    ['that lives for a day', { lifetime: 86_400 }, 400],
    ['for the same client and audience', { audience: 'same' }, 409],
    ['with an ID of upper case', { id: 'App' }, 400],
  ])('cross-app access %s is refused', async (_name, given, status) => {
    const { id: unlisted } = await home.api.createClient({ token_endpoint_auth_method: 'none' });
    const named: Record<string, string> = { self: home.issuer, same: stack().issuer };
    const answered = await home.api.call('POST', '/cross-app-access', {
      id: unique('x'),
      client: app.client.id,
      audience: 'https://chat.example',
      client_id_there: 'f53f',
      ...given,
      ...(given['audience'] !== undefined && {
        audience: named[String(given['audience'])] ?? given['audience'],
      }),
      ...(given['client'] === 'public' && { client: unlisted }),
    });
    expect(answered.status).toBe(status);
  });

  test('the metadata announces it', async () => {
    const { body } = await home.get('/.well-known/oauth-authorization-server');
    expect(body.identity_chaining_requested_token_types_supported).toEqual([tokenTypes.idJag]);
  });
});
