import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { appLimits } from '../../../config/apps.ts';
import type { AppActor } from '../../../src/domain/apps/types.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { keepSecret } from '../../support/run-records.ts';
import { expectRefused, openApps, operator, outcome, unique } from './apps.ts';

onEachDatabase((database) => {
  const open = () => openApps(database());
  const rolesIn = async (apps: ReturnType<typeof open>, app: string) =>
    Object.fromEntries(
      (await apps.appMembers.list(operator, app)).map(({ accountId, role }) => [accountId, role]),
    );

  test('Owners come first, then the others by name', async () => {
    const apps = open();
    const app = await apps.app();
    await app.member('Reader', await apps.person('Alan'));
    await app.member('Owner', await apps.person('Zoe'));
    await app.member('Developer', await apps.person('Bea'));
    const members = await apps.appMembers.list(app.owner.actor, app.name);
    expect(members.map(({ name, role }) => [name, role])).toEqual([
      ['Ada Lovelace', 'Owner'],
      ['Zoe', 'Owner'],
      ['Alan', 'Reader'],
      ['Bea', 'Developer'],
    ]);
  });

  test('only members who manage the app see email addresses of others: of members, invitations and activity', async () => {
    const apps = open();
    const app = await apps.app();
    const address = `${unique('invited')}@writ.test`;
    const member = await app.member('Developer');
    await apps.appInvitations.create(app.owner.actor, app.name, { email: address, role: 'Reader' });
    const seen = async (actor: AppActor) => {
      const members = await apps.appMembers.list(actor, app.name);
      const invitations = await apps.appInvitations.list(actor, app.name);
      const { items } = await apps.appActivity.page(actor, app.name, { limit: 100 });
      expect([members.length, invitations.length]).toEqual([2, 1]);
      return {
        addresses: members.flatMap(({ email }) => email ?? []),
        invited: invitations.map(({ email, role }) => [email, role]),
        includesAddress: JSON.stringify(items).includes(address),
      };
    };
    const emailOf = async (id: string) => (await apps.accounts.find(id))?.email;
    const [owner, own] = [await emailOf(app.owner.id), await emailOf(member.id)];
    expect(await seen(member.actor)).toEqual({
      addresses: [own],
      invited: [[null, 'Reader']],
      includesAddress: false,
    });
    for (const actor of [app.owner.actor, operator])
      expect(await seen(actor)).toEqual({
        addresses: [owner, own],
        invited: [[address, 'Reader']],
        includesAddress: true,
      });
  });

  test('an Owner can change the role of a member, with an event and a change record', async () => {
    const apps = open();
    const app = await apps.app();
    const member = await app.member('Reader');
    const kinds = await apps.changesOf(() =>
      apps.appMembers.set(app.owner.actor, app.name, member.id, 'Editor'),
    );
    expect(kinds).toEqual([{ kind: 'app.changed', app: app.name, client_id: null }]);
    expect((await apps.events(app.id)).slice(-2)).toMatchObject([
      {
        action: 'app_member.added',
        actor: { kind: 'system' },
        target: { kind: 'account', id: member.id },
        details: { role: 'Reader' },
      },
      {
        action: 'app_member.changed',
        actor: { kind: 'account', id: app.owner.id },
        details: { role: { before: 'Reader', after: 'Editor' } },
      },
    ]);
    const nothing = await apps.changesOf(() =>
      apps.appMembers.set(app.owner.actor, app.name, member.id, 'Editor'),
    );
    expect(nothing).toEqual([]);
  });

  test('an Owner cannot add a person without their consent; an operator can', async () => {
    const apps = open();
    const app = await apps.app();
    const stranger = await apps.person();
    const set = (by: typeof app.owner.actor | typeof operator, id: string) =>
      outcome(() => apps.appMembers.set(by, app.name, id, 'Reader'));
    expect(await set(app.owner.actor, stranger.id)).toBe('not_found');
    expect(await set(operator, stranger.id)).toBe('done');
    for (const id of ['nobody', '00000000-0000-0000-0000-000000000000'])
      expect([await set(app.owner.actor, id), await set(operator, id)]).toEqual([
        'not_found',
        'invalid_request',
      ]);
    const disabled = await apps.person();
    await apps.accounts.disable(serverActor, disabled.id);
    expect(await set(operator, disabled.id)).toBe('invalid_request');
  });

  test('an unknown role or a role of another app cannot be assigned', async () => {
    const apps = open();
    const app = await apps.app();
    const { name: other } = await apps.app();
    await apps.appRoles.set(operator, other, { name: 'Elsewhere', permissions: [] });
    const member = await app.member('Reader');
    for (const role of ['Elsewhere', 'reader', '', 'Reader\0'])
      await expectRefused(
        apps.appMembers.set(app.owner.actor, app.name, member.id, role),
        'invalid_request',
      );
  });

  test('a member of any role can leave, and then sees nothing', async () => {
    const apps = open();
    const app = await apps.app();
    const member = await app.member('Reader');
    const kinds = await apps.changesOf(() =>
      apps.appMembers.remove(member.actor, app.name, member.id),
    );
    expect(kinds).toEqual([{ kind: 'app.changed', app: app.name, client_id: null }]);
    await expectRefused(apps.apps.find(member.actor, app.name), 'not_found');
    expect((await apps.events(app.id)).at(-1)).toMatchObject({
      action: 'app_member.removed',
      actor: { kind: 'account', id: member.id },
      target: { kind: 'account', id: member.id },
      details: { role: 'Reader' },
    });
    await expectRefused(apps.appMembers.remove(app.owner.actor, app.name, member.id), 'not_found');
  });

  describe('the last Owner', () => {
    test('can neither leave nor lose the role, not even by an operator', async () => {
      const apps = open();
      const app = await apps.app();
      await app.member('Developer');
      for (const by of [app.owner.actor, operator]) {
        await expectRefused(
          apps.appMembers.remove(by, app.name, app.owner.id),
          'conflict',
          /last Owner/,
        );
        await expectRefused(
          apps.appMembers.set(by, app.name, app.owner.id, 'Developer'),
          'conflict',
          /last Owner/,
        );
      }
      expect((await rolesIn(apps, app.name))[app.owner.id]).toBe('Owner');
    });

    test('is the active one if another is disabled', async () => {
      const apps = open();
      const app = await apps.app();
      const disabled = await app.member('Owner');
      await apps.accounts.disable(serverActor, disabled.id);
      await expectRefused(
        apps.appMembers.remove(app.owner.actor, app.name, app.owner.id),
        'conflict',
      );
      expect(
        await outcome(() => apps.appMembers.remove(app.owner.actor, app.name, disabled.id)),
      ).toBe('done');
    });

    test('stays if two leave at the same time', async () => {
      const apps = open();
      for (let round = 0; round < 5; round++) {
        const app = await apps.app();
        const second = await app.member('Owner');
        const left = await Promise.all(
          [app.owner, second].map(({ actor, id }) =>
            outcome(() => apps.appMembers.remove(actor, app.name, id)),
          ),
        );
        expect(left.sort()).toEqual(['conflict', 'done']);
        expect(Object.values(await rolesIn(apps, app.name))).toEqual(['Owner']);
      }
    });

    test('stays if three demote each other, transfer the app and leave at the same time', async () => {
      const apps = open();
      for (let round = 0; round < 3; round++) {
        const app = await apps.app();
        const [b, c] = [await app.member('Owner'), await app.member('Owner')];
        const reader = await app.member('Reader');
        const { name } = app;
        await Promise.all([
          outcome(() => apps.appMembers.set(app.owner.actor, name, b.id, 'Reader')),
          outcome(() => apps.appMembers.remove(b.actor, name, c.id)),
          outcome(() => apps.appMembers.remove(c.actor, name, app.owner.id)),
          outcome(() => apps.appMembers.handOver(c.actor, name, { to: reader.id, leave: true })),
          outcome(() => apps.appMembers.remove(app.owner.actor, name, app.owner.id)),
        ]);
        expect(Object.values(await rolesIn(apps, name))).toContain('Owner');
      }
    });
  });

  describe('the invitations of an Owner', () => {
    /** An Owner who invited another address of their own, and others who sent invitations. */
    const arrange = async () => {
      const apps = open();
      const [app, other] = [await apps.app(), await apps.app()];
      const leaver = await app.member('Owner');
      await other.member('Owner', leaver);
      const back = await apps.person();
      const invite = (actor: AppActor, to: string, email: string) =>
        apps.appInvitations.create(actor, to, { email, role: 'Owner' });
      const { invitation, value } = await invite(leaver.actor, app.name, back.email);
      keepSecret('invitation', value);
      for (const [actor, to] of [
        [app.owner.actor, app.name],
        [operator, app.name],
        [leaver.actor, other.name],
      ] as const)
        keepSecret('invitation', (await invite(actor, to, `${unique('i')}@example.com`)).value);
      return { apps, app, other, leaver, back, invitation };
    };
    type Place = Awaited<ReturnType<typeof arrange>>;

    test.each<[string, (place: Place) => Promise<unknown>]>([
      [
        'is removed',
        ({ apps, app, leaver }) => apps.appMembers.remove(app.owner.actor, app.name, leaver.id),
      ],
      [
        'leaves',
        ({ apps, app, leaver }) => apps.appMembers.remove(leaver.actor, app.name, leaver.id),
      ],
      [
        'transfers the app and leaves',
        ({ apps, app, leaver }) =>
          apps.appMembers.handOver(leaver.actor, app.name, { to: app.owner.id, leave: true }),
      ],
      [
        'transfers the app and stays',
        ({ apps, app, leaver }) =>
          apps.appMembers.handOver(leaver.actor, app.name, { to: app.owner.id, leave: false }),
      ],
      [
        'gets a lower role',
        ({ apps, app, leaver }) =>
          apps.appMembers.set(app.owner.actor, app.name, leaver.id, 'Developer'),
      ],
    ])(
      'who %s are revoked with their rights, and those of others, or in other apps, are not',
      async (_, go) => {
        const place = await arrange();
        const { apps, app, other, back, invitation } = place;
        await go(place);
        await expectRefused(apps.appInvitations.accept(back.id, invitation.id), 'not_found');
        expect(await apps.appInvitations.received(back.id)).toEqual([]);
        const left = await apps.appInvitations.list(operator, app.name);
        expect(left.map(({ invitedBy }) => invitedBy).sort()).toEqual(['Ada Lovelace', null]);
        expect(await apps.appInvitations.list(operator, other.name)).toHaveLength(1);
        const revoked = (await apps.events(app.id)).filter(
          ({ action }) => action === 'app_invitation.revoked',
        );
        expect(revoked).toMatchObject([
          {
            target: { kind: 'app', id: app.name },
            details: { email: back.email, role: 'Owner' },
          },
        ]);
        expect(await rolesIn(apps, app.name)).not.toHaveProperty(back.id);
      },
    );

    test('stay valid while another member changes or leaves', async () => {
      const { apps, app, leaver, back, invitation } = await arrange();
      const reader = await app.member('Reader');
      await apps.appMembers.set(leaver.actor, app.name, reader.id, 'Editor');
      await apps.appMembers.remove(leaver.actor, app.name, reader.id);
      expect(await outcome(() => apps.appInvitations.accept(back.id, invitation.id))).toBe('done');
    });
  });

  describe('transferring an app', () => {
    test.each([
      [false, 'Developer'],
      [true, undefined],
    ])(
      'makes another member the Owner; the previous one, leaving: %s, is %s',
      async (leave, after) => {
        const apps = open();
        const app = await apps.app();
        const member = await app.member('Reader');
        const kinds = await apps.changesOf(() =>
          apps.appMembers.handOver(app.owner.actor, app.name, { to: member.id, leave }),
        );
        expect(kinds).toEqual([{ kind: 'app.changed', app: app.name, client_id: null }]);
        const roles = await rolesIn(apps, app.name);
        expect([roles[member.id], roles[app.owner.id]]).toEqual(['Owner', after]);
        expect((await apps.events(app.id)).at(-1)).toMatchObject({
          action: 'app.handed_over',
          actor: { id: app.owner.id },
          target: { kind: 'app', id: app.name },
          details: { from: app.owner.id, to: member.id, left: leave },
        });
        await expectRefused(
          apps.appMembers.handOver(app.owner.actor, app.name, { to: member.id, leave }),
          leave ? 'not_found' : 'access_denied',
        );
      },
    );

    test('to oneself, a non-member or a disabled member is refused, and changes nothing', async () => {
      const apps = open();
      const app = await apps.app();
      const stranger = await apps.person();
      const disabled = await app.member('Developer');
      await apps.accounts.disable(serverActor, disabled.id);
      const to = (id: string) =>
        outcome(() => apps.appMembers.handOver(app.owner.actor, app.name, { to: id, leave: true }));
      expect(await to(app.owner.id)).toBe('invalid_request');
      expect(await to(stranger.id)).toBe('not_found');
      expect(await to(disabled.id)).toBe('invalid_request');
      expect((await rolesIn(apps, app.name))[app.owner.id]).toBe('Owner');
    });

    test('for another Owner is only possible for operators, who name the Owner if there are several', async () => {
      const apps = open();
      const app = await apps.app();
      const second = await app.member('Owner');
      const reader = await app.member('Reader');
      const hand = (by: typeof operator, from?: string) =>
        outcome(() =>
          apps.appMembers.handOver(by, app.name, { to: reader.id, from, leave: false }),
        );
      expect(await hand(second.actor, app.owner.id)).toBe('access_denied');
      expect(await hand(operator)).toBe('invalid_request');
      expect(await hand(operator, reader.id)).toBe('invalid_request');
      expect(await hand(operator, app.owner.id)).toBe('done');
      expect(await rolesIn(apps, app.name)).toEqual({
        [app.owner.id]: 'Developer',
        [second.id]: 'Owner',
        [reader.id]: 'Owner',
      });
    });

    test('an operator can give an Owner to an app without one', async () => {
      const apps = open();
      await apps.app();
      const { app } = await apps.apps.create(operator, { displayName: unique('orphan') });
      const person = await apps.person();
      await apps.appMembers.set(operator, app.name, person.id, 'Reader');
      await apps.appMembers.handOver(operator, app.name, { to: person.id, leave: false });
      expect(await rolesIn(apps, app.name)).toEqual({ [person.id]: 'Owner' });
    });

    test('twice at the same time makes one new Owner', async () => {
      const apps = open();
      const app = await apps.app();
      const [a, b] = [await app.member('Reader'), await app.member('Reader')];
      const done = await Promise.all(
        [a, b].map(({ id }) =>
          outcome(() =>
            apps.appMembers.handOver(app.owner.actor, app.name, { to: id, leave: false }),
          ),
        ),
      );
      expect(done.sort()).toEqual(['access_denied', 'done']);
      const owners = Object.values(await rolesIn(apps, app.name)).filter((r) => r === 'Owner');
      expect(owners).toHaveLength(1);
    });
  });

  test('the number of members of an app is limited', async () => {
    const apps = open();
    const app = await apps.app();
    await sql`
      with made as (insert into account (name) select 'M' from generate_series(1, ${sql.lit(appLimits.members - 2)}) returning id)
      insert into app_member (app_id, account_id, role) select ${app.id}::uuid, id, 'Reader' from made`.execute(
      database().kysely,
    );
    const people = await Promise.all([1, 2, 3].map(() => apps.person()));
    const added = await Promise.all(
      people.map(({ id }) => outcome(() => apps.appMembers.set(operator, app.name, id, 'Reader'))),
    );
    expect(added.sort()).toEqual(['conflict', 'conflict', 'done']);
  });
});
