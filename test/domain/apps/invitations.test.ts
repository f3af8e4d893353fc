import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { appInvitationLifetime, appLimits } from '../../../config/apps.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { dumpDatabase } from '../../secrecy/stores.ts';
import { keepSecret } from '../../support/run-records.ts';
import { expectRefused, openApps, operator, outcome, type TestApps, unique } from './apps.ts';

onEachDatabase((database) => {
  const arrange = async () => {
    const apps = openApps(database());
    const displayName = unique('Acme');
    const app = { ...(await apps.app({ displayName })), displayName };
    const grace = await apps.person('Grace Hopper');
    const invite = async (email = grace.email, role = 'Editor') => {
      const made = await apps.appInvitations.create(app.owner.actor, app.name, { email, role });
      keepSecret('invitation', made.value);
      return made;
    };
    return { apps, app, grace, invite };
  };
  const older = (id: string, seconds: number) =>
    sql`update app_invitation set expires_at = expires_at - ${seconds} * interval '1 second' where id = ${id}`.execute(
      database().kysely,
    );
  const roleOf = async (apps: TestApps, app: string, accountId: string) =>
    (await apps.appMembers.list(operator, app)).find((member) => member.accountId === accountId)
      ?.role;

  test('the invited person finds it by the link and by their email address, accepts, and becomes a member', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation, value } = await invite();
    expect(value).toMatch(/^writ_app_[0-9A-Za-z]{43}$/);
    expect(invitation).toEqual({
      id: expect.any(String),
      email: grace.email,
      role: 'Editor',
      invitedBy: 'Ada Lovelace',
      createdAt: expect.any(Date),
      expiresAt: expect.any(Date),
    });
    expect(invitation.expiresAt.getTime() - invitation.createdAt.getTime()).toBe(
      appInvitationLifetime * 1000,
    );
    expect(await apps.appInvitations.list(grace.actor, app.name).catch(({ code }) => code)).toBe(
      'not_found',
    );
    expect(await apps.appInvitations.list(app.owner.actor, app.name)).toEqual([invitation]);
    const received = {
      id: invitation.id,
      app: { name: app.name, displayName: app.displayName },
      role: 'Editor',
      roleDescription: 'Sees and changes what is in the API',
      email: grace.email,
      invitedBy: 'Ada Lovelace',
      expiresAt: invitation.expiresAt,
    };
    expect(await apps.appInvitations.find(value)).toEqual(received);
    expect(await apps.appInvitations.received(grace.id)).toEqual([received]);
    const kinds = await apps.changesOf(() => apps.appInvitations.accept(grace.id, invitation.id));
    expect(kinds).toEqual([{ kind: 'app.changed', app: app.name, client_id: null }]);
    expect(await roleOf(apps, app.name, grace.id)).toBe('Editor');
    expect(await apps.appInvitations.find(value)).toBeUndefined();
    expect(await apps.appInvitations.received(grace.id)).toEqual([]);
    expect(await apps.appInvitations.list(app.owner.actor, app.name)).toEqual([]);
    await expectRefused(apps.appInvitations.accept(grace.id, invitation.id), 'not_found');
  });

  test('events name the inviter and the invited person, and no event or table contains the link', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation, value } = await invite();
    expect(await dumpDatabase(database())).not.toContain(value.slice('writ_app_'.length));
    await apps.appInvitations.accept(grace.id, invitation.id);
    const events = (await apps.events(app.id)).slice(-3);
    expect(events).toMatchObject([
      {
        action: 'app_invitation.created',
        actor: { kind: 'account', id: app.owner.id },
        target: { kind: 'app', id: app.name },
        details: { email: grace.email, role: 'Editor' },
      },
      { action: 'app_member.added', actor: { kind: 'account', id: grace.id } },
      { action: 'app_invitation.accepted', actor: { kind: 'account', id: grace.id } },
    ]);
    expect(JSON.stringify(events)).not.toContain(value);
  });

  test('the email address is compared without case', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation } = await invite(` ${grace.email.toUpperCase()} `);
    expect(invitation.email).toBe(grace.email.toUpperCase());
    expect(await apps.appInvitations.accept(grace.id, invitation.id)).toEqual({ app: app.name });
  });

  test('a person with another email address or a disabled account cannot respond to it', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation, value } = await invite();
    const { accept, decline, received } = apps.appInvitations;
    const other = await apps.person();
    for (const answer of [accept, decline]) {
      expect(await outcome(() => answer(other.id, invitation.id))).toBe('not_found');
      expect(await outcome(() => answer(app.owner.id, invitation.id))).toBe('not_found');
      for (const [account, id] of [
        ['nobody', invitation.id],
        [grace.id, 'nothing'],
        [grace.id, value],
        [grace.id, '00000000-0000-0000-0000-000000000000'],
      ] as const)
        expect(await outcome(() => answer(account, id))).toBe('not_found');
    }
    await apps.accounts.disable(serverActor, grace.id);
    for (const answer of [accept, decline])
      expect(await outcome(() => answer(grace.id, invitation.id))).toBe('not_found');
    expect(await received(grace.id)).toEqual([]);
    expect(await apps.appInvitations.list(operator, app.name)).toHaveLength(1);
  });

  test('of ten concurrent acceptances one succeeds, with one membership', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation } = await invite();
    const accepted = await Promise.all(
      Array.from({ length: 10 }, () =>
        outcome(() => apps.appInvitations.accept(grace.id, invitation.id)),
      ),
    );
    expect(accepted.filter((answer) => answer === 'done')).toHaveLength(1);
    expect(accepted.filter((answer) => answer === 'not_found')).toHaveLength(9);
    const added = (await apps.events(app.id)).filter(({ action }) => action === 'app_member.added');
    expect(added).toHaveLength(1);
  });

  test('of concurrent acceptance, decline and revocation one takes effect', async () => {
    const { apps, app, grace, invite } = await arrange();
    for (let round = 0; round < 3; round++) {
      const { invitation } = await invite();
      const [accepted, ...others] = await Promise.all([
        outcome(() => apps.appInvitations.accept(grace.id, invitation.id)),
        outcome(() => apps.appInvitations.decline(grace.id, invitation.id)),
        outcome(() => apps.appInvitations.revoke(app.owner.actor, app.name, invitation.id)),
      ]);
      expect([accepted, ...others].sort()).toEqual(['done', 'not_found', 'not_found']);
      const role = await roleOf(apps, app.name, grace.id);
      expect(role).toBe(accepted === 'done' ? 'Editor' : undefined);
      if (role) await apps.appMembers.remove(grace.actor, app.name, grace.id);
    }
  });

  test('an existing member keeps their role, and the invitation is consumed', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation, value } = await invite(grace.email, 'Owner');
    await app.member('Reader', grace);
    expect(await apps.appInvitations.accept(grace.id, invitation.id)).toEqual({ app: app.name });
    expect(await roleOf(apps, app.name, grace.id)).toBe('Reader');
    expect(await apps.appInvitations.find(value)).toBeUndefined();
    await expectRefused(invite(), 'conflict', /already belongs to a member/);
  });

  test('declining deletes it, with an event', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation, value } = await invite();
    await apps.appInvitations.decline(grace.id, invitation.id);
    expect(await apps.appInvitations.find(value)).toBeUndefined();
    await expectRefused(apps.appInvitations.accept(grace.id, invitation.id), 'not_found');
    expect((await apps.events(app.id)).at(-1)).toMatchObject({
      action: 'app_invitation.declined',
      actor: { kind: 'account', id: grace.id },
    });
  });

  test('only its own app can revoke it', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation, value } = await invite();
    const { owner, name } = await apps.app();
    const { revoke } = apps.appInvitations;
    expect(await outcome(() => revoke(owner.actor, name, invitation.id))).toBe('not_found');
    expect(await outcome(() => revoke(app.owner.actor, app.name, 'x'))).toBe('not_found');
    await revoke(app.owner.actor, app.name, invitation.id);
    expect(await apps.appInvitations.find(value)).toBeUndefined();
    await expectRefused(apps.appInvitations.accept(grace.id, invitation.id), 'not_found');
    expect((await apps.events(app.id)).at(-1)).toMatchObject({
      action: 'app_invitation.revoked',
      details: { email: grace.email, role: 'Editor' },
    });
  });

  test('inviting an address again replaces its invitation', async () => {
    const { apps, app, grace, invite } = await arrange();
    const first = await invite();
    const second = await invite(grace.email.toUpperCase(), 'Reader');
    expect(await apps.appInvitations.find(first.value)).toBeUndefined();
    await expectRefused(apps.appInvitations.accept(grace.id, first.invitation.id), 'not_found');
    expect(await apps.appInvitations.list(app.owner.actor, app.name)).toEqual([second.invitation]);
    await apps.appInvitations.accept(grace.id, second.invitation.id);
    expect(await roleOf(apps, app.name, grace.id)).toBe('Reader');
  });

  test('it expires by the database’s clock', async () => {
    const { apps, app, grace, invite } = await arrange();
    const { invitation, value } = await invite();
    await older(invitation.id, appInvitationLifetime - 60);
    expect(await apps.appInvitations.find(value)).toBeDefined();
    await older(invitation.id, 61);
    expect(await apps.appInvitations.find(value)).toBeUndefined();
    expect(await apps.appInvitations.received(grace.id)).toEqual([]);
    expect(await apps.appInvitations.list(app.owner.actor, app.name)).toEqual([]);
    await expectRefused(apps.appInvitations.accept(grace.id, invitation.id), 'not_found');
  });

  test.each(['', 'writ_app_', `writ_app_${'\0'.repeat(43)}`, 'x'.repeat(1e6)])(
    'a link that was never issued finds nothing',
    async (value) => {
      expect(await openApps(database()).appInvitations.find(value)).toBeUndefined();
    },
  );

  test.each(['', 'ada', 'ada@', '@b', 'a b@c', 'a@b\n', 'a@b@c', `${'x'.repeat(320)}@b`, 'a\0@b'])(
    'an invalid email address is refused: %j',
    async (email) => {
      const { apps, app } = await arrange();
      const create = () =>
        apps.appInvitations.create(app.owner.actor, app.name, { email, role: 'Reader' });
      expect(await outcome(create)).toBe(email === 'a@b\n' ? 'done' : 'invalid_request');
    },
  );

  test('an unknown role is refused', async () => {
    const { invite } = await arrange();
    await expectRefused(invite('a@example.com', 'None'), 'invalid_request');
  });

  test('the number of invitations of an app is limited; expired ones do not count', async () => {
    const { apps, app, invite } = await arrange();
    await sql`
      insert into app_invitation (app_id, email, role, digest, expires_at)
      select ${app.id}::uuid, 'x' || i || '@example.com', 'Reader', sha256((${app.id} || i)::bytea), now() + interval '1 day'
      from generate_series(1, ${sql.lit(appLimits.invitations - 1)}) i`.execute(database().kysely);
    const made = await Promise.all(
      [1, 2, 3].map((i) => outcome(() => invite(`${unique(`y${i}`)}@example.com`))),
    );
    expect(made.sort()).toEqual(['conflict', 'conflict', 'done']);
    await sql`update app_invitation set expires_at = now() where app_id = ${app.id} and email = 'x1@example.com'`.execute(
      database().kysely,
    );
    expect(await outcome(() => invite(`${unique('z')}@example.com`))).toBe('done');
    expect(await apps.appInvitations.list(operator, app.name)).toHaveLength(appLimits.invitations);
  });

  test('accepting beyond the limits of the app or of the owner is refused, and the invitation stays', async () => {
    const { apps, grace, invite } = await arrange();
    const { invitation, value } = await invite(grace.email, 'Owner');
    await sql`
      with made as (insert into app (name) select ${unique('many')} || '-' || i from generate_series(1, ${sql.lit(appLimits.appsOfAnOwner)}) i returning id)
      insert into app_member (app_id, account_id, role) select id, ${grace.id}::uuid, 'Owner' from made`.execute(
      database().kysely,
    );
    await expectRefused(apps.appInvitations.accept(grace.id, invitation.id), 'conflict');
    expect(await apps.appInvitations.find(value)).toBeDefined();
  });

  describe('an app that is deleted', () => {
    test('loses its invitations, even one that is accepted at the same time', async () => {
      const { apps, app, grace, invite } = await arrange();
      const { invitation, value } = await invite();
      const [deleted, accepted] = await Promise.all([
        outcome(() => apps.apps.delete(app.owner.actor, app.name)),
        outcome(() => apps.appInvitations.accept(grace.id, invitation.id)),
      ]);
      expect(deleted).toBe('done');
      expect(['done', 'not_found']).toContain(accepted);
      expect(await apps.appInvitations.find(value)).toBeUndefined();
      expect(await apps.appInvitations.received(grace.id)).toEqual([]);
      const { rows } = await sql`select from app_member where app_id = ${app.id}
        union all select from app_invitation where app_id = ${app.id}`.execute(database().kysely);
      expect(rows).toEqual([]);
    });
  });
});
