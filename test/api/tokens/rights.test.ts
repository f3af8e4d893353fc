import { once } from 'node:events';
import * as http from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { makeApp } from '../../support/apps.ts';
import { apiClient } from '../../support/http.ts';
import { openApi } from '../../support/open-api.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { makeBackend, makeKey, newToken } from '../backend.ts';
import { tokenWith } from '../routes.ts';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

onStack((stack) => {
  describe('a request whose body arrives after its credential was revoked', () => {
    /** Sends everything but the body; returns a function that sends it, once the server waits for it. */
    const heldBack = async (key: string, path: string, body: object) => {
      const request = http.request(`${stack().origin}/api/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          expect: '100-continue',
        },
      });
      request.flushHeaders();
      await once(request, 'continue');
      return async () => {
        request.end(JSON.stringify(body));
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        return { status: response.statusCode, body: JSON.parse(await text(response)) };
      };
    };
    const refused = { status: 401, body: { error: 'invalid_token' } };

    test('creates no token after all tokens of its client were revoked', async () => {
      const { key, client } = await makeBackend(stack());
      const send = await heldBack(key, '/tokens', newToken());
      expect((await stack().api.call('DELETE', `/clients/${client.id}/tokens`)).status).toBe(204);
      expect(await send()).toMatchObject(refused);
    });

    test('creates no token after its API key was deleted', async () => {
      const { key, keyId, client } = await makeBackend(stack());
      const send = await heldBack(key, '/tokens', newToken());
      const path = `/clients/${client.id}/api-keys/${keyId}`;
      expect((await stack().api.call('DELETE', path)).status).toBe(204);
      expect(await send()).toMatchObject(refused);
    });

    test('creates no API key', async () => {
      const { client } = await makeBackend(stack());
      const scopes = ['clients:write', 'tokens:read', 'tokens:write'];
      const token = await tokenWith(stack(), scopes);
      const send = await heldBack(token, `/clients/${client.id}/api-keys`, { name: 'late' });
      expect((await apiClient(stack().origin, token).call('DELETE', '/tokens/self')).status).toBe(
        204,
      );
      expect(await send()).toMatchObject(refused);
    });

    test('creates nothing if its token is revoked between authentication and creation', async () => {
      const { client, keyId, resource } = await makeBackend(stack());
      const { apiTokens, namedTokens } = stack().domain;
      const actor = { kind: 'client', clientId: client.id } as const;
      const make = () =>
        actingAs({ kind: 'client', id: client.id, tokenId: keyId }, () =>
          apiTokens.create(actor, { ...newToken(), resource }),
        );
      expect((await make()).token.status).toBe('active');
      const operator = {
        mayChooseClient: true,
        mayChooseAppClient: true,
        manager: serverActor,
      } as const;
      await namedTokens.revoke({ kind: 'operator', clientId: client.id, ...operator }, keyId);
      await expect(make()).rejects.toMatchObject({ code: 'invalid_token' });
    });
  });

  test('the expiry of a token cannot be extended if its client can no longer have tokens for its resource', async () => {
    const { client, api, make } = await makeBackend(stack());
    const { id } = await make({ expires_at: inAnHour() });
    const taken = { resources: [await openApi(stack())] };
    expect((await stack().api.call('PATCH', `/clients/${client.id}`, taken)).status).toBe(200);
    const extended = await api.call('PATCH', `/tokens/${id}`, { expires_at: null });
    expect(extended).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    expect((await api.call('PATCH', `/tokens/${id}`, { name: 'old' })).status).toBe(200);
  });

  test('nor if its resource was closed to apps', async () => {
    const resource = await openApi(stack());
    const { client } = await makeApp(stack());
    const { key } = await makeKey(stack(), client.id);
    const api = apiClient(stack().origin, key);
    const made = await api.call('POST', '/tokens', newToken({ resource, expires_at: inAnHour() }));
    expect(made.status).toBe(201);
    await stack().domain.resources.update(resource, { appPolicy: null });
    const expires_at = new Date(Date.now() + 86_400_000).toISOString();
    const extended = await api.call('PATCH', `/tokens/${made.body.id}`, { expires_at });
    expect(extended).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  test('a caller that can create tokens of any client needs apps:write for clients of apps', async () => {
    const resource = await openApi(stack());
    const { client } = await makeApp(stack());
    const asked = newToken({ client_id: client.id, resource, expires_at: inAnHour() });
    const scopes = ['tokens:write', 'clients:write'];
    const makeWith = async (names: string[]) =>
      apiClient(stack().origin, await tokenWith(stack(), names)).call('POST', '/tokens', asked);
    expect(await makeWith(scopes)).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    expect((await makeWith([...scopes, 'apps:write'])).status).toBe(201);
  });

  test('an API key that names another client revokes no tokens of its own client', async () => {
    const { api, make } = await makeBackend(stack());
    const other = await makeBackend(stack());
    const subject = { type: 'user', id: unique('user') };
    const { id } = await make({ subject });
    const asked = { subject, client_id: other.client.id };
    expect(await api.call('POST', '/tokens/revoke', asked)).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    expect((await api.call('GET', `/tokens/${id}`)).body.state).toBe('active');
  });

  test('a caller can neither grant a key more than it has, nor regenerate a key with more', async () => {
    const { client, keyId } = await makeBackend(stack());
    const api = apiClient(
      stack().origin,
      await tokenWith(stack(), ['clients:write', 'tokens:read']),
    );
    const path = `/clients/${client.id}/api-keys`;
    const refused = { status: 403, body: { error: 'access_denied' } };
    expect(await api.call('POST', path, { name: 'both' })).toMatchObject(refused);
    expect(await api.call('POST', `${path}/${keyId}/regenerate`, {})).toMatchObject(refused);
    const reading = await api.call('POST', path, { name: 'reading', scope: 'tokens:read' });
    expect(reading).toMatchObject({ status: 201, body: { scope: 'tokens:read' } });
  });

  test('a public client has no API key', async () => {
    const { body } = await stack().api.call('POST', '/clients', {
      token_endpoint_auth_method: 'none',
    });
    const made = await stack().api.call('POST', `/clients/${body.client_id}/api-keys`, {
      name: 'k',
    });
    expect(made).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});
