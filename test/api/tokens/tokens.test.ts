import { describe, expect, test } from '@jest/globals';
import { issueApiKey } from '../../../src/domain/tokens/named/api-keys.ts';
import { parseToken, publicId } from '../../../src/domain/tokens/value.ts';
import { apiClient } from '../../support/http.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { makeBackend, newToken } from '../backend.ts';
import { tokenOfPerson } from '../person-token.ts';
import { tokenWith } from '../routes.ts';

onStack((stack) => {
  test.each(['opaque', 'jwt'] as const)(
    'a token is shown and ended by its id, without its value, %s',
    async (format) => {
      const { client, resource, role, issue } = await makeParties(stack(), { format });
      const token = await issue({ scope: 'things:read' });
      const { jti } = (await stack().introspect(token, client)).body;
      const { api } = stack();
      const shown = await api.call('GET', `/tokens/${jti}`);
      expect(shown.body).toMatchObject({
        id: jti,
        kind: 'access_token',
        format,
        active: true,
        client_id: client.id,
        scope: 'things:read',
        audience: [resource],
        roles: [role],
        entitlements: ['things.read'],
      });
      expect(shown.text).not.toContain(token);
      for (let time = 1; time <= 2; time++)
        expect((await api.call('DELETE', `/tokens/${jti}`)).status).toBe(204);
      expect((await stack().introspect(token, client)).body.active).toBe(false);
      expect((await api.call('GET', `/tokens/${jti}`)).body.active).toBe(false);
    },
  );

  test('a token is not found by its value: values do not belong into paths and logs', async () => {
    const { issue } = await makeParties(stack());
    const { status } = await stack().api.call('GET', `/tokens/${await issue()}`);
    expect(status).toBe(404);
  });

  test('a refresh token that is ended by its id ends its login', async () => {
    const { app, refreshToken, refresh, resourceServer } = await makeLoggedIn(stack());
    const { body } = await refresh(refreshToken);
    const { jti } = (await stack().introspect(refreshToken, app)).body;
    expect((await stack().api.call('DELETE', `/tokens/${jti}`)).status).toBe(204);
    expect((await stack().introspect(body.access_token, resourceServer)).body.active).toBe(false);
    expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
  });

  test('the operator’s key ends only when it asks for that itself', async () => {
    const { api, database, origin } = stack();
    const { id, value } = await issueApiKey(database.kysely, {
      clientId: 'writ-operator',
      name: 'another key of the operator',
      scopes: ['tokens:read', 'tokens:write'],
    });
    const key = apiClient(origin, value);
    const path = `/tokens/${id}`;
    const weak = apiClient(origin, await tokenWith(stack(), ['tokens:write']));
    for (const other of [weak, api])
      expect(await other.call('DELETE', path)).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      });
    expect((await key.call('GET', path)).body.active).toBe(true);
    expect((await key.call('DELETE', path)).status).toBe(204);
    expect((await key.call('GET', path)).status).toBe(401);
  });

  test('API keys are listed by owner and kind; what comes and goes with logins is not', async () => {
    const { api, database } = stack();
    const { client, issue } = await makeParties(stack());
    await issue();
    const given = { clientId: client.id, name: 'a key', scopes: ['clients:read'] };
    const { id, value } = await issueApiKey(database.kysely, given);
    const listed = async (query: string) => (await api.call('GET', `/tokens?${query}`)).body;
    const { items, next } = await listed(`client_id=${client.id}`);
    expect(next).toBeNull();
    expect(items).toEqual([(await api.call('GET', `/tokens/${id}`)).body]);
    expect(items).toMatchObject([{ id, kind: 'api_key', name: 'a key', scope: '' }]);
    expect(JSON.stringify(items)).not.toContain(value);
    expect((await listed(`client_id=${client.id}&kind=api_key`)).items).toEqual(items);
    for (const query of [
      `client_id=${client.id}&kind=personal_access_token`,
      'client_id=nobody',
      `account_id=00000000-0000-0000-0000-000000000000`,
    ])
      expect(await listed(query)).toEqual({ items: [], next: null });
  });

  test('an operator sees every token that has a name, and searches among them', async () => {
    const { client, keyId, make } = await makeBackend(stack());
    const { id, subject, name } = await make();
    const found = async (query: Record<string, string>) => {
      const { body } = await stack().api.call('GET', `/tokens?${new URLSearchParams(query)}`);
      return body.items.map((item: { id: string }) => item.id);
    };
    expect((await found({ client_id: client.id })).toSorted()).toEqual([id, keyId].toSorted());
    expect(await found({ client_id: client.id, kind: 'api_token' })).toEqual([id]);
    expect(await found({ subject_type: 'user', subject_id: subject.id })).toEqual([id]);
    expect(await found({ name: name.toUpperCase() })).toEqual([id]);
    await stack().api.call('DELETE', `/tokens/${id}`);
    expect(await found({ client_id: client.id, state: 'revoked' })).toEqual([id]);
    expect(await found({ client_id: client.id, state: 'active' })).toEqual([keyId]);
  });

  test('an operator makes tokens of another client only where they could make it a secret, too', async () => {
    const { client } = await makeParties(stack());
    const given = newToken({ client_id: client.id });
    const make = async (...scopes: string[]) =>
      apiClient(stack().origin, await tokenWith(stack(), scopes)).call('POST', '/tokens', given);
    expect(await make('tokens:write')).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    expect((await make('tokens:write', 'clients:write')).body.client_id).toBe(client.id);
    const { status, body } = await stack().api.call('POST', '/tokens', newToken());
    expect(status).toBe(400);
    expect(body.error_description).toContain('client_id');
  });

  test('what somebody else owns is theirs to change: an operator can end it', async () => {
    const { keyId } = await makeBackend(stack());
    const path = `/tokens/${keyId}`;
    expect(await stack().api.call('PATCH', path, { name: 'Another' })).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
    expect((await stack().api.call('DELETE', path)).status).toBe(204);
  });

  test('an operator ends the personal access token of somebody', async () => {
    const { value, id } = await personal();
    expect((await stack().api.call('DELETE', `/tokens/${id}`)).status).toBe(204);
    expect((await self(value)).status).toBe(401);
  });

  const personal = async () => {
    const account = await stack().api.call('POST', '/accounts', {
      name: 'Ada',
      email: `${unique('ada')}@example.com`,
    });
    const { token, value } = await stack().domain.personalTokens.create(account.body.id, {
      name: unique('laptop'),
      resource: stack().apiResource,
      scope: ['apps:read'],
      expiresAt: new Date(Date.now() + 3_600_000),
    });
    keepSecret('personal_access_token', value);
    return { value, id: publicId(token.id), account: account.body.id };
  };

  const self = (token: string, method = 'GET') =>
    stack().request(method, '/api/v1/tokens/self', {
      headers: { authorization: `Bearer ${token}` },
    });

  describe('/tokens/self', () => {
    const kinds: Record<string, () => Promise<string>> = {
      personal_access_token: async () => (await personal()).value,
      api_token: async () => (await (await makeBackend(stack())).make()).token,
      api_key: async () => (await makeBackend(stack(), { scopes: [] })).key,
      access_token: async () => (await makeParties(stack())).issue(),
      'access_token, a JWT': async () => (await makeParties(stack(), { format: 'jwt' })).issue(),
      'access_token of a login': async () => {
        const { refresh, refreshToken } = await makeLoggedIn(stack());
        return (await refresh(refreshToken)).body.access_token;
      },
    };

    test.each(Object.keys(kinds))('shows and ends %s, whatever it is for', async (kind) => {
      const value = (await kinds[kind]?.()) ?? '';
      const { status, body, text } = await self(value);
      expect(status).toBe(200);
      expect(body).toMatchObject({ kind: kind.split(/\W/)[0], active: true, state: 'active' });
      expect(body).toEqual((await stack().api.call('GET', `/tokens/${body.id}`)).body);
      expect(text).not.toContain(value);
      expect((await self(value, 'DELETE')).status).toBe(204);
      const again = await self(value);
      expect(again).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      expect(again.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="[^"]+", error="invalid_token"/,
      );
      const events = await stack().api.call('GET', `/audit-events?target=${body.id}`);
      expect(events.body.items[0]).toMatchObject({
        action: 'token.revoked',
        actor: {
          kind: body.account_id ? 'account' : 'client',
          id: body.account_id ?? body.client_id,
          token_id: body.id,
        },
      });
    });

    test('is no way to use a refresh token, which stays as it is', async () => {
      const { refreshToken, refresh } = await makeLoggedIn(stack());
      for (const method of ['GET', 'DELETE'])
        expect(await self(refreshToken, method)).toMatchObject({
          status: 401,
          body: { error: 'invalid_token' },
        });
      expect((await refresh(refreshToken)).status).toBe(200);
    });

    test('is nothing for a value that is no token, or no bearer token', async () => {
      const { client, resource } = await makeParties(stack());
      const { database } = stack();
      const { body } = await stack().token(client, { resource });
      await database.kysely
        .updateTable('token')
        .set({ payload: JSON.stringify({ jkt: 'thumbprint' }) })
        .where('key', '=', parseToken(body.access_token)?.id.key ?? Buffer.alloc(0))
        .execute();
      for (const value of [client.secret, 'none', body.access_token])
        expect((await self(value)).status).toBe(401);
      expect((await stack().get('/api/v1/tokens/self')).headers.get('www-authenticate')).toMatch(
        /^Bearer realm="[^"]+", resource_metadata="[^"]+"$/,
      );
    });

    test('tells the end of a token that somebody made, not of one that comes and goes', async () => {
      const { value } = await personal();
      const { body, headers } = await self(value);
      const expires = new Date(body.expires_at).toUTCString();
      expect(headers.get('writ-token-expiration')).toBe(expires);
      const access = await (await makeParties(stack())).issue();
      expect((await self(access)).headers.get('writ-token-expiration')).toBeNull();
    });
  });

  test('a personal access token opens of this API what its owner may, and what it names of it', async () => {
    const { value } = await personal();
    const api = apiClient(stack().origin, value);
    expect((await api.call('GET', '/apps')).status).toBe(200);
    expect((await api.call('GET', '/clients')).status).toBe(403);
    expect((await api.call('POST', '/apps', { display_name: 'A' })).status).toBe(403);
  });

  test('somebody who is no administrator manages no tokens by a token of theirs', async () => {
    const account = await stack().api.call('POST', '/accounts', { name: 'Ada' });
    const { api } = await tokenOfPerson(stack(), account.body.id);
    for (const [method, path, body] of [
      ['GET', '/tokens', undefined],
      ['POST', '/tokens', newToken()],
      ['POST', '/tokens/check', { token: 'a' }],
    ] as const)
      expect((await api.call(method, path, body)).status).toBe(403);
  });
});
