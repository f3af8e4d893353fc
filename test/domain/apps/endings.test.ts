import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { AppActor } from '../../../src/domain/apps/types.ts';
import { readChanges } from '../../../src/domain/audit/change-feed.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { logInToApp } from '../../support/app-logins.ts';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import type { Credentials } from '../../support/http.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, type Stack } from '../../support/stacks.ts';

const operator: AppActor = { kind: 'operator' };

onStack((stack) => {
  /** An app whose client has a token, and a member who approved a device for it. */
  const arrange = async () => {
    const { resource, resourceServer } = await makeOpenApi(stack());
    const app = await makeApp(stack());
    const device = await app.addClient({ role: 'Editor', kind: 'device' });
    const member = await app.addMember('Reader');
    const token = await issue(stack(), app.client, resource);
    const login = await logInToApp(stack(), device.id, member, { resource });
    const shown = async (value: string) => (await stack().introspect(value, resourceServer)).body;
    expect(await shown(token)).toMatchObject({ active: true, app: app.name, roles: ['Owner'] });
    expect(await shown(login.accessToken)).toMatchObject({ active: true, roles: ['Reader'] });
    return { app, device, member, resource, token, login, shown };
  };

  const issue = async (at: Stack, client: Credentials, resource: string): Promise<string> =>
    (await at.token(client, { resource })).body.access_token;

  const refusedToken = async (client: Credentials, resource: string) => {
    const { status, body } = await stack().token(client, { resource });
    return { status, error: body.error };
  };

  const lastChange = async () =>
    (await readChanges(stack().database.kysely, { after: 0, limit: 100_000 })).at(-1);

  describe('an app that is disabled', () => {
    test('by an operator can only be enabled by an operator, even if its Owner had disabled it before', async () => {
      const { app, resource } = await arrange();
      const { apps } = stack().domain;
      await apps.disable(app.actor, app.name);
      expect(await apps.disable(operator, app.name)).toMatchObject({ disabledBy: 'operator' });
      await apps.disable(app.actor, app.name);
      await expect(apps.enable(app.actor, app.name)).rejects.toMatchObject({
        code: 'access_denied',
      });
      expect((await refusedToken(app.client, resource)).error).toBe('invalid_client');
      expect(await apps.enable(operator, app.name)).toMatchObject({
        disabledAt: null,
        disabledBy: null,
      });
      expect((await stack().token(app.client, { resource })).status).toBe(200);
      await apps.disable(app.actor, app.name);
      expect(await apps.enable(app.actor, app.name)).toMatchObject({ disabledBy: null });
    });

    test('has no active token and gets none until it is enabled; revoked ones stay revoked', async () => {
      const { app, resource, token, login, shown, device } = await arrange();
      const { apps } = stack().domain;
      expect(await apps.disable(app.actor, app.name)).toMatchObject({
        disabledAt: expect.any(Date),
      });
      expect(await lastChange()).toMatchObject({ kind: 'app.disabled', app: app.name, epoch: 1 });
      for (const value of [token, login.accessToken])
        expect(await shown(value)).toEqual({ active: false });
      expect(await refusedToken(app.client, resource)).toEqual({
        status: 401,
        error: 'invalid_client',
      });
      expect(await apps.disable(app.actor, app.name)).toMatchObject({
        disabledAt: expect.any(Date),
      });
      expect(await apps.enable(app.actor, app.name)).toMatchObject({ disabledAt: null });
      expect(await lastChange()).toMatchObject({ kind: 'app.enabled', app: app.name, epoch: 1 });
      for (const value of [token, login.accessToken])
        expect(await shown(value)).toEqual({ active: false });
      expect(
        await stack().post('/connect/token', {
          grant_type: 'refresh_token',
          refresh_token: login.refreshToken,
          client_id: device.id,
        }),
      ).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect(await shown(await issue(stack(), app.client, resource))).toMatchObject({
        active: true,
      });
    });
  });

  describe('an app that is deleted', () => {
    test('loses tokens, logins, clients, secrets, members, roles and invitations, and other apps lose nothing', async () => {
      const { app, resource, token, login, shown, device } = await arrange();
      const other = await makeApp(stack());
      const otherToken = await issue(stack(), other.client, resource);
      const { apps, appRoles, appInvitations, registry } = stack().domain;
      await appRoles.set(operator, app.name, { name: 'Ops', permissions: ['a'] });
      await appInvitations.create(app.actor, app.name, {
        email: 'grace@example.com',
        role: 'Ops',
      });
      const { id } = await apps.find(app.actor, app.name);
      await apps.delete(app.actor, app.name);
      expect(await lastChange()).toMatchObject({ kind: 'app.deleted', app: app.name, epoch: 1 });

      for (const value of [token, login.accessToken])
        expect(await shown(value)).toEqual({ active: false });
      expect(await refusedToken(app.client, resource)).toEqual({
        status: 401,
        error: 'invalid_client',
      });
      expect(
        (
          await stack().post('/connect/token', {
            grant_type: 'refresh_token',
            refresh_token: login.refreshToken,
            client_id: device.id,
          })
        ).status,
      ).toBe(401);
      for (const clientId of [app.client.id, device.id])
        expect(await registry.find(clientId)).toBeUndefined();
      const { rows } = await sql`
        select 'secret' from client_secret s join client c on c.id = s.client_id where c.app_id = ${id}
        union all select 'member' from app_member where app_id = ${id}
        union all select 'role' from app_role where app_id = ${id}
        union all select 'invitation' from app_invitation where app_id = ${id}
        union all select 'metadata' from client where app_id = ${id} and (metadata <> '{}' or roles <> '{}')`.execute(
        stack().database.kysely,
      );
      expect(rows).toEqual([]);

      expect(await shown(otherToken)).toMatchObject({ active: true, app: other.name });
      expect(await appRoles.builtIn()).toHaveLength(4);
    });

    test('leaves an event for each client, and names that are never reused', async () => {
      const { app, device } = await arrange();
      const { apps, audit } = stack().domain;
      const { id } = await apps.find(app.actor, app.name);
      await apps.delete(app.actor, app.name);
      const { items } = await audit.page({ app: id, limit: 3 });
      expect(items).toMatchObject([
        {
          action: 'app.deleted',
          target: { kind: 'app', id: app.name },
          details: { clients: expect.arrayContaining([app.client.id, device.id]) },
        },
        { action: 'client.deleted' },
        { action: 'client.deleted' },
      ]);
      for (const actor of [app.actor, operator])
        await expect(
          apps.create(actor, { displayName: 'Acme', name: app.name }),
        ).rejects.toMatchObject({ code: 'conflict' });
      await expect(
        stack().domain.registry.create(serverActor, { clientId: app.client.id, metadata: {} }),
      ).rejects.toMatchObject({ code: 'conflict' });
    });

    test('by two concurrent requests is deleted once', async () => {
      const app = await makeApp(stack());
      const { apps } = stack().domain;
      const ended = await Promise.allSettled([
        apps.delete(app.actor, app.name),
        apps.delete(operator, app.name),
      ]);
      expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(ended.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'not_found' },
      });
    });

    test('while a client is created has no working client', async () => {
      const app = await makeApp(stack());
      const { domain, database } = stack();
      const { id } = await domain.apps.find(app.actor, app.name);
      await Promise.allSettled([
        app.addClient(),
        domain.apps.delete(app.actor, app.name),
        app.addClient(),
      ]);
      const { rows } = await sql`
        select from client where app_id = ${id} and deleted_at is null`.execute(database.kysely);
      expect(rows).toEqual([]);
    });
  });

  test('a deleted secret no longer works; the other one does', async () => {
    const { resource } = await makeOpenApi(stack());
    const app = await makeApp(stack());
    const { appClients } = stack().domain;
    const [old] = await appClients.secrets(app.actor, app.name, 'default');
    const { value } = await appClients.addSecret(app.actor, app.name, 'default');
    await appClients.revokeSecret(app.actor, app.name, 'default', old?.id ?? '');
    expect(await refusedToken(app.client, resource)).toEqual({
      status: 401,
      error: 'invalid_client',
    });
    const { status } = await stack().token({ id: app.client.id, secret: value }, { resource });
    expect(status).toBe(200);
  });

  test('after removing a member with their credentials, those get no new tokens and their tokens are revoked; others keep working', async () => {
    const { app, member, resource, token, login, shown } = await arrange();
    const { appMembers, appClients } = stack().domain;
    await appMembers.set(operator, app.name, member.accountId, 'Owner');
    const actor = { kind: 'account', accountId: member.accountId } as const;
    const { value } = await appClients.addSecret(actor, app.name, 'default');
    keepSecret('client_secret', value);
    const known = { id: app.client.id, secret: value };
    const other = await app.addClient();
    const [theirs, others] = [
      await issue(stack(), known, resource),
      await issue(stack(), other, resource),
    ];
    await appMembers.remove(app.actor, app.name, member.accountId, { endCredentials: true });
    expect(await refusedToken(known, resource)).toEqual({ status: 401, error: 'invalid_client' });
    for (const ended of [theirs, token]) expect(await shown(ended)).toEqual({ active: false });
    for (const live of [others, login.accessToken])
      expect(await shown(live)).toMatchObject({ active: true });
    expect((await stack().token(app.client, { resource })).status).toBe(200);
  });

  test('a removed member keeps their token, which no longer shows a role', async () => {
    const { app, member, login, shown } = await arrange();
    await stack().domain.appMembers.remove(app.actor, app.name, member.accountId);
    expect(await lastChange()).toMatchObject({ kind: 'app.changed', app: app.name });
    expect(await shown(login.accessToken)).toMatchObject({
      active: true,
      app: app.name,
      sub: member.accountId,
      roles: [],
      entitlements: [],
    });
  });

  test('a change of a custom or built-in role shows at the next introspection', async () => {
    const { resource, resourceServer } = await makeOpenApi(stack());
    const app = await makeApp(stack());
    const { appRoles, appClients } = stack().domain;
    await appRoles.set(app.actor, app.name, { name: 'Ops', permissions: ['things.read'] });
    const client = await app.addClient({ role: 'Ops' });
    const token = await issue(stack(), client, resource);
    const entitlements = async () =>
      (await stack().introspect(token, resourceServer)).body.entitlements;
    expect(await entitlements()).toEqual(['things.read']);
    await appRoles.set(app.actor, app.name, { name: 'Ops', permissions: ['things.write'] });
    expect(await entitlements()).toEqual(['things.write']);
    const name = client.id.split(':')[1] ?? '';
    await appClients.update(app.actor, app.name, name, { role: 'Reader' });
    expect(await entitlements()).toEqual(
      (await appRoles.builtIn()).find((role) => role.name === 'Reader')?.permissions,
    );
  });
});
