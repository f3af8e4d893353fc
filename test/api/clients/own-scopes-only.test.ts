import { expect, test } from '@jest/globals';
import { apiScopes } from '../../../config/scopes.ts';
import { apiClient } from '../../support/http.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';
import { tokenWith } from '../routes.ts';

/** Callers cannot grant more than they have, and Writ's API grants nothing by default. */
onStack((stack) => {
  const as = async (...scopes: string[]) =>
    apiClient(stack().origin, await tokenWith(stack(), scopes));

  const denied = { status: 403, body: { error: 'access_denied' } };

  test('a caller with clients:write cannot create a client with more access than its own', async () => {
    const api = await as('clients:write');
    const resources = [stack().apiResource];
    for (const scope of [
      'tokens:write',
      'clients:write tokens:write',
      Object.keys(apiScopes).join(' '),
    ])
      expect(await api.call('POST', '/clients', { resources, scope })).toMatchObject(denied);
    const { id, secret } = await api.createClient({ resources, scope: 'clients:write' });
    expect((await stack().token({ id, secret })).body.scope).toBe('clients:write');
  });

  test('a caller with clients:write cannot add a secret to a client with more access and impersonate it', async () => {
    const { api, apiResource } = stack();
    const mighty = await api.createClient({
      resources: [apiResource],
      scope: 'clients:write tokens:write',
    });
    const path = `/clients/${mighty.id}/secrets`;
    const weak = await as('clients:write');
    for (const body of [{}, { value: 'a secret of my own choice' }])
      expect(await weak.call('POST', path, body)).toMatchObject(denied);
    expect((await (await as('clients:write', 'tokens:write')).call('POST', path)).status).toBe(201);
  });

  test('tokens of a client without scopes for Writ’s API give no access to it', async () => {
    const { api, apiResource } = stack();
    const client = await api.createClient({ resources: [apiResource] });
    const asked = await stack().token(client, { resource: apiResource, scope: 'clients:read' });
    expect(asked).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    const { body } = await stack().token(client, { resource: apiResource });
    expect(body).not.toHaveProperty('scope');
    const opened = apiClient(stack().origin, body.access_token);
    expect(await opened.call('GET', '/clients')).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    });
  });

  test.each([
    ['without resources', () => ({})],
    ['with all of its scopes, but not for it', () => ({ scope: Object.keys(apiScopes).join(' ') })],
  ])('a client %s gets no token for Writ’s API', async (_what, given) => {
    const client = await stack().api.createClient(given());
    const form = { resource: stack().apiResource, scope: 'clients:read' };
    expect(await stack().token(client, form)).toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
  });

  test('a client of another API cannot get a token for Writ’s API in addition', async () => {
    const { client } = await makeParties(stack());
    expect(await stack().token(client, { resource: stack().apiResource })).toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
  });

  test('no client can become a resource server for Writ’s API, because it would see tokens for it', async () => {
    const given = { resource_server_for: [stack().apiResource] };
    expect(await stack().api.call('POST', '/clients', given)).toMatchObject(denied);
  });

  test('Writ’s API cannot be created a second time, or become the default resource', async () => {
    const given = { identifier: stack().apiResource, default: true };
    expect(await stack().api.call('POST', '/resources', given)).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
  });
});
