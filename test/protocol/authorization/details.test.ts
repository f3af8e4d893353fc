import { expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
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
      scope: 'things:read',
      authorization_details: [{ type: 'project', identifier: 'apollo', actions: ['read'] }],
    });
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

  test('a request whose resource no longer has the type of its details cannot be allowed', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    const { path } = await ask(visitor, begin(app, asked));
    await stack().domain.resources.update(app.resource, { detailsTypes: [] });
    const page = await visitor.submit(path, { decision: 'allow', detail_0: 'on' });
    expect([page.status, page.words]).toEqual([403, expect.stringContaining('no longer allowed')]);
  });
});
