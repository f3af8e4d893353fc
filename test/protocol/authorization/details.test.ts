import { expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { answer, ask, type LoginClient, makeLoginClient } from './support.ts';

onStack((stack) => {
  /** What the tests ask for: three actions on two things. */
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

  test('tokens are limited to the single things that a person left ticked, opaque ones and JWTs', async () => {
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
      expect((await visitor.get('/account/devices')).words).toContain('A project “apollo”: write');
    }
  });

  test('to untick everything is not to allow it', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    const page = await ask(visitor, begin(app, asked));
    const { url } = await answer(visitor, page.path);
    expect(url?.searchParams.get('error')).toBe('access_denied');
  });

  test('scopes stand besides single things, and a refreshed token has them all', async () => {
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

  test('what the resource does not have is refused, and so is what is no list of objects', async () => {
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
    // Without a resource they are about nothing.
    expect(await refused(asked, { scope: 'openid' })).toBe('invalid_target');
  });

  test('a request whose resource has lost the single things since cannot be allowed', async () => {
    const app = await makeApp();
    const { visitor } = await signedIn(stack());
    const { path } = await ask(visitor, begin(app, asked));
    await stack().domain.resources.update(app.resource, { detailsTypes: [] });
    const page = await visitor.submit(path, { decision: 'allow', detail_0: 'on' });
    expect([page.status, page.words]).toEqual([403, expect.stringContaining('no longer allowed')]);
  });
});
