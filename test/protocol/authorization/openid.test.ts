import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { languages } from '../../../config/languages.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import type { Answer } from '../../support/http.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import { makeDevices } from '../device/support.ts';
import { allow, ask, type Begun, type LoginClient, makeLoginClient } from './support.ts';

type Person = Awaited<ReturnType<typeof signedIn>>;

/** OpenID Connect Core: what a client that signs people in gets. */
onStack((stack) => {
  let person: Person;
  beforeAll(async () => {
    person = await signedIn(stack());
  });

  const logIn = async (
    app: LoginClient,
    changed: Record<string, string | null>,
    by = person,
  ): Promise<Answer['body']> => {
    const begun = app.begin(changed);
    const { status, body } = await app.redeem(begun, await allow(by.visitor, begun));
    expect([status, body.error]).toEqual([200, undefined]);
    return body;
  };

  const userinfo = (token: string, query = '') =>
    stack().get(`/connect/userinfo${query}`, { authorization: `Bearer ${token}` });

  const push = async ({ path }: Begun) =>
    stack().post('/connect/par', [...new URL(path, 'http://any').searchParams]);

  describe('beside openid', () => {
    const odd = 'openid groupz urn:zitadel:iam:org:project:id:1:aud things:read';

    test('a scope that means nothing here is ignored, and not granted (Core §3.1.2.1)', async () => {
      const app = await makeLoginClient(stack());
      expect((await logIn(app, { scope: odd })).scope).toBe('openid things:read');
    });

    test('it is ignored in a pushed request and in one of a device', async () => {
      const app = await makeLoginClient(stack());
      expect((await push(app.begin({ scope: odd }))).status).toBe(201);
      const { begin } = await makeDevices(stack());
      expect(await begin({ scope: odd })).toHaveProperty('user_code');
    });

    test('if no scope of an API is left, the token is for userinfo alone', async () => {
      const app = await makeLoginClient(stack());
      const body = await logIn(app, { scope: 'openid groupz' });
      expect(body.scope).toBe('openid');
      expect((await stack().introspect(body.access_token, app.resourceServer)).body.active).toBe(
        false,
      );
      expect((await userinfo(body.access_token)).body).toEqual({ sub: person.accountId });
    });

    test('a scope that the client is not allowed is refused', async () => {
      const app = await makeLoginClient(stack(), 'website', { scope: 'openid things:read' });
      for (const scope of ['openid things:write', 'openid email'])
        expect((await push(app.begin({ scope }))).body.error).toBe('invalid_scope');
    });
  });

  test.each(['groupz things:read', 'groups things:read', 'address'])(
    'without openid, the scope "%s" is refused',
    async (scope) => {
      const app = await makeLoginClient(stack());
      expect((await push(app.begin({ scope }))).body.error).toBe('invalid_scope');
      const { begin } = await makeDevices(stack());
      await expect(begin({ scope })).rejects.toThrow('invalid_scope');
    },
  );

  describe.each(['opaque', 'jwt'] as const)('a token for an API, %s, with openid', (format) => {
    const makeApp = async (): Promise<LoginClient> => {
      const app = await makeLoginClient(stack());
      await stack().domain.resources.update(app.resource, { tokenFormat: format });
      return app;
    };

    test('is accepted at userinfo, states its whole scope, and is still for the API', async () => {
      const app = await makeApp();
      const scope = 'openid profile offline_access things:read';
      const body = await logIn(app, { scope });
      expect(body.access_token).toMatch(format === 'jwt' ? /^eyJ/ : /^writ_at_/);
      expect(body.scope).toBe(scope);
      expect((await app.introspect(body.access_token)).body).toMatchObject({
        active: true,
        aud: app.resource,
        scope,
      });
      expect((await userinfo(body.access_token)).body).toEqual({
        sub: person.accountId,
        name: person.name,
        updated_at: expect.any(Number),
      });
    });

    if (format === 'jwt')
      test('in a mixed request, a JWT names only the scopes of its API, and userinfo takes it', async () => {
        const app = await makeApp();
        const scope = 'openid profile offline_access things:read';
        const first = await logIn(app, { scope });
        const refreshed = await stack().post('/connect/token', {
          grant_type: 'refresh_token',
          refresh_token: first.refresh_token,
          client_id: app.client.id,
        });
        for (const { access_token: token } of [first, refreshed.body]) {
          expect(decodeJwt(token)).toMatchObject({ aud: app.resource, scope: 'things:read' });
          expect((await userinfo(token)).body).toMatchObject({ name: person.name });
        }
      });

    test('refreshed to fewer scopes, it has no more than those', async () => {
      const app = await makeApp();
      const { refresh_token } = await logIn(app, {
        scope: 'openid profile offline_access things:read',
      });
      const refresh = (token: string, scope: string) =>
        stack().post('/connect/token', {
          grant_type: 'refresh_token',
          refresh_token: token,
          client_id: app.client.id,
          scope,
        });
      const narrow = await refresh(refresh_token, 'openid things:read');
      expect(narrow.body.scope).toBe('openid things:read');
      expect((await userinfo(narrow.body.access_token)).body).toEqual({ sub: person.accountId });
      const without = await refresh(narrow.body.refresh_token, 'things:read');
      expect(without.body.scope).toBe('things:read');
      expect(await userinfo(without.body.access_token)).toMatchObject({
        status: 403,
        body: { error: 'insufficient_scope' },
      });
    });

    test('is refused at userinfo once it is revoked', async () => {
      const app = await makeApp();
      const { access_token: token } = await logIn(app, { scope: 'openid things:read' });
      await stack().post('/connect/revocation', { token, client_id: app.client.id });
      expect(await userinfo(token)).toMatchObject({
        status: 401,
        body: { error: 'invalid_token' },
      });
    });

    test('without openid it is refused at userinfo', async () => {
      const app = await makeApp();
      const { access_token } = await logIn(app, { scope: 'profile things:read' });
      expect((await userinfo(access_token)).status).toBe(403);
    });
  });

  test('userinfo is a signed JWT for a client that asks for one', async () => {
    const app = await makeLoginClient(stack(), 'website', {
      userinfo_signed_response_alg: 'ES256',
    });
    const { access_token } = await logIn(app, { scope: 'openid profile' });
    const { headers, text } = await userinfo(access_token);
    expect(headers.get('content-type')).toMatch(/^application\/jwt/);
    const { body: keys } = await stack().get('/.well-known/openid-configuration/jwks');
    const { payload, protectedHeader } = await jwtVerify(text, createLocalJWKSet(keys), {
      issuer: stack().issuer,
      audience: app.client.id,
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({ sub: person.accountId, name: person.name });
  });

  describe('an ID token', () => {
    test('has the claims of the scopes, how and when the person signed in, and the hash of the access token', async () => {
      const before = Math.floor(Date.now() / 1000);
      const someone = await signedIn(stack());
      const app = await makeLoginClient(stack());
      const body = await logIn(app, { scope: 'openid profile things:read' }, someone);
      const claims = decodeJwt(body.id_token);
      expect(claims).toMatchObject({ name: someone.name, acr: '1', amr: ['pwd'] });
      expect(claims['auth_time']).toBeGreaterThanOrEqual(before);
      const digest = createHash('sha256').update(body.access_token).digest();
      expect(claims['at_hash']).toBe(digest.subarray(0, 16).toString('base64url'));
    });

    test('of a refresh has the same sign-in, and a hash of the new access token (Core §12.2)', async () => {
      const app = await makeLoginClient(stack());
      const first = await logIn(app, { scope: 'openid profile offline_access' });
      const { body } = await stack().post('/connect/token', {
        grant_type: 'refresh_token',
        refresh_token: first.refresh_token,
        client_id: app.client.id,
      });
      const [before, after] = [decodeJwt(first.id_token), decodeJwt(body.id_token)];
      for (const claim of ['iss', 'sub', 'aud', 'auth_time', 'acr', 'amr', 'name'])
        expect([claim, after[claim]]).toEqual([claim, before[claim]]);
      const digest = createHash('sha256').update(body.access_token).digest();
      expect(after['at_hash']).toBe(digest.subarray(0, 16).toString('base64url'));
    });

    test('of a device says how and when the person who approved it signed in', async () => {
      const { begin, logins, poll, person: approver } = await makeDevices(stack());
      const begun = await begin({ scope: 'openid things:read' });
      await logins.approve(begun.user_code, { ...(await approver()), signedInAt: new Date() });
      const { body } = await poll(begun);
      expect(decodeJwt(body.id_token)).toMatchObject({
        acr: '1',
        amr: ['pwd'],
        auth_time: expect.any(Number),
        at_hash: expect.any(String),
      });
    });

    test('says two factors once a second one was proven, as do access tokens, also after a refresh (RFC 9068 §2.2.1, RFC 9470 §6)', async () => {
      const someone = await signedIn(stack());
      const amr = ['pwd', 'otp', 'mfa'];
      await sql`update session set amr = ${amr}, factor_at = now()
        where account_id = ${someone.accountId}::uuid`.execute(stack().database.kysely);
      const app = await makeLoginClient(stack());
      const first = await logIn(app, { scope: 'openid offline_access things:read' }, someone);
      const { body: refreshed } = await stack().post('/connect/token', {
        grant_type: 'refresh_token',
        refresh_token: first.refresh_token,
        client_id: app.client.id,
      });
      const { auth_time } = decodeJwt(first.id_token);
      for (const body of [first, refreshed]) {
        const expected = { auth_time, acr: '2', amr };
        expect(decodeJwt(body.id_token)).toMatchObject(expected);
        const { body: seen } = await stack().introspect(body.access_token, app.resourceServer);
        expect(seen).toMatchObject({ active: true, ...expected });
      }
    });

    test('has only sub if its client wants the claims at userinfo alone (Core §5.4)', async () => {
      const app = await makeLoginClient(stack(), 'website', { claims_in_id_token: false });
      const body = await logIn(app, { scope: 'openid profile things:read' });
      expect(decodeJwt(body.id_token)).not.toHaveProperty('name');
      expect((await userinfo(body.access_token)).body.name).toBe(person.name);
    });
  });

  test('the scopes roles and groups give the roles of the person, in ID token and userinfo', async () => {
    const role = unique('role');
    await stack().api.setRole(role, ['things.read']);
    const someone = await signedIn(stack());
    await stack().domain.accounts.update(serverActor, someone.accountId, { roles: [role] });
    const app = await makeLoginClient(stack());
    const begun = app.begin({ scope: 'openid roles groups things:read' });
    const page = await ask(someone.visitor, begun);
    for (const words of ['See your roles', 'See your groups']) expect(page.words).toContain(words);
    const body = await logIn(app, { scope: 'openid roles groups things:read' }, someone);
    const rights = { roles: [role], groups: [role] };
    expect(decodeJwt(body.id_token)).toMatchObject(rights);
    expect((await userinfo(body.access_token)).body).toMatchObject(rights);
    const only = await logIn(app, { scope: 'openid groups' }, someone);
    expect(decodeJwt(only.id_token)).not.toHaveProperty('roles');
  });

  test('display, ui_locales, claims_locales and acr_values cause no error (Core §15.1)', async () => {
    const app = await makeLoginClient(stack());
    for (const changed of [
      { display: 'page' },
      { display: 'popup' },
      { display: 'touch' },
      { display: 'wap' },
      { ui_locales: 'fr-CA fr en' },
      { claims_locales: 'de ja-Hani-JP' },
      { acr_values: '2 urn:mace:incommon:iap:silver' },
    ])
      expect(await logIn(app, { scope: 'openid', ...changed })).toHaveProperty('id_token');
  });

  test('ui_locales gives every page of a login its language, until the person chooses another (Core §3.1.2.1)', async () => {
    const app = await makeLoginClient(stack());
    const visitor = createVisitor(stack().origin, { 'accept-language': 'es' });
    const begin = (ui_locales: string | null) =>
      visitor.get(app.begin({ scope: 'openid', ui_locales }).path);
    const spoken = async (path: string) => {
      const page = await visitor.follow(await visitor.get(path));
      return [page.headers.get('content-language'), /<html lang="([^"]*)"/.exec(page.text)?.[1]];
    };
    const signIn = (await begin('xx de-AT fr')).location ?? '';
    expect(await spoken(signIn)).toEqual(['de', 'de']);
    // What has no `ui_locales` in its own address, too.
    expect(await spoken('/sign-in/forgot')).toEqual(['de', 'de']);
    expect(await spoken('/device')).toEqual(['de', 'de']);
    const wrong = await visitor.submit('/sign-in', { email: person.email, password: 'wrong' });
    expect(wrong.words).toContain('Die E-Mail-Adresse oder das Passwort ist falsch.');
    const { searchParams } = new URL(signIn, stack().origin);
    const returnTo = searchParams.get('return_to') ?? '';
    const after = await visitor.signIn(person.email, person.password, returnTo);
    const consent = await visitor.follow(after);
    expect(consent.text).toContain('<html lang="de">');
    expect(consent.words).toContain('Erlauben');
    // The menu is a link; a choice outlasts the request.
    const [, menu = ''] = /href="([^"]*language=fr[^"]*)"/.exec(consent.text) ?? [];
    expect(await spoken(`/device${menu.replaceAll('&amp;', '&')}`)).toEqual(['fr', 'fr']);
    expect(await spoken('/device')).toEqual(['fr', 'fr']);
    // A later request names its own, and one without it leaves the choice.
    await begin('pt-PT');
    expect(await spoken('/device')).toEqual(['pt-BR', 'pt-BR']);
    await begin(null);
    expect(await spoken('/device')).toEqual(['fr', 'fr']);
    // The account has only one language.
    expect(await spoken('/account')).toEqual(['en', 'en']);
    const { body } = await stack().get('/.well-known/openid-configuration');
    expect(body.ui_locales_supported).toEqual(languages);
  });

  test('the page of a request that cannot continue has the language that the request asks for', async () => {
    const app = await makeLoginClient(stack());
    const { path } = app.begin({ redirect_uri: 'https://elsewhere.example/', ui_locales: 'de' });
    const page = await createVisitor(stack().origin).get(path);
    expect(page.text).toContain('<html lang="de">');
    expect(page.words).toContain('Ungültige Anfrage');
    // What is for developers is the same in every language, and says so.
    expect(page.text).toMatch(/<bdi lang="en">/);
  });

  test('an unknown parameter of an authorization request is ignored (RFC 6749 §3.1)', async () => {
    const app = await makeLoginClient(stack());
    expect(await logIn(app, { scope: 'openid', dance: 'tango' })).toHaveProperty('id_token');
  });

  test('each scope gives its claims of the profile, and none that has no value', async () => {
    const someone = await signedIn(stack());
    const app = await makeLoginClient(stack());
    const scope = 'openid profile email phone address';
    const few = await logIn(app, { scope }, someone);
    expect((await userinfo(few.access_token)).body).toEqual({
      sub: someone.accountId,
      name: someone.name,
      updated_at: expect.any(Number),
      email: someone.email,
      email_verified: false,
    });
    const profile = {
      given_name: 'Ada',
      family_name: 'Lovelace',
      nickname: 'Countess',
      picture: 'https://pictures.example/ada.png',
      locale: 'en-GB',
      zoneinfo: 'Europe/London',
      phone_number: '+442079460018',
      phone_number_verified: true,
      address: { street_address: '12 St James’s Square', locality: 'London', country: 'GB' },
      email_verified: true,
    };
    await stack().domain.accounts.update(serverActor, someone.accountId, {
      ...profile,
      attributes: { tenant: 'acme' },
    });
    const body = await logIn(app, { scope }, someone);
    const all = { ...profile, name: someone.name, email: someone.email };
    expect(decodeJwt(body.id_token)).toMatchObject(all);
    const answer = (await userinfo(body.access_token)).body;
    expect(answer).toEqual({
      ...all,
      sub: someone.accountId,
      updated_at: expect.any(Number),
    });
    const { access_token } = await logIn(app, { scope: 'openid phone' }, someone);
    expect((await userinfo(access_token)).body).toEqual({
      sub: someone.accountId,
      phone_number: profile.phone_number,
      phone_number_verified: true,
    });
  });

  describe.each(['opaque', 'jwt'] as const)(
    'claims that an API takes from attributes, %s,',
    (format) => {
      test('are at introspection and in JWTs, and only those of the mapping; introspection has those of today', async () => {
        const someone = await signedIn(stack());
        const update = (attributes: Record<string, unknown>) =>
          stack().domain.accounts.update(serverActor, someone.accountId, { attributes });
        await update({ tenant_id: 'acme', plan: { seats: 3 }, secret: 'kept' });
        const app = await makeLoginClient(stack());
        await stack().domain.resources.update(app.resource, {
          tokenFormat: format,
          claims: { tenant: 'tenant_id', 'https://acme.test/plan': 'plan', floor: 'absent' },
        });
        const { access_token } = await logIn(app, {}, someone);
        const claims = { tenant: 'acme', 'https://acme.test/plan': { seats: 3 } };
        const shown = async () => (await app.introspect(access_token)).body;
        expect(await shown()).toMatchObject({ active: true, sub: someone.accountId, ...claims });
        for (const seen of [
          await shown(),
          ...(format === 'jwt' ? [decodeJwt(access_token)] : []),
        ]) {
          expect(seen).toMatchObject(claims);
          expect(JSON.stringify(seen)).not.toMatch(/kept|floor|tenant_id/);
        }
        await update({ tenant_id: 'globex' });
        expect(await shown()).toMatchObject({ active: true, tenant: 'globex' });
        await update({});
        expect(await shown()).not.toHaveProperty('tenant');
      });
    },
  );

  describe('the parameter claims (Core §5.5)', () => {
    const claims = (given: object) => JSON.stringify(given);

    test('asks for single claims, each where it is to be; the person sees what they are', async () => {
      const app = await makeLoginClient(stack());
      const asked = {
        scope: 'openid things:read',
        claims: claims({ userinfo: { name: { essential: true } }, id_token: { roles: null } }),
      };
      const page = await ask(person.visitor, app.begin(asked));
      for (const words of ['See your name', 'See your roles']) expect(page.words).toContain(words);
      const body = await logIn(app, asked);
      expect(body.scope).toBe('openid things:read');
      expect(decodeJwt(body.id_token)).toMatchObject({ roles: [] });
      expect(decodeJwt(body.id_token)).not.toHaveProperty('name');
      expect((await userinfo(body.access_token)).body).toEqual({
        sub: person.accountId,
        name: person.name,
      });
    });

    test('gives no claim whose scope the client is not allowed', async () => {
      const app = await makeLoginClient(stack(), 'website', { scope: 'openid things:read' });
      const body = await logIn(app, {
        scope: 'openid',
        claims: claims({ userinfo: { name: null } }),
      });
      expect((await userinfo(body.access_token)).body).toEqual({ sub: person.accountId });
    });

    test.each([
      ['no JSON', '{', 'invalid_request'],
      ['a list', '[]', 'invalid_request'],
      ['null', 'null', 'invalid_request'],
      ['neither place', '{"name":null}', 'invalid_request'],
      ['a claim that is a text', claims({ userinfo: { name: 'yes' } }), 'invalid_request'],
      [
        'an essential acr that no sign-in has',
        claims({ id_token: { acr: { essential: true, values: ['3', 'phr'] } } }),
        'unmet_authentication_requirements',
      ],
    ])('that is %s is refused', async (_what, given, error) => {
      const app = await makeLoginClient(stack());
      const { status, body } = await push(app.begin({ scope: 'openid', claims: given }));
      expect([status, body.error]).toEqual([400, error]);
    });

    test('claims and members that are not understood are ignored', async () => {
      const app = await makeLoginClient(stack());
      const body = await logIn(app, {
        scope: 'openid',
        claims: claims({
          userinfo: { name: { essential: true, dance: 1 }, shoe_size: null },
          id_token: { 'https://example.test/level': { value: 3 } },
          elsewhere: { name: null },
        }),
      });
      expect((await userinfo(body.access_token)).body).toEqual({
        sub: person.accountId,
        name: person.name,
      });
      expect(decodeJwt(body.id_token)).not.toHaveProperty(['https://example.test/level']);
    });

    test('an acr that is met, or not essential, is accepted', async () => {
      const app = await makeLoginClient(stack());
      for (const acr of [{ essential: true, values: ['2', '1'] }, { values: ['2'] }, null])
        expect(
          (await push(app.begin({ scope: 'openid', claims: claims({ id_token: { acr } }) })))
            .status,
        ).toBe(201);
    });

    test('a sub with the value of another person is not answered by this one', async () => {
      const app = await makeLoginClient(stack());
      const asked = (value: string) =>
        app.begin({ scope: 'openid', claims: claims({ id_token: { sub: { value } } }) });
      await expect(allow(person.visitor, asked('someone-else'))).rejects.toThrow(
        'The app expects another account',
      );
      const answered = await allow(person.visitor, asked(person.accountId));
      expect(answered.searchParams.get('code')).toEqual(expect.any(String));
    });
  });
});
