import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer, Credentials } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import { createResource, storedTokens } from './support.ts';

onStack((stack) => {
  beforeAll(async () => {
    await createResource(stack(), { default: true });
  });

  const addSecret = async (client: Credentials, given: Record<string, unknown> = {}) => {
    const { body } = await stack().api.call('POST', `/clients/${client.id}/secrets`, given);
    return { secretId: body.id, id: client.id, secret: body.client_secret };
  };

  test('several secrets of a client are valid at once, so they can be changed without an interruption', async () => {
    const old = await stack().api.createClient();
    const young = await addSecret(old);
    expect((await stack().token(old)).status).toBe(200);
    expect((await stack().token(young)).status).toBe(200);
  });

  test('a revoked secret is refused at once, while the others work', async () => {
    const old = await stack().api.createClient();
    const young = await addSecret(old);
    const { status } = await stack().api.call(
      'DELETE',
      `/clients/${old.id}/secrets/${young.secretId}`,
    );
    expect(status).toBe(204);
    expect(await stack().token(young)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect((await stack().token(old)).status).toBe(200);
  });

  test('an expired secret is refused', async () => {
    const old = await stack().api.createClient();
    const expired = await addSecret(old, { expires_at: '2998-01-01T00:00:00Z' });
    await stack()
      .database.kysely.updateTable('client_secret')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .where('id', '=', expired.secretId)
      .execute();
    const lasting = await addSecret(old, { expires_at: '2999-01-01T00:00:00Z' });
    expect((await stack().token(expired)).status).toBe(401);
    expect((await stack().token(lasting)).status).toBe(200);
  });

  test('the secret of another client is refused', async () => {
    const [one, other] = [await stack().api.createClient(), await stack().api.createClient()];
    expect((await stack().token({ id: one.id, secret: other.secret })).status).toBe(401);
  });

  describe.each(['/connect/token', '/connect/introspect', '/connect/revocation'])(
    'at %s a caller who guesses client ids learns nothing:',
    (path) => {
      const form = { grant_type: 'client_credentials', token: 'any' };
      const inHeader = (client: Credentials) => stack().post(path, form, client);
      const inBody = ({ id, secret }: Credentials) =>
        stack().post(path, { ...form, client_id: id, client_secret: secret });

      /** The whole response without its date and request ID. */
      const everything = ({ status, headers, text }: Answer) => ({
        status,
        text,
        headers: [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
      });

      test.each([
        ['in the header', inHeader],
        ['in the body', inBody],
      ])(
        'an unknown, a disabled and a deleted client and a wrong secret %s get the same response, byte for byte',
        async (_name, send) => {
          const known = await stack().api.createClient();
          const disabled = await stack().api.createClient();
          const deleted = await stack().api.createClient();
          const signing = await stack().api.createClient({
            token_endpoint_auth_method: 'private_key_jwt',
            jwks: { keys: [] },
          });
          await stack().api.call('POST', `/clients/${disabled.id}/disable`);
          await stack().api.call('DELETE', `/clients/${deleted.id}`);
          const before = await storedTokens(stack());
          const wrong = await send({ ...known, secret: disabled.secret });
          expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
          const { error_description: sentence } = wrong.body;
          expect(sentence).toMatch(/^Client authentication failed\. Check client_id/);
          expect(wrong.headers.get('www-authenticate') ?? '').toEqual(
            send === inHeader
              ? expect.stringMatching(new RegExp(`^Basic .*error_description="${sentence}"$`))
              : '',
          );
          for (const asker of [
            { ...known, id: 'nobody' },
            disabled,
            deleted,
            { ...signing, secret: known.secret },
          ])
            expect(everything(await send(asker))).toEqual(everything(wrong));
          expect(await storedTokens(stack())).toBe(before);
        },
      );
    },
  );
});
