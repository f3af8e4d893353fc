import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createAccountDeletion } from '../../../src/domain/accounts/deletion.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { until } from '../../support/process.ts';
import { unique } from '../../support/stacks.ts';
import { goodPassword, here, onStore, openPeople, quickHasher, watchedHasher } from './people.ts';

onStore((store) => {
  const someone = async () => {
    const people = openPeople(store(), { hasher: watchedHasher(quickHasher) });
    const { database } = store();
    const deletion = createAccountDeletion({ database, passwords: people.passwords });
    const person = await people.person({ name: 'Ada Lovelace' });
    const { value } = await people.signIn({ email: person.email });
    const sessionId = String((await people.sessions.find(value))?.id);
    return { ...people, ...person, deletion, value, sessionId };
  };

  const ownApp = async (accountId: string) => {
    const { kysely } = store().database;
    const name = unique('app');
    const { id } = await kysely
      .insertInto('app')
      .values({ name, disabled_at: null, disabled_by: null, deleted_at: null })
      .returning('id')
      .executeTakeFirstOrThrow();
    const member = { app_id: id, account_id: accountId, role: 'Owner' };
    await kysely.insertInto('app_member').values(member).execute();
    return { id, name };
  };

  const rowOf = (id: string) =>
    store()
      .database.kysely.selectFrom('account')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();

  test('a deleted account leaves no personal data in any table, and its id is not reused', async () => {
    const { deletion, id, email, value, sessions, signIn } = await someone();
    const app = unique('app');
    const events = [
      { action: 'app_invitation.created', actor_id: null, details: { email } },
      { action: 'app_invitation.accepted', actor_id: id, details: { account_id: id, email } },
    ];
    for (const { action, actor_id, details } of events)
      await sql`insert into audit_event (action, result, actor_kind, actor_id, target_kind, target_id, details)
        values (${action}, 'success', 'account', ${actor_id}, 'app', ${app}, ${JSON.stringify(details)}::jsonb)`.execute(
        store().database.kysely,
      );
    expect(await deletion.delete(serverActor, id)).toBe(true);
    expect(await rowOf(id)).toMatchObject({
      name: '',
      email: null,
      roles: [],
      password_hash: null,
      last_sign_in_at: null,
      epoch: 1,
      deleted_at: expect.any(Date),
    });
    expect(await sessions.find(value)).toBeUndefined();
    await expect(signIn({ email })).rejects.toMatchObject({ reason: 'wrong' });
    const { rows } = await sql<{ name: string }>`select table_name as name
      from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(
      store().database.kysely,
    );
    for (const { name } of rows) {
      const found = sql`select from ${sql.table(name)} t where t::text ilike ${`%${email}%`} limit 1`;
      const there = (await found.execute(store().database.kysely)).rows;
      expect({ name, rows: there.length }).toEqual({ name, rows: 0 });
    }
  });

  test('it is no longer found, and no operation on accounts brings it back', async () => {
    const { deletion, id, accounts, invitations } = await someone();
    await deletion.delete(serverActor, id);
    expect(await accounts.describe(id)).toBeUndefined();
    expect(await accounts.enable(serverActor, id)).toBe(false);
    expect(await accounts.update(serverActor, id, { name: 'Eve' })).toBeUndefined();
    await expect(invitations.create(serverActor, id)).rejects.toMatchObject({ code: 'not_found' });
    const page = await accounts.page({ limit: 100 });
    expect(page.map((account) => account.id)).not.toContain(id);
  });

  test('its tokens are revoked with one change record, and deleting it again writes nothing', async () => {
    const { deletion, id, events } = await someone();
    for (const again of [false, true])
      expect([again, await deletion.delete(serverActor, id)]).toEqual([again, true]);
    const changes = await store()
      .database.kysely.selectFrom('change')
      .select(['kind', 'epoch'])
      .where('account_id', '=', id)
      .execute();
    expect(changes).toEqual([{ kind: 'account.deleted', epoch: 1 }]);
    const actions = (await events(id)).map(({ action }) => action);
    expect(actions.filter((action) => action === 'account.deleted')).toHaveLength(1);
  });

  test('its email address can be used by a new account, which has another id', async () => {
    const { deletion, id, email, accounts } = await someone();
    await deletion.delete(serverActor, id);
    const next = await accounts.create(serverActor, { name: 'Ada', email });
    expect(next.id).not.toBe(id);
  });

  test('the last Owner of apps is refused with the names of the apps, and keeps everything', async () => {
    const { deletion, id, value, sessions, person } = await someone();
    const [alone, shared] = [await ownApp(id), await ownApp(id)];
    const other = await person();
    await store()
      .database.kysely.insertInto('app_member')
      .values({ app_id: shared.id, account_id: other.id, role: 'Owner' })
      .execute();
    const refused = deletion.delete(serverActor, id);
    await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    await expect(refused).rejects.toThrow(`of ${alone.name}. Transfer`);
    expect(await sessions.find(value)).toBeDefined();
  });

  test('of two Owners who are deleted at the same time, one stays', async () => {
    const [one, other] = [await someone(), await someone()];
    const app = await ownApp(one.id);
    await store()
      .database.kysely.insertInto('app_member')
      .values({ app_id: app.id, account_id: other.id, role: 'Owner' })
      .execute();
    const outcomes = await Promise.allSettled(
      [one, other].map(({ deletion, id }) => deletion.delete(serverActor, id)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.each(['one of its Owners', 'invited to it'])(
    'a change of an app that locks an account does not deadlock with its deletion: %s',
    async (who) => {
      const { kysely, embedded } = store().database;
      // It has one connection, so transactions are sequential.
      if (embedded) return;
      const { deletion, id, email } = await someone();
      const app = await ownApp((await someone()).id);
      if (who === 'invited to it')
        await sql`insert into app_invitation (app_id, email, role, digest, created_at, expires_at)
          values (${app.id}, ${email}, 'Reader', ${randomBytes(32)}, now(), now() + interval '1 day')`.execute(
          kysely,
        );
      else
        await kysely
          .insertInto('app_member')
          .values({ app_id: app.id, account_id: id, role: 'Owner' })
          .execute();
      const { deleted } = await kysely.transaction().execute(async (change) => {
        const hold = (table: 'app' | 'account', row: string) =>
          change.selectFrom(table).select('id').where('id', '=', row).forNoKeyUpdate().execute();
        await hold('app', app.id);
        const deleting = deletion.delete(serverActor, id);
        await until('the deletion to wait', async () => {
          const { rows } = await sql`select from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`.execute(kysely);
          expect(rows).toHaveLength(1);
        });
        await hold('account', id);
        return { deleted: deleting };
      });
      expect(await deleted).toBe(true);
    },
  );

  test('a person can delete their own account with the password, and not without it', async () => {
    const { deletion, id, sessionId, events } = await someone();
    const own = (current: string) =>
      deletion.deleteOwn({ accountId: id, sessionId, current, ip: here });
    await expect(own('not this one')).rejects.toMatchObject({ reason: 'wrong_current' });
    expect((await rowOf(id)).deleted_at).toBeNull();
    await own(goodPassword);
    expect((await rowOf(id)).deleted_at).not.toBeNull();
    expect((await events(id)).at(-1)).toMatchObject({
      action: 'account.deleted',
      actor_kind: 'account',
      actor_id: id,
    });
  });

  test('an unknown account is not deleted', async () => {
    const { deletion } = await someone();
    for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense'])
      expect(await deletion.delete(serverActor, id)).toBe(false);
  });
});
