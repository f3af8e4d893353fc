import { expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { makeDevices } from '../device/support.ts';
import { answer, ask, type LoginClient, makeLoginClient } from './support.ts';

onStack((stack) => {
  /** What the tests request: three actions on two objects. */
  const asked = [
    { type: 'project', identifier: 'apollo', actions: ['read', 'write'] },
    { type: 'project', actions: ['read'] },
  ];

  const makeApp = async (): Promise<LoginClient> => {
    const app = await makeLoginClient(stack());
    await stack().domain.resources.update(app.resource, {
      name: 'Rockets',
      detailsTypes: [{ type: 'project', description: 'A project', actions: ['read', 'write'] }],
    });
    return app;
  };

  const begin = (app: LoginClient, details: unknown, changed = {}) =>
    app.begin({
      scope: null as never,
      authorization_details: typeof details === 'string' ? details : JSON.stringify(details),
      ...changed,
    });

  test('tokens, opaque and JWT, are limited to the objects that a person left checked', async () => {
    for (const tokenFormat of ['opaque', 'jwt'] as const) {
      const app = await makeApp();
      await stack().domain.resources.update(app.resource, { tokenFormat });
      const { accountId, visitor } = await signedIn(stack());
      const begun = begin(app, asked);
      const page = await ask(visitor, begun);
      for (const words of ['Rockets', 'A project “apollo”: read', 'A project: read'])
        expect(page.words).toContain(words);
      const ticked = { detail_1: 'on', detail_2: 'on' };
      const { url } = await answer(visitor, page.path, 'allow', ticked);
      const { status, body } = await app.redeem(begun, url as URL);
      const left = [{ type: 'project', identifier: 'apollo', actions: ['write'] }, asked[1]];
      expect([status, body.authorization_details, body.scope]).toEqual([200, left, undefined]);
      expect((await app.introspect(body.access_token)).body).toMatchObject({
        active: true,
        sub: accountId,
        authorization_details: left,
      });
      if (tokenFormat === 'jwt')
        expect(decodeJwt(body.access_token)['authorization_details']).toEqual(left);
      const [connected] = await stack().domain.connectedClients.list(accountId);
      expect(connected?.details.map(({ description }) => description)).toEqual([
        'A project “apollo”: write',
        'A project: read',
      ]);
      expect((await visitor.get('/account/connected')).words).toContain(
        'A project “apollo”: write',
      );
    }
  });

  test('unchecking everything is not an approval', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    const page = await ask(visitor, begin(app, asked));
    const { url } = await answer(visitor, page.path);
    expect(url?.searchParams.get('error')).toBe('access_denied');
  });

  test('scopes are granted besides authorization details, and a refreshed token has all of them', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    const begun = begin(app, asked, { scope: 'things:read offline_access' });
    const { path } = await ask(visitor, begun);
    const { url } = await answer(visitor, path, 'allow', { detail_0: 'on' });
    const { body } = await app.redeem(begun, url as URL);
    const refreshed = await stack().post('/connect/token', {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      client_id: app.client.id,
    });
    expect(refreshed.body).toMatchObject({
      scope: 'offline_access things:read',
      authorization_details: [{ type: 'project', identifier: 'apollo', actions: ['read'] }],
    });
  });

  test('a code and each refresh can be redeemed for a part of what a person approved, never for more (RFC 9396 §6)', async () => {
    for (const tokenFormat of ['opaque', 'jwt'] as const) {
      const app = await makeApp();
      await stack().domain.resources.update(app.resource, { tokenFormat });
      const { visitor } = await signedIn(stack());
      const begun = begin(app, asked, { scope: 'things:read offline_access' });
      const { path } = await ask(visitor, begun);
      const ticked = { detail_0: 'on', detail_1: 'on', detail_2: 'on' };
      const { url } = await answer(visitor, path, 'allow', ticked);
      const part = [{ type: 'project', identifier: 'apollo', actions: ['read'] }];
      const first = await app.redeem(begun, url as URL, {
        authorization_details: JSON.stringify(part),
      });
      expect([first.status, first.body.authorization_details]).toEqual([200, part]);
      const refresh = (details: unknown) =>
        stack().post('/connect/token', {
          grant_type: 'refresh_token',
          refresh_token: current,
          client_id: app.client.id,
          ...(details !== undefined && { authorization_details: JSON.stringify(details) }),
        });
      let current = first.body.refresh_token;
      const other = [{ type: 'project', identifier: 'gemini', actions: ['read'] }];
      const refreshed = await refresh(other);
      expect([refreshed.status, refreshed.body.authorization_details]).toEqual([200, other]);
      expect((await app.introspect(refreshed.body.access_token)).body).toMatchObject({
        active: true,
        authorization_details: other,
      });
      current = refreshed.body.refresh_token;
      for (const beyond of [
        [{ type: 'project', identifier: 'gemini', actions: ['write'] }],
        [{ type: 'project', identifier: 'gemini' }],
        [{ type: 'planet' }],
        [...part, { type: 'project', actions: ['read', 'write'] }],
        [],
        {},
      ])
        expect([beyond, (await refresh(beyond)).body.error]).toEqual([
          beyond,
          'invalid_authorization_details',
        ]);
      const whole = await refresh(undefined);
      expect(whole.body.authorization_details).toEqual([asked[0], asked[1]]);
    }
  });

  test('a device asks for authorization details, and its person sees them in words', async () => {
    const { resource } = await makeApp();
    const { client: app } = await makeDevices(stack(), { resources: [resource] });
    const { body: begun } = await stack().post('/connect/deviceauthorization', {
      client_id: app.id,
      resource,
      authorization_details: JSON.stringify(asked),
    });
    const { visitor } = await signedIn(stack());
    const page = await visitor.get(`/device?user_code=${begun.user_code}`);
    const shown = page.location ? await visitor.get(page.location) : page;
    expect(shown.words).toContain('A project “apollo”: read');
  });

  test('a client gets details in its own tokens if it is registered for their type, and no others', async () => {
    for (const token_format of ['opaque', 'jwt']) {
      const { resource, resourceServer } = await makeApp();
      await stack().domain.resources.update(resource, {
        tokenFormat: token_format as 'opaque',
      });
      const client = await stack().api.createClient({
        resources: [resource],
        authorization_details_types: ['project'],
      });
      const plain = await stack().api.createClient({ resources: [resource] });
      const get = (of: typeof client, details: unknown) =>
        stack().token(of, { authorization_details: JSON.stringify(details) });
      const { status, body } = await get(client, asked);
      expect([status, body.authorization_details]).toEqual([200, asked]);
      expect((await stack().introspect(body.access_token, resourceServer)).body).toMatchObject({
        active: true,
        sub: client.id,
        authorization_details: asked,
      });
      for (const [of, details] of [
        [plain, asked],
        [client, [{ type: 'planet' }]],
        [client, [{ type: 'project', actions: ['delete'] }]],
        [client, [{ type: 'project', more: 'x' }]],
        [client, []],
      ] as const)
        expect(await get(of, details)).toMatchObject({
          status: 400,
          body: { error: 'invalid_authorization_details' },
        });
    }
  });

  test('a client that is registered for certain types can request no others of people', async () => {
    const app = await makeApp();
    const types = (list: string[] | null) =>
      stack().api.call('PATCH', `/clients/${app.client.id}`, {
        authorization_details_types: list,
      });
    const { visitor } = await signedIn(stack());
    expect((await types(['planet'])).status).toBe(200);
    const { location, words } = await visitor.get(begin(app, asked).path);
    expect(location ?? words).toContain('invalid_authorization_details');
    expect((await types(null)).status).toBe(200);
    expect((await ask(visitor, begin(app, asked))).words).toContain('apollo');
  });

  test('the metadata of the server has the types of all resources (RFC 9396 §10)', async () => {
    await makeApp();
    const { body } = await stack().get('/.well-known/oauth-authorization-server');
    expect(body.authorization_details_types_supported).toContain('project');
  });

  test('details of a type that the resource does not have, and details that are not a list of objects, are refused', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    const refused = async (details: unknown, changed = {}) => {
      const { location, words } = await visitor.get(begin(app, details, changed).path);
      return location ? new URL(location).searchParams.get('error') : words;
    };
    for (const details of ['{}', '[1]', '[{}]', '[', [{ type: 'planet' }]])
      expect([details, await refused(details)]).toEqual([details, 'invalid_authorization_details']);
    const beyond = [{ type: 'project', actions: ['delete'] }];
    expect(await refused(beyond)).toBe('invalid_authorization_details');
    // Without a resource they have no meaning.
    expect(await refused(asked, { scope: 'openid' })).toBe('invalid_target');
  });

  test('a refused type is named in the characters that a description can have (RFC 6749 §4.1.2.1)', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    for (const type of ['planet', 'plané"t\\'] as const) {
      const { location } = await visitor.get(begin(app, [{ type }]).path);
      const description = new URL(location ?? 'nowhere:').searchParams.get('error_description');
      expect(description).toMatch(
        /^[\x20\x21\x23-\x5b\x5d-\x7e]*'plan[\x20\x21\x23-\x5b\x5d-\x7e]+$/,
      );
    }
  });

  test('a request whose resource no longer has the type of its details cannot be allowed', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    const { path } = await ask(visitor, begin(app, asked));
    await stack().domain.resources.update(app.resource, { detailsTypes: [] });
    const page = await visitor.submit(path, { decision: 'allow', detail_0: 'on' });
    expect([page.status, page.words]).toEqual([403, expect.stringContaining('no longer allowed')]);
  });
});
