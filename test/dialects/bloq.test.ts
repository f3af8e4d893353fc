import { beforeAll, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { sql } from 'kysely';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { parsePublicId, parseToken } from '../../src/domain/tokens/value.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { makePerson, signedIn, type TestPerson } from '../support/people.ts';
import { onStack } from '../support/stacks.ts';
import { createVisitor } from '../support/visitor.ts';

const resource = 'https://api.bloq.cloud';

onStack(
  (stack) => {
    /** The headers of every request of bcl. */
    const json = { 'content-type': 'application/json' };

    /** `bcl login`: no body, and no form-encoding in the header. */
    const login = (user: string, password: string): Promise<Answer> =>
      stack().request('POST', '/auth', {
        headers: {
          ...json,
          authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        },
      });

    /** The requests of bcl under `/users/me`. */
    const call = (method: string, path: string, token?: string, body?: string): Promise<Answer> =>
      stack().request(method, path, {
        headers: { ...json, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        ...(body !== undefined && { body }),
      });

    const authToken = (body: unknown, token?: string): Promise<Answer> =>
      call('POST', '/auth/token', token, typeof body === 'string' ? body : JSON.stringify(body));

    interface Keys {
      id: string;
      clientId: string;
      clientSecret: string;
    }

    const clientToken = ({ clientId, clientSecret }: Keys, token?: string): Promise<Answer> =>
      authToken({ grantType: 'clientCredentials', clientId, clientSecret }, token);

    const refresh = (refreshToken: string): Promise<Answer> =>
      authToken({ grantType: 'refreshToken', refreshToken });

    interface Ready {
      person: TestPerson;
      account: string;
      keys: Keys;
    }

    /** A new person who is logged in, with a pair of keys. */
    const ready = async (): Promise<Ready> => {
      const person = await makePerson(stack());
      const { body } = await login(person.email, person.password);
      const created = await call('POST', '/users/me/client-keys', body.accessToken);
      return { person, account: body.accessToken, keys: created.body };
    };

    /** Shared by all tests that do not change the person, the login and the keys. */
    let shared: Ready;

    const clientOf = ({ clientId, clientSecret }: Keys): Credentials => ({
      id: clientId,
      secret: clientSecret,
    });

    /** Moves the expiry of a token into the past. */
    const expire = async (value: string): Promise<void> => {
      const id = parseToken(value)?.id ?? parsePublicId(String(decodeJwt(value).jti));
      await sql`update token set expires_at = now() - interval '1 second'
        where shelf = ${id?.partition} and key = ${id?.key}`.execute(stack().database.kysely);
    };

    const refused = ({ status, text }: Answer) => [status, text];

    let resourceServer: Credentials;
    const introspect = async (token: string) =>
      (await stack().introspect(token, resourceServer)).body;

    beforeAll(async () => {
      resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
      shared = await ready();
    });

    test('bcl login gives a JWT of twelve hours whose audience has the manager that bcl looks for', async () => {
      const { email, password, accountId } = await makePerson(stack());
      const { status, body } = await login(email, password);
      expect([status, Object.keys(body)]).toEqual([200, ['accessToken']]);
      const { aud, exp = 0, iat = 0, sub } = decodeJwt(body.accessToken);
      expect(aud).toEqual([resource, 'manager']);
      expect([exp - iat, sub]).toEqual([12 * 3600, accountId]);
      expect(await introspect(body.accessToken)).toMatchObject({ active: true, sub: accountId });
    });

    test('people can log in with the id of their account, and a password can contain colons and accents', async () => {
      const { email, password, accountId } = await makePerson(stack());
      const first = await login(`user-${accountId}`, password);
      expect(first.status).toBe(200);
      const newPassword = 'ein grünes Schaf: zwölf Lampen';
      const changed = await call(
        'PUT',
        '/users/me/password',
        first.body.accessToken,
        JSON.stringify({ newPassword, oldPassword: password }),
      );
      expect(changed.status).toBe(204);
      expect((await login(email, newPassword)).status).toBe(200);
    });

    test('a wrong password, an unknown account and a missing header are refused alike', async () => {
      const { email } = await makePerson(stack());
      const answers = [
        await login(email, 'not the password'),
        await login('nobody@example.com', 'not the password'),
        await login('user-7b1e1f7e-7d0a-4c55-9f0c-2d1b6a9d3c11', 'not the password'),
        await call('POST', '/auth'),
        await call('POST', '/auth', 'a.bearer.token'),
        await stack().request('POST', '/auth', {
          headers: { authorization: 'Basic bm9jb2xvbg==' },
        }),
      ];
      for (const { status, body, headers } of answers) {
        expect([status, body.code]).toEqual([401, 'Unauthorized']);
        expect(headers.get('www-authenticate')).toMatch(/^Basic /);
      }
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    });

    test('guessing passwords through bcl login is limited as on the page: the sixth attempt has to wait', async () => {
      const { email, password } = await makePerson(stack());
      for (let attempt = 0; attempt < 5; attempt++)
        expect((await login(email, `wrong ${attempt}`)).status).toBe(401);
      const limited = await login(email, password);
      expect([limited.status, limited.body.code]).toEqual([429, 'TooManyRequests']);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
      // The count is shared: the page refuses too.
      expect((await createVisitor(stack().origin).signIn(email, password)).status).toBe(429);
    });

    test('client keys have the format of Bloq, are created, listed without the secret, and removed with 204', async () => {
      const person = await makePerson(stack());
      const token = (await login(person.email, person.password)).body.accessToken;
      const empty = await call('GET', '/users/me/client-keys', token);
      expect([empty.status, empty.body]).toEqual([200, []]);
      const created = await call('POST', '/users/me/client-keys', token);
      expect(created.status).toBe(201);
      expect(created.body).toEqual({
        id: expect.any(String),
        clientId: expect.stringMatching(/^[0-9a-f]{40}$/),
        clientSecret: expect.stringMatching(/^[0-9a-f]{80}$/),
        createdAt: expect.any(String),
      });
      const { id, clientId, createdAt } = created.body;
      const second = await call('POST', '/users/me/client-keys', token);
      const listed = await call('GET', '/users/me/client-keys', token);
      expect(listed.body).toEqual([
        expect.objectContaining({ id: second.body.id }),
        { id, clientId, createdAt },
      ]);
      const removed = await call('DELETE', `/users/me/client-keys/${id}`, token);
      expect([removed.status, removed.text]).toEqual([204, '']);
      const again = await call('DELETE', `/users/me/client-keys/${id}`, token);
      expect([again.status, again.body.code]).toEqual([404, 'NotFound']);
      expect((await clientToken(created.body)).status).toBe(401);
      expect((await clientToken(second.body)).status).toBe(200);
    });

    test('client keys of another person are neither listed nor removed', async () => {
      const { keys } = shared;
      const { account } = await ready();
      const listed = await call('GET', '/users/me/client-keys', account);
      expect(listed.text).not.toContain(keys.id);
      for (const id of [keys.id, keys.clientId, 'no-id', '%00'])
        expect((await call('DELETE', `/users/me/client-keys/${id}`, account)).status).toBe(404);
      expect((await clientToken(keys)).status).toBe(200);
    });

    test('client keys are exchanged for an access token of one hour and a refresh token of one year', async () => {
      const { person, keys } = shared;
      const { status, body, headers } = await clientToken(keys);
      expect([status, Object.keys(body).sort()]).toEqual([200, ['accessToken', 'refreshToken']]);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(decodeProtectedHeader(body.accessToken)).toMatchObject({
        alg: 'RS256',
        typ: 'at+jwt',
      });
      const claims = decodeJwt(body.accessToken);
      expect(claims).toMatchObject({
        iss: stack().issuer,
        aud: resource,
        sub: person.accountId,
        client_id: keys.clientId,
      });
      expect(Number(claims.exp) - Number(claims.iat)).toBe(3600);
      const shown = (await stack().introspect(body.refreshToken, clientOf(keys))).body;
      expect(shown).toMatchObject({ active: true, client_id: keys.clientId });
      expect(shown.exp - shown.iat).toBe(365 * 86_400);
    });

    test('the SDK gets tokens with its keys repeatedly, and older ones stay valid', async () => {
      const { keys } = shared;
      const bodies = [];
      for (let time = 0; time < 3; time++) {
        // As axios sends it: the members are in the order of the SDK.
        const { clientId, clientSecret } = keys;
        const answer = await stack().request('POST', '/auth/token', {
          headers: { 'content-type': 'application/json;charset=utf-8' },
          body: JSON.stringify({ clientId, clientSecret, grantType: 'clientCredentials' }),
        });
        bodies.push(answer.body);
      }
      expect(new Set(bodies.map(({ accessToken }) => accessToken)).size).toBe(3);
      for (const { accessToken } of bodies)
        expect(await introspect(accessToken)).toMatchObject({ active: true });
    });

    test('an expired account token is ignored together with both keys, and refused without them', async () => {
      const { account, keys } = await ready();
      await expire(account);
      const { clientId, clientSecret } = keys;
      expect((await clientToken(keys, account)).status).toBe(200);
      expect((await clientToken(keys, 'no-token-at-all')).status).toBe(200);
      const grantType = 'clientCredentials';
      for (const body of [{ grantType, clientId }, { grantType, clientSecret }, { grantType }])
        expect(refused(await authToken(body, account))).toEqual([401, 'jwt expired']);
      const { refreshToken } = (await clientToken(keys)).body;
      expect(
        refused(await authToken({ grantType: 'refreshToken', refreshToken }, account)),
      ).toEqual([401, 'jwt expired']);
    });

    test('wrong keys, and keys of two pairs, are refused', async () => {
      const { keys } = shared;
      const other = (await call('POST', '/users/me/client-keys', shared.account)).body;
      const { id: nativeId, secret } = await stack().api.createClient({ resources: [resource] });
      for (const wrong of [
        { ...keys, clientSecret: other.clientSecret },
        { ...keys, clientSecret: `${keys.clientSecret}0` },
        { ...keys, clientId: '0'.repeat(40) },
        { ...keys, clientId: nativeId, clientSecret: secret },
      ]) {
        const { status, body } = await clientToken(wrong);
        expect([status, body.code]).toEqual([401, 'Unauthorized']);
      }
    });

    test('a refresh token is exchanged for an access token only, and stays valid', async () => {
      const { person, keys } = shared;
      const { refreshToken } = (await clientToken(keys)).body;
      for (let time = 0; time < 2; time++) {
        const { status, body } = await refresh(refreshToken);
        expect([status, Object.keys(body)]).toEqual([200, ['accessToken']]);
        const { exp = 0, iat = 0, ...claims } = decodeJwt(body.accessToken);
        expect(claims).toMatchObject({ sub: person.accountId, client_id: keys.clientId });
        expect(exp - iat).toBe(3600);
        expect(await introspect(body.accessToken)).toMatchObject({ active: true });
      }
    });

    test('twenty refreshes at once all succeed, each with a token of its own', async () => {
      const { keys } = shared;
      const { refreshToken } = (await clientToken(keys)).body;
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body.accessToken)).size).toBe(20);
    });

    test('a body with a trailing comma, as in Bloq’s documentation, is accepted at that path only', async () => {
      const { account, keys, person } = shared;
      const { refreshToken } = (await clientToken(keys)).body;
      const pasted = `{\n"grantType": "refreshToken",\n"refreshToken": "${refreshToken}",\n}`;
      expect((await authToken(pasted)).status).toBe(200);
      const path = '/users/me/password';
      const other = `{"oldPassword": "${person.password}", "newPassword": "four blue lamps on a roof",}`;
      expect((await call('PUT', path, account, other)).status).toBe(400);
    });

    test.each([
      '',
      '{}',
      '[]',
      'null',
      '{"grantType":"clientCredentials",,}',
      '{"grantType":"client_credentials"}',
      '{"grantType":"clientCredentials"}',
      '{"grantType":"clientCredentials","clientId":1,"clientSecret":{}}',
      '{"grantType":"clientCredentials","clientId":"a\\u0000","clientSecret":""}',
      '{"grantType":"refreshToken"}',
      '{"grantType":"refreshToken","refreshToken":["a"]}',
    ])('the body %j at /auth/token is a bad request in Bloq’s shape', async (body) => {
      const answer = await authToken(body);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ code: 'BadRequest', message: expect.any(String) });
      expect(answer.headers.get('x-request-id')).toBeTruthy();
    });

    test('a revoked, expired or invalid refresh token is refused with Bloq’s errors', async () => {
      const { account, keys } = shared;
      const [one, two, three] = await Promise.all(
        [0, 1, 2].map(async () => (await clientToken(keys)).body),
      );
      expect((await stack().revoke(one.refreshToken, clientOf(keys))).status).toBe(200);
      await expire(two.refreshToken);
      for (const { refreshToken } of [one, two])
        expect(refused(await refresh(refreshToken))).toEqual([401, 'jwt expired']);
      for (const value of [three.accessToken, account])
        expect(refused(await refresh(value))).toEqual([401, 'jwt audience invalid']);
      expect(refused(await refresh('x.y.z'))).toEqual([401, 'invalid token']);
      expect((await refresh(three.refreshToken)).status).toBe(200);
    });

    test('client tokens give no access to the account, and account tokens also give access to Nodes and Connect', async () => {
      const { account, keys } = shared;
      const { accessToken, refreshToken } = (await clientToken(keys)).body;
      const natively = await stack().token(
        await stack().api.createClient({ resources: [resource] }),
        { resource },
      );
      for (const [method, path] of [
        ['GET', '/users/me'],
        ['PUT', '/users/me/password'],
        ['GET', '/users/me/events'],
        ['POST', '/users/me/client-keys'],
        ['GET', '/users/me/client-keys'],
        ['DELETE', `/users/me/client-keys/${keys.id}`],
      ] as const) {
        for (const token of [accessToken, refreshToken, natively.body.access_token])
          expect(refused(await call(method, path, token))).toEqual([401, 'jwt audience invalid']);
        expect(refused(await call(method, path))).toEqual([
          401,
          'No authorization token was found',
        ]);
        expect(refused(await call(method, path, 'x.y.z'))).toEqual([401, 'invalid token']);
      }
      expect(await introspect(account)).toMatchObject({ active: true });
      expect(
        (await stack().get('/connect/userinfo', { authorization: `Bearer ${accessToken}` })).status,
      ).toBe(403);
    });

    test('an expired token is refused with exactly the body that the SDK expects', async () => {
      const { account } = await ready();
      await expire(account);
      const { status, text, headers } = await call('GET', '/users/me', account);
      expect([status, text]).toEqual([401, 'jwt expired']);
      expect(headers.get('content-type')).toMatch(/^text\/plain/);
      const forgotten = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"exp":1}').toString('base64url')}.AAAA`;
      expect(refused(await call('GET', '/users/me', forgotten))).toEqual([401, 'jwt expired']);
    });

    test('the profile contains what bcl prints, without billing', async () => {
      const { person, account } = shared;
      const { status, body } = await call('GET', '/users/me', account);
      expect(status).toBe(200);
      expect(body).toEqual({
        id: `user-${person.accountId}`,
        displayName: person.name,
        email: person.email,
        verifiedAt: expect.any(String),
        createdAt: expect.any(String),
      });
    });

    test('changing the password revokes all other logins and browser sessions, and keeps this login and the keys', async () => {
      const { person, account, keys } = await ready();
      const other = (await login(person.email, person.password)).body.accessToken;
      const visitor = createVisitor(stack().origin);
      await visitor.signIn(person.email, person.password);
      const change = (oldPassword: string, newPassword: string) =>
        call('PUT', '/users/me/password', account, JSON.stringify({ newPassword, oldPassword }));
      const next = 'seven quiet boats at noon';
      const wrong = await change('not it at all', next);
      expect([wrong.status, wrong.body.code]).toEqual([400, 'BadRequest']);
      expect((await change(person.password, 'short')).status).toBe(400);
      expect((await change(person.password, next)).status).toBe(204);
      expect((await call('GET', '/users/me', account)).status).toBe(200);
      expect(refused(await call('GET', '/users/me', other))).toEqual([401, 'jwt expired']);
      expect(await introspect(other)).toEqual({ active: false });
      expect((await visitor.get('/account')).location).toBe('/sign-in');
      expect((await login(person.email, person.password)).status).toBe(401);
      expect((await clientToken(keys)).status).toBe(200);
    });

    test('signing out everywhere, by the person or an administrator, revokes the logins of bcl', async () => {
      const { visitor, email, password, accountId } = await signedIn(stack());
      const first = (await login(email, password)).body.accessToken;
      await visitor.get('/account');
      await visitor.submit('/account/sessions/end-others');
      expect(refused(await call('GET', '/users/me', first))).toEqual([401, 'jwt expired']);
      const second = (await login(email, password)).body.accessToken;
      await stack().api.call('DELETE', `/accounts/${accountId}/sessions`);
      expect(refused(await call('GET', '/users/me', second))).toEqual([401, 'jwt expired']);
    });

    test('a password reset revokes the logins of bcl, even if the person keeps all other access', async () => {
      const { person, account, keys } = await ready();
      const { body } = await stack().api.call('POST', `/accounts/${person.accountId}/invitation`);
      const value = body.invitation_uri.split('/').at(-1);
      const next = 'nine paper kites over sand';
      await stack().domain.invitations.accept(value, next, { keepAccess: true });
      expect(refused(await call('GET', '/users/me', account))).toEqual([401, 'jwt expired']);
      expect((await clientToken(keys)).status).toBe(200);
    });

    test('client keys are revoked by a password reset, and when an administrator revokes all tokens', async () => {
      const recovered = await ready();
      const { body } = await stack().api.call(
        'POST',
        `/accounts/${recovered.person.accountId}/invitation`,
      );
      const value = body.invitation_uri.split('/').at(-1);
      await stack().domain.invitations.accept(value, 'nine paper kites over sand');
      expect((await clientToken(recovered.keys)).status).toBe(401);
      const ended = await ready();
      await stack().api.call('DELETE', `/accounts/${ended.person.accountId}/tokens`);
      expect((await clientToken(ended.keys)).status).toBe(401);
    });

    test('the number of logins of a person is limited: one more revokes the oldest', async () => {
      const { person, account } = await ready();
      const { kysely } = stack().database;
      await sql`insert into oauth_grant (id, account_id, client_id, payload, live_until, created_at)
        select gen_random_uuid(), account_id, client_id, payload, live_until, now() + interval '1 minute'
        from oauth_grant, generate_series(1, 49) where account_id = ${person.accountId}::uuid`.execute(
        kysely,
      );
      expect((await call('GET', '/users/me', account)).status).toBe(200);
      const { body } = await login(person.email, person.password);
      expect(refused(await call('GET', '/users/me', account))).toEqual([401, 'jwt expired']);
      expect((await call('GET', '/users/me', body.accessToken)).status).toBe(200);
    });

    test('an account that is disabled concurrently gets no new keys', async () => {
      const { person } = await ready();
      await stack().domain.accounts.disable(serverActor, person.accountId);
      const keys = { name: 'x', resource, accessTokenTtl: 1, refreshTokenTtl: 1 };
      await expect(stack().domain.keyPairs.create(person.accountId, keys)).rejects.toMatchObject({
        code: 'access_denied',
      });
    });

    test('becoming an administrator revokes earlier logins, as it revokes sessions', async () => {
      const { person, account } = await ready();
      await stack().domain.accounts.update(serverActor, person.accountId, {
        roles: ['administrator'],
      });
      expect(refused(await call('GET', '/users/me', account))).toEqual([401, 'jwt expired']);
    });

    test('no token that is requested while its keys are removed outlives them', async () => {
      const { account, keys } = await ready();
      const { refreshToken } = (await clientToken(keys)).body;
      const [removed, ...answers] = await Promise.all([
        call('DELETE', `/users/me/client-keys/${keys.id}`, account),
        ...Array.from({ length: 10 }, (_, turn) =>
          turn % 2 === 0 ? clientToken(keys) : refresh(refreshToken),
        ),
      ]);
      expect(removed?.status).toBe(204);
      for (const { status, body } of answers) {
        expect([200, 401]).toContain(status);
        if (status === 200) expect(await introspect(body.accessToken)).toEqual({ active: false });
      }
    });

    test('guessing the old password with an account token stops after five attempts', async () => {
      const { account, person } = await ready();
      const change = (oldPassword: string) =>
        call(
          'PUT',
          '/users/me/password',
          account,
          JSON.stringify({ oldPassword, newPassword: 'seven quiet boats at noon' }),
        );
      for (let attempt = 0; attempt < 5; attempt++)
        expect((await change(`wrong ${attempt}`)).status).toBe(400);
      const limited = await change(person.password);
      expect([limited.status, limited.body.code]).toEqual([429, 'TooManyRequests']);
    });

    test('events are what the person did, newest first, each with its dialect', async () => {
      const { account, keys, person } = await ready();
      const { status, body } = await call('GET', '/users/me/events', account);
      expect(status).toBe(200);
      for (const event of body)
        expect(Object.keys(event)).toEqual(['id', 'service', 'serviceData', 'createdAt']);
      expect(
        body.slice(0, 3).map(({ serviceData }: { serviceData: object }) => serviceData),
      ).toEqual([
        expect.objectContaining({ action: 'client_secret.created' }),
        expect.objectContaining({
          action: 'client.created',
          target: { kind: 'client', id: keys.clientId },
          details: expect.objectContaining({ account_id: person.accountId, dialect: 'bloq' }),
        }),
        expect.objectContaining({
          action: 'account.signed_in',
          details: expect.objectContaining({ client_id: 'writ-bloq', dialect: 'bloq' }),
        }),
      ]);
      const { account: stranger } = await ready();
      expect((await call('GET', '/users/me/events', stranger)).text).not.toContain(keys.clientId);
    });

    test('removing the client keys ends every token of them, and of no other pair', async () => {
      const { account, keys } = await ready();
      const other = (await call('POST', '/users/me/client-keys', account)).body;
      const ended = (await clientToken(keys)).body;
      const kept = (await clientToken(other)).body;
      expect((await call('DELETE', `/users/me/client-keys/${keys.id}`, account)).status).toBe(204);
      expect(await introspect(ended.accessToken)).toEqual({ active: false });
      expect(refused(await refresh(ended.refreshToken))).toEqual([401, 'jwt expired']);
      expect(await introspect(kept.accessToken)).toMatchObject({ active: true });
      expect((await refresh(kept.refreshToken)).status).toBe(200);
    });

    test('a revoked access token is inactive, and the token that it was got with stays', async () => {
      const { keys } = shared;
      const { accessToken, refreshToken } = (await clientToken(keys)).body;
      expect((await stack().revoke(accessToken, clientOf(keys))).status).toBe(200);
      expect(await introspect(accessToken)).toEqual({ active: false });
      expect((await refresh(refreshToken)).status).toBe(200);
    });

    test('disabling an account ends its logins, and its keys get no tokens; deleting the account deletes the keys', async () => {
      const { person, account, keys } = await ready();
      const { accessToken, refreshToken } = (await clientToken(keys)).body;
      const path = `/accounts/${person.accountId}`;
      await stack().api.call('POST', `${path}/disable`);
      expect(await introspect(accessToken)).toEqual({ active: false });
      expect(refused(await call('GET', '/users/me', account))).toEqual([401, 'jwt expired']);
      expect((await refresh(refreshToken)).status).toBe(401);
      expect((await clientToken(keys)).status).toBe(401);
      expect((await login(person.email, person.password)).status).toBe(401);
      await stack().api.call('POST', `${path}/enable`);
      expect((await clientToken(keys)).status).toBe(200);
      expect((await stack().api.call('DELETE', path)).status).toBe(204);
      expect((await clientToken(keys)).status).toBe(401);
      expect((await stack().api.call('GET', `/clients/${keys.clientId}`)).status).toBe(404);
    });

    test('an administrator of clients sees whose the keys are and can end them, and never gets a secret or token of them', async () => {
      const { person, keys } = await ready();
      const path = `/clients/${keys.clientId}`;
      const shown = await stack().api.call('GET', path);
      expect(shown.body).toMatchObject({
        account_id: person.accountId,
        client_name: 'Bloq client keys',
      });
      for (const [method, below, body] of [
        ['POST', '/secrets', {}],
        ['POST', '/api-keys', { name: 'planted' }],
        ['PATCH', '', { grant_types: ['client_credentials'] }],
      ] as const)
        expect((await stack().api.call(method, path + below, body)).status).toBe(403);
      expect((await stack().token(clientOf(keys), { resource })).body.error).toBe(
        'unauthorized_client',
      );
      const { accessToken } = (await clientToken(keys)).body;
      expect((await stack().api.call('POST', `${path}/disable`)).status).toBe(200);
      expect(await introspect(accessToken)).toEqual({ active: false });
      expect((await clientToken(keys)).status).toBe(401);
    });

    test('people see their logins and keys on a page, and end the tokens, the keys and the login there', async () => {
      const { visitor, email, password } = await signedIn(stack());
      const account = (await login(email, password)).body.accessToken;
      const keys = (await call('POST', '/users/me/client-keys', account)).body;
      const { accessToken, refreshToken } = (await clientToken(keys)).body;
      const page = await visitor.get('/account/connected');
      expect(page.words).toContain('Bloq command line');
      expect(page.words).toContain(keys.clientId);
      expect(page.text).not.toContain(keys.clientSecret);

      await visitor.submit('/account/keys/end-tokens', { key_id: keys.id });
      expect(await introspect(accessToken)).toEqual({ active: false });
      expect(refused(await refresh(refreshToken))).toEqual([401, 'jwt expired']);
      expect((await clientToken(keys)).status).toBe(200);

      await visitor.get('/account/connected');
      await visitor.submit('/account/keys/delete', { key_id: keys.id });
      expect((await clientToken(keys)).status).toBe(401);

      const left = await visitor.get('/account/connected');
      expect(left.words).not.toContain(keys.clientId);
      const [, grant = ''] = /name="grant_id" value="([^"]+)"/.exec(left.text) ?? [];
      await visitor.submit('/account/connected/revoke', { grant_id: grant });
      expect(refused(await call('GET', '/users/me', account))).toEqual([401, 'jwt expired']);
    });

    test('the page ends no keys of another person', async () => {
      const { keys } = shared;
      const { visitor } = await signedIn(stack());
      await visitor.get('/account/connected');
      await visitor.submit('/account/keys/delete', { key_id: keys.id });
      await visitor.submit('/account/keys/end-tokens', { key_id: keys.id });
      expect((await clientToken(keys)).status).toBe(200);
    });

    test('a person has a bounded number of keys', async () => {
      const { account } = await ready();
      const answers = await Promise.all(
        Array.from({ length: 22 }, () => call('POST', '/users/me/client-keys', account)),
      );
      const created = answers.filter(({ status }) => status === 201);
      expect(created).toHaveLength(19);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
      expect((await call('GET', '/users/me/client-keys', account)).body).toHaveLength(20);
    });

    test('bcl status finds both services, and a wrong method is refused in Bloq’s shape', async () => {
      const root = await fetch(`${stack().origin}/`);
      expect(root.status).toBe(200);
      const wrong = await call('PATCH', '/users/me/client-keys');
      expect([wrong.status, wrong.body.code]).toEqual([405, 'MethodNotAllowed']);
      expect(wrong.headers.get('allow')).toBe('POST, GET, OPTIONS');
    });
  },
  { DIALECTS: 'bloq' },
);
