import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { goodPassword, openPeople, quickHasher, watchedHasher } from './people.ts';

const another = 'seven boats on the roof';

onEachDatabase((database) => {
  const open = () =>
    openPeople({ database: database(), redis: undefined }, { hasher: watchedHasher(quickHasher) });

  test('an invited person sees their account, chooses a password, and signs in with it', async () => {
    const people = open();
    const { id, email } = await people.person({ hash: null });
    const { value, expiresAt } = await people.invitations.create(serverActor, id);
    expect(value).toMatch(/^writ_inv_[0-9A-Za-z]{43}$/);
    const days = (expiresAt.getTime() - Date.now()) / 1000;
    expect(Math.abs(days - lifetimes.invitation)).toBeLessThan(60);
    expect(await people.invitations.find(value)).toEqual({
      account: { id, email, name: 'Ada Lovelace' },
      hasPassword: false,
    });
    expect(await people.invitations.accept(value, another)).toMatchObject({ accountId: id });
    expect(await people.signIn({ email, password: another })).toMatchObject({ accountId: id });
    expect(await people.accounts.describe(id)).toMatchObject({ has_password: true });
    const { details } = await database()
      .kysely.selectFrom('mail')
      .select('details')
      .where('account_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(details).toMatchObject({ is_first: true, ended_access: false });
  });

  test('events name the inviter and the person who accepts', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const { value } = await people.invitations.create(serverActor, id);
    await people.invitations.accept(value, another);
    const events = await people.events(id);
    expect(events.slice(-2)).toMatchObject([
      { action: 'account.invited', actor_kind: 'system', target_id: id },
      { action: 'account.password_changed', actor_kind: 'account', actor_id: id, target_id: id },
    ]);
    expect(JSON.stringify(events)).not.toContain(value);
  });

  test('a link works once', async () => {
    const people = open();
    const { id, email } = await people.person({ hash: null });
    const { value } = await people.invitations.create(serverActor, id);
    await people.invitations.accept(value, another);
    expect(await people.invitations.find(value)).toBeUndefined();
    expect(await people.invitations.accept(value, 'one more that is good')).toBeUndefined();
    await expect(people.signIn({ email, password: another })).resolves.toBeDefined();
  });

  test('of ten concurrent acceptances one succeeds, and its password is stored', async () => {
    const people = open();
    const { id, email } = await people.person({ hash: null });
    const { value } = await people.invitations.create(serverActor, id);
    const passwords = Array.from({ length: 10 }, (_, i) => `${another}, number ${i}`);
    const accepted = await Promise.all(
      passwords.map((password) => people.invitations.accept(value, password)),
    );
    expect(accepted.filter(Boolean)).toMatchObject([{ accountId: id }]);
    const password = passwords[accepted.findIndex(Boolean)];
    await expect(people.signIn({ email, password: String(password) })).resolves.toBeDefined();
  });

  test('a new link replaces the previous one', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const [before, after] = [
      await people.invitations.create(serverActor, id),
      await people.invitations.create(serverActor, id),
    ];
    expect(await people.invitations.find(before.value)).toBeUndefined();
    expect(await people.invitations.accept(before.value, another)).toBeUndefined();
    expect(await people.invitations.find(after.value)).toBeDefined();
  });

  test('of links that are created at the same time one works', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const made = await Promise.all(
      [1, 2, 3, 4].map(() => people.invitations.create(serverActor, id)),
    );
    const found = await Promise.all(made.map(({ value }) => people.invitations.find(value)));
    expect(found.filter(Boolean)).toHaveLength(1);
  });

  test('a link expires by the database’s clock', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const { value } = await people.invitations.create(serverActor, id);
    const older = (by: number) =>
      sql`update invitation set expires_at = expires_at - ${by} * interval '1 second' where account_id = ${id}`.execute(
        database().kysely,
      );
    await older(lifetimes.invitation - 60);
    expect(await people.invitations.find(value)).toBeDefined();
    await older(61);
    expect(await people.invitations.find(value)).toBeUndefined();
    expect(await people.invitations.accept(value, another)).toBeUndefined();
  });

  test.each([
    '',
    'writ_inv_',
    `writ_inv_${'x'.repeat(43)}`,
    `writ_inv_${'\0'.repeat(43)}`,
    'x'.repeat(1e6),
  ])('a link that was never given out leads nowhere', async (value) => {
    const people = open();
    expect(await people.invitations.find(value)).toBeUndefined();
    expect(await people.invitations.accept(value, another)).toBeUndefined();
    expect(people.hasher.hashed).toEqual([]);
  });

  describe('to a new password', () => {
    test('the old one works until the link is used; then it is replaced, and all sessions are revoked', async () => {
      const people = open();
      const { id, email } = await people.person();
      const sessions = [await people.signIn({ email }), await people.signIn({ email })];
      const { value } = await people.invitations.create(serverActor, id);
      expect(await people.invitations.find(value)).toMatchObject({ hasPassword: true });
      await expect(people.signIn({ email })).resolves.toBeDefined();
      await people.invitations.accept(value, another);
      for (const session of sessions)
        expect(await people.sessions.find(session.value)).toBeUndefined();
      expect(await people.sessions.list(id)).toEqual([]);
      await expect(people.signIn({ email, password: goodPassword })).rejects.toMatchObject({
        reason: 'wrong',
      });
    });

    test('a refused password changes nothing, and the link still works', async () => {
      const people = open();
      const { id, email } = await people.person();
      const session = await people.signIn({ email });
      const { value } = await people.invitations.create(serverActor, id);
      await expect(people.invitations.accept(value, 'short')).rejects.toMatchObject({
        name: 'PasswordRefused',
        reason: 'too_short',
      });
      expect(people.hasher.hashed).toEqual([]);
      expect(await people.sessions.find(session.value)).toBeDefined();
      expect(await people.invitations.accept(value, another)).toBeDefined();
    });

    test('a full lane is reported, and the link still works', async () => {
      const people = open();
      const { id } = await people.person();
      const { value } = await people.invitations.create(serverActor, id);
      people.hasher.busy = true;
      await expect(people.invitations.accept(value, another)).rejects.toMatchObject({
        code: 'temporarily_unavailable',
      });
      people.hasher.busy = false;
      expect(await people.invitations.accept(value, another)).toBeDefined();
    });
  });

  describe('a link that replaces a password', () => {
    const accessOf = async (id: string) => {
      const { kysely } = database();
      const account = kysely.selectFrom('account').select('epoch').where('id', '=', id);
      const mail = kysely
        .selectFrom('mail')
        .select(['kind', 'details'])
        .where('account_id', '=', id);
      const change = kysely.selectFrom('change').select('kind').where('account_id', '=', id);
      return {
        epoch: (await account.executeTakeFirstOrThrow()).epoch,
        mails: await mail.execute(),
        changes: (await change.execute()).map(({ kind }) => kind),
      };
    };

    test('revokes every token of the account, and an email says so', async () => {
      const people = open();
      const { id } = await people.person();
      const { value } = await people.invitations.create(serverActor, id);
      await people.invitations.accept(value, another);
      expect(await accessOf(id)).toMatchObject({
        epoch: 1,
        mails: [
          {
            kind: 'password_changed',
            details: { by_link: true, is_first: false, ended_access: true },
          },
        ],
        changes: ['account.tokens_revoked'],
      });
    });

    test('keeps them if the person chooses so', async () => {
      const people = open();
      const { id } = await people.person();
      const { value } = await people.invitations.create(serverActor, id);
      await people.invitations.accept(value, another, { keepAccess: true });
      expect(await accessOf(id)).toMatchObject({
        epoch: 0,
        mails: [{ kind: 'password_changed', details: { by_link: true, ended_access: false } }],
        changes: [],
      });
    });

    test('expires after a day, and that of a first password after a week', async () => {
      const people = open();
      const days = async (hash?: null) => {
        const { id } = await people.person(hash === null ? { hash } : {});
        await people.invitations.create(serverActor, id);
        const row = await database()
          .kysely.selectFrom('invitation')
          .select(sql<number>`extract(epoch from expires_at - created_at)::integer`.as('seconds'))
          .where('account_id', '=', id)
          .executeTakeFirstOrThrow();
        return row.seconds / 86_400;
      };
      expect([await days(), await days(null)]).toEqual([1, 7]);
    });
  });

  test('a disabled account cannot be invited, and its pending link no longer works', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const { value } = await people.invitations.create(serverActor, id);
    await people.accounts.disable(serverActor, id);
    expect(await people.invitations.find(value)).toBeUndefined();
    expect(await people.invitations.accept(value, another)).toBeUndefined();
    await expect(people.invitations.create(serverActor, id)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('an account without an email address cannot be invited', async () => {
    const people = open();
    const { id } = await people.accounts.create(serverActor, { name: 'Nameless' });
    await expect(people.invitations.create(serverActor, id)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test.each(['00000000-0000-4000-8000-000000000000', 'nonsense', '\0'])(
    'an unknown account cannot be invited: %j',
    async (id) => {
      await expect(open().invitations.create(serverActor, id)).rejects.toMatchObject({
        code: 'not_found',
      });
    },
  );
});
