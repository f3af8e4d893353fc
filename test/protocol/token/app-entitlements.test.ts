import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { logInToApp } from '../../support/app-logins.ts';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { makePerson } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';

onStack((stack) => {
  describe.each(['opaque', 'jwt'] as const)('%s tokens of a client of an app', (format) => {
    const setUp = async () => {
      const [app, api] = await Promise.all([
        makeApp(stack()),
        makeOpenApi(stack(), { tokenFormat: format }),
      ]);
      const { resource, resourceServer } = api;
      const introspect = async (token: string) =>
        (await stack().introspect(token, resourceServer)).body;
      const issue = async (client = app.client): Promise<string> =>
        (await stack().token(client, { resource, scope: 'things:read' })).body.access_token;
      return { app, resource, introspect, issue };
    };

    test('have the app, the role of the client and its permissions', async () => {
      const { app, introspect, issue } = await setUp();
      const token = await issue(await app.addClient());
      const rights = { app: app.name, roles: ['Reader'], entitlements: ['*.read', '*.*.read'] };
      expect(await introspect(token)).toMatchObject({ active: true, ...rights });
      if (format === 'jwt') expect(decodeJwt(token)).toMatchObject(rights);
    });

    test('show a changed role, and the new permissions of a role, at the next introspection', async () => {
      const { app, introspect, issue } = await setUp();
      const client = await app.addClient();
      const token = await issue(client);
      const { appClients, appRoles } = stack().domain;
      const [, name = ''] = client.id.split(':');
      const change = (role: string) => appClients.update(app.actor, app.name, name, { role });
      await change('Editor');
      expect(await introspect(token)).toMatchObject({ roles: ['Editor'] });
      const set = (permissions: string[]) =>
        appRoles.set(app.actor, app.name, { name: 'Curator', permissions });
      await set(['things.read']);
      await change('Curator');
      expect(await introspect(token)).toMatchObject({
        roles: ['Curator'],
        entitlements: ['things.read'],
      });
      await set(['things.read', 'things.write']);
      expect(await introspect(token)).toMatchObject({
        entitlements: ['things.read', 'things.write'],
      });
    });

    test('ignore roles of other apps, whatever their names', async () => {
      const { app, introspect, issue } = await setUp();
      const other = await makeApp(stack());
      const { appRoles } = stack().domain;
      await appRoles.set(app.actor, app.name, { name: 'Curator', permissions: ['things.read'] });
      await appRoles.set(other.actor, other.name, { name: 'Curator', permissions: ['*'] });
      const token = await issue(await app.addClient({ role: 'Curator' }));
      expect(await introspect(token)).toMatchObject({ entitlements: ['things.read'] });
    });

    test('are revoked with the client and with the app, and stay revoked when it is enabled', async () => {
      const { app, introspect, issue } = await setUp();
      const { apps, appClients } = stack().domain;
      const client = await app.addClient();
      const [, name = ''] = client.id.split(':');
      const [ofClient, ofApp] = [await issue(client), await issue()];
      await appClients.disable(app.actor, app.name, name);
      expect(await introspect(ofClient)).toEqual({ active: false });
      expect(await introspect(ofApp)).toMatchObject({ active: true });
      await apps.disable(app.actor, app.name);
      expect(await introspect(ofApp)).toEqual({ active: false });
      expect(await issue()).toBeUndefined();
      await apps.enable(app.actor, app.name);
      expect(await introspect(ofApp)).toEqual({ active: false });
      const anew = await issue();
      expect(await introspect(anew)).toMatchObject({ active: true });
      await apps.delete(app.actor, app.name);
      expect(await introspect(anew)).toEqual({ active: false });
      expect(await issue()).toBeUndefined();
    });

    describe('on behalf of a person', () => {
      const loggedIn = async (ofClient: string, ofMember?: string) => {
        const { app, resource, introspect } = await setUp();
        const client = await app.addClient({ role: ofClient, kind: 'device' });
        const person = ofMember ? await app.addMember(ofMember) : await makePerson(stack());
        const login = await logInToApp(stack(), client.id, person, { resource });
        return { app, person, introspect, client, ...login };
      };

      test.each([
        ['Reader', 'Owner', 'Reader'],
        ['Owner', 'Reader', 'Reader'],
        ['Developer', 'Owner', 'Developer'],
        ['Owner', 'Developer', 'Developer'],
        ['Editor', 'Editor', 'Editor'],
      ])(
        'have the narrower role: client %s, member %s, so %s',
        async (ofClient, ofMember, role) => {
          const { app, person, introspect, accessToken } = await loggedIn(ofClient, ofMember);
          const rights = { app: app.name, sub: person.accountId, roles: [role] };
          expect(await introspect(accessToken)).toMatchObject(rights);
          if (format === 'jwt') expect(decodeJwt(accessToken)).toMatchObject(rights);
        },
      );

      test('permit nothing if the person is not a member, or no longer is', async () => {
        const stranger = await loggedIn('Owner');
        const none = { active: true, roles: [], entitlements: [] };
        expect(await stranger.introspect(stranger.accessToken)).toMatchObject(none);
        const member = await loggedIn('Owner', 'Owner');
        const { appMembers } = stack().domain;
        await appMembers.remove(member.app.actor, member.app.name, member.person.accountId);
        expect(await member.introspect(member.accessToken)).toMatchObject(none);
      });

      test('permit what both roles permit, if they differ', async () => {
        const { app, resource, introspect } = await setUp();
        const set = (name: string, permissions: string[]) =>
          stack().domain.appRoles.set(app.actor, app.name, { name, permissions });
        await set('Left', ['things.read', 'things.write']);
        await set('Right', ['*.read', 'others.write']);
        const client = await app.addClient({ role: 'Left', kind: 'device' });
        const person = await app.addMember('Right');
        const { accessToken } = await logInToApp(stack(), client.id, person, { resource });
        expect(await introspect(accessToken)).toMatchObject({
          roles: [],
          entitlements: ['things.read'],
        });
      });

      test('ignore roles that the person has elsewhere', async () => {
        const { app, resource, introspect } = await setUp();
        await stack().api.setRole('editor-of-all', ['things.write']);
        const person = await makePerson(stack(), { roles: ['editor-of-all'] });
        const client = await app.addClient({ role: 'Owner', kind: 'device' });
        const { accessToken } = await logInToApp(stack(), client.id, person, { resource });
        expect(await introspect(accessToken)).toMatchObject({ roles: [], entitlements: [] });
        if (format === 'jwt')
          expect(decodeJwt(accessToken)).toMatchObject({ roles: [], entitlements: [] });
      });

      test('have the same permissions after a refresh', async () => {
        const { client, introspect, refreshToken } = await loggedIn('Owner', 'Reader');
        const { body } = await stack().post('/connect/token', {
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_id: client.id,
        });
        expect(await introspect(body.access_token)).toMatchObject({ roles: ['Reader'] });
        if (format === 'jwt')
          expect(decodeJwt(body.access_token)).toMatchObject({ roles: ['Reader'] });
      });
    });
  });
});
