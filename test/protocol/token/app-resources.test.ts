import { expect, test } from '@jest/globals';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { onStack, unique } from '../../support/stacks.ts';

onStack((stack) => {
  const nameOf = (clientId: string) => clientId.split(':')[1] ?? '';

  test('a client of an app can have tokens for resources that are open to apps, and for nothing else', async () => {
    const { client } = await makeApp(stack());
    const { resource } = await makeOpenApi(stack());
    const closed = `https://${unique('closed')}.test`;
    await stack().api.createResource({ identifier: closed });
    expect((await stack().token(client, { resource })).status).toBe(200);
    for (const target of [closed, stack().apiResource]) {
      const { status, body } = await stack().token(client, { resource: target });
      expect([status, body.error]).toEqual([400, 'invalid_target']);
    }
    await stack().domain.resources.update(resource, { appPolicy: null });
    expect((await stack().token(client, { resource })).body.error).toBe('invalid_target');
  });

  test('a request without a resource gets one that is open, the default one first', async () => {
    const { client } = await makeApp(stack());
    const { resource } = await makeOpenApi(stack());
    const audience = async () => {
      const { body } = await stack().token(client);
      return (await stack().introspect(body.access_token, client)).body.aud;
    };
    await stack().domain.resources.update(resource, { isDefault: true });
    expect(await audience()).toBe(resource);
    const closed = `https://${unique('closed')}.test`;
    await stack().api.createResource({ identifier: closed, default: true });
    expect(await audience()).not.toBe(closed);
  });

  test('the format is the one that the client chose, if the resource allows it to apps', async () => {
    const app = await makeApp(stack());
    const { resource } = await makeOpenApi(stack());
    const { appClients, resources } = stack().domain;
    const isJwt = async () =>
      (await stack().token(app.client, { resource })).body.access_token.startsWith('eyJ');
    expect(await isJwt()).toBe(false);
    await appClients.update(app.actor, app.name, nameOf(app.client.id), {
      accessTokenFormat: 'jwt',
    });
    expect(await isJwt()).toBe(true);
    await resources.update(resource, {
      appPolicy: { token_formats: ['opaque'], longest_access_token_ttl: 3600 },
    });
    expect(await isJwt()).toBe(false);
  });

  test('tokens live as long as the client chose, and at most as long as the policy for apps allows', async () => {
    const app = await makeApp(stack());
    const { resource } = await makeOpenApi(stack(), { policy: { longest_access_token_ttl: 7200 } });
    const { appClients, resources } = stack().domain;
    const lifetime = async () => (await stack().token(app.client, { resource })).body.expires_in;
    expect(await lifetime()).toBe(7200);
    await appClients.update(app.actor, app.name, nameOf(app.client.id), { accessTokenTtl: 600 });
    expect(await lifetime()).toBe(600);
    await resources.update(resource, {
      appPolicy: { token_formats: ['opaque'], longest_access_token_ttl: 60 },
    });
    expect(await lifetime()).toBe(60);
  });

  test('if nothing is open to apps, a client of an app gets no token instead of a useless one', async () => {
    const { client } = await makeApp(stack());
    await stack().database.query(
      { name: 'close-all', text: 'update resource set app_policy = null' },
      [],
    );
    const { status, body } = await stack().token(client);
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });
});
