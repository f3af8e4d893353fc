import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { appLimits } from '../../../config/apps.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';
import { onDatabase } from '../../db/each-database.ts';
import { expectRefused, openApps, operator, outcome, unique } from './apps.ts';

onDatabase((database) => {
  const open = () => openApps(database());

  test('the built-in roles come first, widest first, then those of the app by name', async () => {
    const apps = open();
    const { owner, name } = await apps.app();
    const { name: other } = await apps.app();
    await apps.appRoles.set(owner.actor, name, { name: 'Zebra', permissions: ['a'] });
    await apps.appRoles.set(owner.actor, name, { name: 'Ant', permissions: [] });
    await apps.appRoles.set(operator, other, { name: 'Elsewhere', permissions: [] });
    const roles = await apps.appRoles.list(owner.actor, name);
    expect(roles.map((role) => [role.name, role.builtIn, role.manages])).toEqual([
      ['Owner', true, 'app'],
      ['Developer', true, 'clients'],
      ['Editor', true, 'nothing'],
      ['Reader', true, 'nothing'],
      ['Ant', false, 'nothing'],
      ['Zebra', false, 'nothing'],
    ]);
    expect(await apps.appRoles.builtIn()).toEqual(roles.slice(0, 4));
    await expectRefused(apps.appRoles.find(owner.actor, name, 'Elsewhere'), 'not_found');
    await expectRefused(apps.appRoles.find(owner.actor, name, 'Ant\0'), 'not_found');
  });

  test('a role can be created, updated field by field and deleted, with an event each', async () => {
    const apps = open();
    const { owner, name, id } = await apps.app();
    const role = { name: 'Ops', permissions: ['things.read', 'things.write|delete'] };
    const made = await apps.appRoles.set(owner.actor, name, {
      ...role,
      name: '  Ops ',
      description: 'Those on call',
      manages: 'clients',
    });
    expect(made).toEqual({
      ...role,
      description: 'Those on call',
      manages: 'clients',
      builtIn: false,
    });
    const changed = await apps.appRoles.set(owner.actor, name, {
      name: 'Ops',
      permissions: ['*.read'],
    });
    expect(changed).toEqual({ ...made, permissions: ['*.read'] });
    expect(await apps.appRoles.find(owner.actor, name, 'Ops')).toEqual(changed);
    await apps.appRoles.delete(owner.actor, name, 'Ops');
    await expectRefused(apps.appRoles.find(owner.actor, name, 'Ops'), 'not_found');
    expect((await apps.events(id)).slice(-3)).toMatchObject([
      { action: 'app_role.created', target: { kind: 'role', id: 'Ops' }, actor: { id: owner.id } },
      {
        action: 'app_role.updated',
        details: { permissions: { before: role.permissions, after: ['*.read'] } },
      },
      { action: 'app_role.deleted', details: { permissions: ['*.read'] } },
    ]);
  });

  test('a change of a role writes a change record', async () => {
    const apps = open();
    const { owner, name } = await apps.app();
    await apps.appRoles.set(owner.actor, name, { name: 'Ops', permissions: ['a'] });
    const kinds = await apps.changesOf(() =>
      apps.appRoles.set(owner.actor, name, { name: 'Ops', permissions: ['b'] }),
    );
    expect(kinds).toEqual([{ kind: 'app.changed', app: name, client_id: null }]);
  });

  describe('is refused', () => {
    test.each([
      ...['', ' ', '1st', '-x', 'x'.repeat(51), 'Öps', 'a:b', 'a\nb', 'a\0'],
      ...['Owner', 'owner', 'READER', 'Administrator', 'administrator'],
    ])('the name %j', async (role) => {
      const apps = open();
      const { owner, name } = await apps.app();
      const set = () => apps.appRoles.set(owner.actor, name, { name: role, permissions: [] });
      expect(await outcome(set)).toBe('invalid_request');
      expect(await apps.appRoles.list(owner.actor, name)).toHaveLength(4);
    });

    test('a name that differs from another only by case', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      await apps.appRoles.set(owner.actor, name, { name: 'Ops', permissions: [] });
      await expectRefused(
        apps.appRoles.set(owner.actor, name, { name: 'ops', permissions: ['*'] }),
        'conflict',
        /already a role Ops/,
      );
    });

    test.each([
      [['things.read', 'things read']],
      [['']],
      [['things..read']],
      [['a', 'a']],
      [['*.*', 'a.**']],
      [Array.from({ length: 101 }, (_, i) => `a${i}`)],
    ])('a list of permissions such as %j', async (permissions) => {
      const apps = open();
      const { owner, name } = await apps.app();
      await expectRefused(
        apps.appRoles.set(owner.actor, name, { name: 'Ops', permissions }),
        'invalid_request',
      );
      await expectRefused(
        apps.appRoles.setBuiltIn({ name: 'Reader', permissions }),
        'invalid_request',
      );
    });

    test('a role that manages the app, and a description of several lines', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const role = { name: 'Ops', permissions: [] };
      for (const wrong of [
        { manages: 'app' as 'clients' },
        { description: 'a\nb' },
        { description: 'x'.repeat(201) },
      ])
        await expectRefused(
          apps.appRoles.set(operator, name, { ...role, ...wrong }),
          'invalid_request',
        );
      expect(await apps.appRoles.list(owner.actor, name)).toHaveLength(4);
    });
  });

  test('an app cannot have more custom roles than the maximum, even with concurrent requests', async () => {
    const apps = open();
    const { owner, name, id } = await apps.app();
    await sql`
      insert into app_role (app_id, name, permissions, manages)
      select ${id}::uuid, 'Role' || i, '{}', 'nothing' from generate_series(1, ${sql.lit(appLimits.customRoles - 2)}) i`.execute(
      database().kysely,
    );
    const set = (role: string) =>
      outcome(() => apps.appRoles.set(owner.actor, name, { name: role, permissions: [] }));
    expect((await Promise.all(['a', 'b', 'c', 'd'].map(set))).sort()).toEqual([
      'conflict',
      'conflict',
      'done',
      'done',
    ]);
    expect(await set('Role1')).toBe('done');
  });

  describe('a role that permits more than the actor’s own', () => {
    test('cannot be created or assigned by an Owner whose role was narrowed', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const { actor } = owner;
      await apps.appRoles.set(actor, name, { name: 'Wide', permissions: ['*'] });
      await apps.appClients.update(actor, name, 'default', { role: 'Owner' });
      const reader = await apps.person();
      await apps.appMembers.set(operator, name, reader.id, 'Reader');
      await apps.withBuiltIn('Owner', ['things'], async () => {
        const set = (permissions: string[], role = 'Ops') =>
          outcome(() => apps.appRoles.set(actor, name, { name: role, permissions }));
        expect(await set(['things.read'])).toBe('done');
        expect(await set(['others.read'])).toBe('access_denied');
        expect(await set(['*'])).toBe('access_denied');
        expect(await set(['*'], 'Wide')).toBe('access_denied');
        for (const role of ['Wide', 'Developer', 'Editor'])
          expect(await outcome(() => apps.appMembers.set(actor, name, reader.id, role))).toBe(
            'access_denied',
          );
        expect(await outcome(() => apps.appMembers.set(actor, name, reader.id, 'Ops'))).toBe(
          'done',
        );
        for (const [role, expected] of [
          ['Developer', 'access_denied'],
          ['Ops', 'done'],
        ] as const)
          expect(
            await outcome(() =>
              apps.appInvitations.create(actor, name, {
                email: `${unique('g')}@example.com`,
                role,
              }),
            ),
          ).toBe(expected);
        // The client's earlier role protects it from other members, but not from members with that role.
        expect(
          await outcome(() => apps.appClients.update(actor, name, 'default', { role: 'Wide' })),
        ).toBe('access_denied');
        expect(
          await outcome(() => apps.appClients.update(actor, name, 'default', { role: 'Ops' })),
        ).toBe('done');
      });
    });

    test('can be created by an operator', async () => {
      const apps = open();
      const { name } = await apps.app();
      await apps.withBuiltIn('Owner', ['things'], async () => {
        expect(
          await outcome(() =>
            apps.appRoles.set(operator, name, { name: 'Wide', permissions: ['*'] }),
          ),
        ).toBe('done');
      });
    });
  });

  describe('a role cannot be deleted', () => {
    const arrange = async () => {
      const apps = open();
      const app = await apps.app();
      await apps.appRoles.set(operator, app.name, { name: 'Ops', permissions: ['a'] });
      return { apps, app, remove: () => apps.appRoles.delete(app.owner.actor, app.name, 'Ops') };
    };

    test('while a client has it', async () => {
      const { apps, app, remove } = await arrange();
      await apps.appClients.update(operator, app.name, 'default', { role: 'Ops' });
      await expectRefused(remove(), 'conflict', `the client ${app.name}:default`);
      await apps.appClients.delete(operator, app.name, 'default');
      expect(await outcome(remove)).toBe('done');
    });

    test('while a member has it', async () => {
      const { apps, app, remove } = await arrange();
      const member = await app.member('Ops');
      await expectRefused(remove(), 'conflict', /the member A Ops/);
      await apps.appMembers.remove(member.actor, app.name, member.id);
      expect(await outcome(remove)).toBe('done');
    });

    test('while a pending invitation has it', async () => {
      const { apps, app, remove } = await arrange();
      const email = `${unique('grace')}@example.com`;
      await apps.appInvitations.create(app.owner.actor, app.name, { email, role: 'Ops' });
      await expectRefused(remove(), 'conflict', email);
      await sql`update app_invitation set expires_at = now() where app_id = ${app.id}`.execute(
        database().kysely,
      );
      expect(await outcome(remove)).toBe('done');
    });

    test('if it is built in or does not exist', async () => {
      const { apps, app } = await arrange();
      await expectRefused(apps.appRoles.delete(operator, app.name, 'Reader'), 'conflict');
      await expectRefused(apps.appRoles.delete(operator, app.name, 'None'), 'not_found');
    });

    test('and assigned at the same time: either it still exists, or no one has it', async () => {
      const { apps, app, remove } = await arrange();
      const member = await app.member('Reader');
      const [gone, given] = await Promise.all([
        outcome(remove),
        outcome(() => apps.appMembers.set(operator, app.name, member.id, 'Ops')),
      ]);
      expect([gone, given]).toEqual(
        gone === 'done' ? ['done', 'invalid_request'] : ['conflict', 'done'],
      );
    });
  });

  test('preconditions receive the current role, or undefined if there is none', async () => {
    const apps = open();
    const { owner, name } = await apps.app();
    const seen: unknown[] = [];
    const note = (current: unknown) => void seen.push(current);
    const refuse = () => {
      throw new OAuthError('precondition_failed', 'no');
    };
    const role = { name: 'Ops', permissions: ['a'] };
    const made = await apps.appRoles.set(owner.actor, name, role, note);
    await apps.appRoles.set(owner.actor, name, role, note);
    await apps.appRoles.delete(owner.actor, name, 'Ops', note);
    expect(seen).toEqual([undefined, made, made]);
    await expectRefused(apps.appRoles.set(owner.actor, name, role, refuse), 'precondition_failed');
    await expectRefused(apps.appRoles.find(owner.actor, name, 'Ops'), 'not_found');
    await expectRefused(
      apps.appRoles.setBuiltIn({ name: 'Reader', permissions: [] }, refuse),
      'precondition_failed',
    );
  });

  test('a built-in role changes for all apps, with an event and a change record', async () => {
    const apps = open();
    const { owner, name } = await apps.app();
    const [, , , reader] = await apps.appRoles.builtIn();
    const kinds = await apps.changesOf(() =>
      apps.withBuiltIn('Reader', ['things.read'], async () => {
        expect(await apps.appRoles.find(owner.actor, name, 'Reader')).toEqual({
          ...reader,
          permissions: ['things.read'],
        });
      }),
    );
    expect(kinds.map(({ kind }) => kind)).toEqual(['role.changed', 'role.changed']);
    expect(await apps.appRoles.find(owner.actor, name, 'Reader')).toEqual(reader);
    for (const none of ['reader', 'Ops', 'Reader\0'])
      await expectRefused(apps.appRoles.setBuiltIn({ name: none, permissions: [] }), 'not_found');
  });
});
