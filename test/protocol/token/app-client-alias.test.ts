import { expect, test } from '@jest/globals';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { onStack } from '../../support/stacks.ts';

onStack((stack) => {
  const alias = (clientId: string) => clientId.replace(':', '~');

  test('app~client is the same client: unencoded in Basic, in a form, at introspection and revocation', async () => {
    const { client, name } = await makeApp(stack());
    const { resource } = await makeOpenApi(stack());
    const basic = Buffer.from(`${alias(client.id)}:${client.secret}`).toString('base64');
    const form = { grant_type: 'client_credentials', resource };
    const byHeader = await stack().post('/connect/token', form, undefined, {
      authorization: `Basic ${basic}`,
    });
    expect(byHeader.status).toBe(200);
    const byForm = await stack().post('/connect/token', {
      ...form,
      client_id: alias(client.id),
      client_secret: client.secret,
    });
    expect(byForm.status).toBe(200);
    const { access_token: token } = byForm.body;
    const asker = { ...client, id: alias(client.id) };
    expect((await stack().introspect(token, asker)).body).toMatchObject({
      active: true,
      client_id: client.id,
      sub: client.id,
      app: name,
    });
    expect((await stack().revoke(token, asker)).status).toBe(200);
    expect((await stack().introspect(token, client)).body).toEqual({ active: false });
  });

  test('the raw id is accepted in a form, as clients without encoding send it', async () => {
    const { client } = await makeApp(stack());
    const { resource } = await makeOpenApi(stack());
    const { status } = await stack().request('POST', '/connect/token', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&resource=${resource}&client_id=${client.id}&client_secret=${client.secret}`,
    });
    expect(status).toBe(200);
  });

  test('the secret of one client does not authenticate another one of the app, by either name', async () => {
    const app = await makeApp(stack());
    const other = await app.addClient();
    for (const id of [other.id, alias(other.id), app.name, `${app.name}:`, `${app.name}~`]) {
      const { status, body } = await stack().token({ id, secret: app.client.secret });
      expect([status, body.error]).toEqual([401, 'invalid_client']);
    }
  });
});
