import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { logIn } from '../../support/login.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack, unique } from '../../support/stacks.ts';

onStack((stack) => {
  const shownTo = async (token: string, asker: { id: string; secret: string }) =>
    (await stack().introspect(token, asker)).body;

  const limitScope = (clientId: string, scope: string) =>
    stack()
      .database.kysely.updateTable('client')
      .set({ metadata: sql<string>`metadata || jsonb_build_object('scope', ${scope}::text)` })
      .where('client_id', '=', clientId)
      .execute();

  test.each(['opaque', 'jwt'] as const)(
    'a changed role shows its new permissions in older tokens, %s',
    async (format) => {
      const { resourceServer, role, issue } = await makeParties(stack(), { format });
      const token = await issue();
      expect(await shownTo(token, resourceServer)).toMatchObject({ entitlements: ['things.read'] });
      await stack().api.setRole(role, ['things.read', 'things.burn']);
      expect(await shownTo(token, resourceServer)).toMatchObject({
        roles: [role],
        entitlements: ['things.read', 'things.burn'],
      });
    },
  );

  test('permissions of several roles are listed once', async () => {
    const { resource, resourceServer } = await makeParties(stack());
    const roles = [unique('a-role'), unique('b-role')];
    for (const role of roles) await stack().api.setRole(role, ['things.read', `${role}.own`]);
    const client = await stack().api.createClient({ roles, resources: [resource] });
    const { body } = await stack().token(client);
    expect(await shownTo(body.access_token, resourceServer)).toMatchObject({
      roles,
      entitlements: ['things.read', `${roles[0]}.own`, `${roles[1]}.own`],
    });
  });

  test('a deleted role is no longer listed', async () => {
    const { resourceServer, role, issue } = await makeParties(stack());
    const token = await issue();
    await stack().database.kysely.deleteFrom('role').where('name', '=', role).execute();
    expect(await shownTo(token, resourceServer)).toMatchObject({
      active: true,
      roles: [],
      entitlements: [],
    });
  });

  test('a person’s token has the roles of the person, not those of the client', async () => {
    const { resource, resourceServer, role } = await makeParties(stack());
    const own = unique('role');
    await stack().api.setRole(own, ['things.own']);
    const client = await stack().api.createClient({
      grant_types: ['refresh_token', 'authorization_code'],
      redirect_uris: ['https://app.test/cb'],
      response_types: ['code'],
      roles: [role],
      resources: [resource],
    });
    const scope = 'offline_access things:read';
    const login = await logIn(stack(), client.id, { resource, scope, roles: [own] });
    const { body } = await stack().post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: login.refreshToken },
      client,
    );
    expect(await shownTo(body.access_token, resourceServer)).toMatchObject({
      sub: login.accountId,
      client_id: client.id,
      scope: 'offline_access things:read',
      roles: [own],
      entitlements: ['things.own'],
    });
  });

  test('a token shows no scope that its client is no longer allowed', async () => {
    const { client, resourceServer, issue } = await makeParties(stack());
    const token = await issue({ scope: 'things:read things:write' });
    expect(await shownTo(token, resourceServer)).toMatchObject({
      scope: 'things:read things:write',
    });
    await limitScope(client.id, 'things:read');
    expect(await shownTo(token, resourceServer)).toMatchObject({
      active: true,
      scope: 'things:read',
    });
  });

  test('a token does not gain scope when its client does', async () => {
    const { client, resourceServer, issue } = await makeParties(stack());
    const token = await issue({ scope: 'things:read' });
    await limitScope(client.id, 'things:read things:write');
    expect(await shownTo(token, resourceServer)).toMatchObject({ scope: 'things:read' });
  });

  test('a token none of whose scopes is left shows none', async () => {
    const { client, resourceServer, issue } = await makeParties(stack());
    const token = await issue({ scope: 'things:read' });
    await limitScope(client.id, 'things:write');
    const shown = await shownTo(token, resourceServer);
    expect(shown.active).toBe(true);
    expect(shown).not.toHaveProperty('scope');
  });
});
