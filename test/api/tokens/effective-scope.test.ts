import { expect, test } from '@jest/globals';
import { mintToken, partitionFor } from '../../../src/domain/tokens/value.ts';
import { onStack, unique } from '../../support/stacks.ts';

onStack((stack) => {
  /** A client of Writ's own API, a token of it, and the access of that token. */
  const backend = async (scope: string, given: object = {}) => {
    const { apiResource, api } = stack();
    const client = await api.createClient({ resources: [apiResource], scope, ...given });
    const { body } = await stack().token(client, { scope });
    const authorization = `Bearer ${body.access_token}`;
    return {
      client,
      expiresIn: body.expires_in,
      see: async () => (await stack().get('/api/v1/clients', { authorization })).status,
      setRole: async () =>
        (
          await stack().request('PUT', `/api/v1/roles/${unique('role')}`, {
            headers: { authorization, 'content-type': 'application/json' },
            body: '{"permissions":[]}',
          })
        ).status,
    };
  };
  const patch = async (id: string, changes: object) =>
    expect((await stack().api.call('PATCH', `/clients/${id}`, changes)).status).toBe(200);

  test('a token gives no more access to the API than its client has now', async () => {
    const { client, see, setRole } = await backend('clients:read roles:write');
    expect([await see(), await setRole()]).toEqual([200, 200]);
    await patch(client.id, { scope: 'clients:read' });
    expect([await see(), await setRole()]).toEqual([200, 403]);
  });

  test('tokens of a client that no longer has the API give no access', async () => {
    const { client, see } = await backend('clients:read');
    expect(await see()).toBe(200);
    await patch(client.id, { resources: [] });
    expect(await see()).toBe(401);
  });

  test('the API determines the lifetime of its tokens, whatever the client’s own setting', async () => {
    const { expiresIn } = await backend('clients:read', { access_token_ttl: 100_000_000 });
    expect(expiresIn).toBe(3_600);
  });

  test.each([
    ['a key', { jkt: 'thumbprint' }],
    ['a certificate', { 'x5t#S256': 'thumbprint' }],
  ])('a token that is bound to %s is no bearer token', async (_what, binding) => {
    const { api, apiResource, domain } = stack();
    const { id } = await api.createClient({ resources: [apiResource], scope: 'clients:read' });
    const owner = await domain.clients(id);
    if (!owner) throw new Error('the client is gone');
    const now = Math.floor(Date.now() / 1000);
    const issue = async (payload: object) => {
      const { value, id } = mintToken('access_token', partitionFor('access_token', now, now + 60));
      await domain.partitions.ensure([id.partition]);
      await domain.issue.insert({
        id,
        kind: 'access_token',
        client: owner.id,
        epochs: { client: owner.epoch, app: 0, account: 0, grant: 0 },
        scope: 'clients:read',
        audience: [apiResource],
        payload: { ...payload },
        issuedAt: now,
        expiresAt: now + 60,
      });
      return (await stack().get('/api/v1/clients', { authorization: `Bearer ${value}` })).status;
    };
    expect(await issue({})).toBe(200);
    expect(await issue(binding)).toBe(401);
  });
});
