import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import { createSessions } from '../../../src/domain/accounts/sessions.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onDatabase } from '../../db/each-database.ts';
import { addAuthenticator } from '../../support/factors.ts';
import { statementsOf } from '../../support/statements.ts';
import { here, openPeople } from './people.ts';

const unknownAccount = '00000000-0000-4000-8000-000000000000';

test('one function ends sessions, so that none forgets to notify clients', async () => {
  const sources = await readdir('src', { recursive: true });
  const ending = [];
  for (const file of sources.filter((name) => name.endsWith('.ts')))
    if (
      /deleteFrom\('session'\)|delete from session\b/i.test(await readFile(`src/${file}`, 'utf8'))
    )
      ending.push(file);
  expect(ending).toEqual(['domain/accounts/session-end.ts']);
});

onDatabase((database) => {
  const open = () => openPeople({ database: database(), redis: undefined });

  const someone = async () => {
    const people = open();
    const { id } = await people.person({ hash: 'none that matters' });
    const begin = () => people.sessions.begin(id, { ip: here, userAgent: 'a browser' });
    return { ...people, id, begin };
  };

  /** Moves a timestamp of a session into the past, by seconds. */
  const agedBy = (id: string, column: 'signed_in_at' | 'last_seen_at' | 'expires_at', by: number) =>
    sql`update session set ${sql.ref(column)} = ${sql.ref(column)} - ${by} * interval '1 second' where id = ${id}`.execute(
      database().kysely,
    );

  const seen = async (id: string) =>
    (
      await database()
        .kysely.selectFrom('session')
        .select('last_seen_at')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).last_seen_at;

  test('an account has a maximum number of sessions: a new one revokes the least recently seen', async () => {
    const { id, begin, sessions } = await someone();
    const few = createSessions({ database: database(), maxPerAccount: 3 });
    const [first, second, third] = [await begin(), await begin(), await begin()];
    await agedBy(second.id, 'last_seen_at', 60);
    const newest = await few.begin(id, { ip: here, userAgent: 'a browser' });
    expect(await sessions.find(second.value)).toBeUndefined();
    for (const { value } of [first, third, newest])
      expect(await sessions.find(value)).toMatchObject({ account: { id } });
  });

  test('a session is found by its cookie value, with its account', async () => {
    const { sessions, id, begin, accounts } = await someone();
    const { value, id: sessionId } = await begin();
    expect(await sessions.find(value)).toEqual({
      id: sessionId,
      account: {
        id,
        name: 'Ada Lovelace',
        email: (await accounts.describe(id))?.email,
        roles: [],
        apiScopes: new Set(),
      },
      signedInAt: expect.any(Date),
      recent: true,
      amr: ['pwd'],
      factorAt: null,
      hasFactor: false,
      lacksFactor: false,
      mustEnrol: false,
    });
  });

  test('a use by another browser on another network is noted once and does not end the session', async () => {
    const chrome = (version: number, system = 'Windows NT 10.0; Win64; x64') =>
      `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
    const { sessions, id, events } = await someone();
    const began = { ip: '2001:db8:0:1::1', userAgent: chrome(130) };
    const { value, id: sessionId } = await sessions.begin(id, began);
    const noted = async () =>
      (await events(id)).filter(({ action }) => action === 'session.used_elsewhere');
    const shown = async () =>
      (await sessions.list(id)).find((session) => session.id === sessionId)?.elsewhere_ip;
    for (const use of [
      began,
      { ...began, ip: '203.0.113.5' },
      { ip: '203.0.113.5', userAgent: chrome(131) },
      { ip: '2001:db8:0:1::9', userAgent: 'curl/8.5.0' },
      { ip: '203.0.113.5', userAgent: null },
      undefined,
    ])
      expect(await sessions.find(value, use)).toMatchObject({ id: sessionId });
    expect([await noted(), await shown()]).toEqual([[], null]);
    for (const userAgent of ['curl/8.5.0', chrome(130, 'X11; Linux x86_64')])
      expect(await sessions.find(value, { ip: '::ffff:203.0.113.5', userAgent })).toMatchObject({
        id: sessionId,
      });
    expect(await noted()).toMatchObject([
      {
        target_id: sessionId,
        actor_id: id,
        ip: '203.0.113.5',
        details: { user_agent: 'curl/8.5.0' },
      },
    ]);
    expect(await shown()).toBe('203.0.113.5');
    // The password again, in the browser itself: the copy no longer works.
    await sessions.begin(id, { ...began, previous: value });
    expect(await shown()).toBeNull();
  });

  test.each([
    '',
    '\0',
    unknownAccount,
    'x'.repeat(43),
    '-'.repeat(43),
    `${'x'.repeat(42)}\0`,
    'x'.repeat(1_000_000),
  ])('a value that was never issued finds nothing', async (value) => {
    expect(await open().sessions.find(value)).toBeUndefined();
  });

  test('the public id of a session is not a cookie value', async () => {
    const { sessions, begin } = await someone();
    expect(await sessions.find((await begin()).id)).toBeUndefined();
  });

  describe('a session expires', () => {
    test('a fixed time after its sign-in, however much it was used', async () => {
      const { sessions, id, begin } = await someone();
      const session = await begin();
      await agedBy(session.id, 'expires_at', lifetimes.session - 60);
      expect(await sessions.find(session.value)).toBeDefined();
      await agedBy(session.id, 'expires_at', 61);
      expect(await sessions.find(session.value)).toBeUndefined();
      expect(await sessions.list(id)).toEqual([]);
    });

    test('a fixed time after its last request, and each use extends it', async () => {
      const { sessions, id, begin } = await someone();
      const session = await begin();
      for (let day = 0; day < 3; day++) {
        await agedBy(session.id, 'last_seen_at', lifetimes.idleSession - 60);
        expect(await sessions.find(session.value)).toBeDefined();
      }
      await agedBy(session.id, 'last_seen_at', lifetimes.idleSession + 1);
      expect(await sessions.find(session.value)).toBeUndefined();
      expect(await sessions.list(id)).toEqual([]);
    });

    test('when its account is disabled, and stays revoked when the account is enabled again', async () => {
      const { sessions, accounts, id, begin } = await someone();
      const { value } = await begin();
      await accounts.disable(serverActor, id);
      expect(await sessions.find(value)).toBeUndefined();
      await accounts.enable(serverActor, id);
      expect(await sessions.find(value)).toBeUndefined();
    });

    test('for a disabled account, even if its row is restored', async () => {
      const { sessions, accounts, id, begin } = await someone();
      const { value } = await begin();
      await database()
        .kysely.updateTable('account')
        .set({ disabled_at: sql`now()` })
        .where('id', '=', id)
        .execute();
      expect(await sessions.find(value)).toBeUndefined();
      expect(await sessions.list(id)).toEqual([]);
      await accounts.enable(serverActor, id);
      expect(await sessions.find(value)).toBeDefined();
    });
  });

  test('a disabled or unknown account gets no session', async () => {
    const { accounts, sessions, id } = await someone();
    await accounts.disable(serverActor, id);
    for (const account of [id, unknownAccount])
      await expect(sessions.begin(account, {})).rejects.toMatchObject({ code: 'access_denied' });
  });

  test('disabling an account while sessions start leaves none', async () => {
    const { accounts, begin, id } = await someone();
    await Promise.allSettled([
      begin(),
      begin(),
      accounts.disable(serverActor, id),
      begin(),
      begin(),
    ]);
    const rows = await database()
      .kysely.selectFrom('session')
      .select('id')
      .where('account_id', '=', id)
      .execute();
    expect(rows).toEqual([]);
  });

  test('a session is recent for a limited time after the sign-in', async () => {
    const { sessions, begin } = await someone();
    const session = await begin();
    await agedBy(session.id, 'signed_in_at', lifetimes.recentSignIn - 60);
    expect(await sessions.find(session.value)).toMatchObject({ recent: true });
    await agedBy(session.id, 'signed_in_at', 61);
    expect(await sessions.find(session.value)).toMatchObject({ recent: false });
  });

  test('with a second factor, only while its proof in the session is recent too', async () => {
    const { sessions, begin, id } = await someone();
    const session = await begin();
    await addAuthenticator(database().kysely, id);
    const proven = (seconds: number) =>
      sql`update session set factor_at = now() - ${seconds} * interval '1 second' where id = ${session.id}::uuid`.execute(
        database().kysely,
      );
    const found = () => sessions.find(session.value);
    expect(await found()).toMatchObject({ recent: false, lacksFactor: true, hasFactor: true });
    await proven(lifetimes.recentSignIn - 60);
    expect(await found()).toMatchObject({ recent: true, lacksFactor: false });
    await proven(lifetimes.recentSignIn + 1);
    expect(await found()).toMatchObject({ recent: false, lacksFactor: true });
    await agedBy(session.id, 'signed_in_at', lifetimes.recentSignIn + 1);
    expect(await found()).toMatchObject({ recent: false, lacksFactor: false });
  });

  test('a request takes one statement, and the time is written once a minute', async () => {
    const { sessions, begin } = await someone();
    const session = await begin();
    const asked = await statementsOf(database(), () => sessions.find(session.value));
    expect(asked).toEqual(['session-find']);
    const first = await seen(session.id);
    await agedBy(session.id, 'last_seen_at', 50);
    await sessions.find(session.value);
    expect((await seen(session.id)).getTime()).toBe(first.getTime() - 50_000);
    await agedBy(session.id, 'last_seen_at', 11);
    await sessions.find(session.value);
    expect((await seen(session.id)).getTime()).toBeGreaterThan(first.getTime());
  });

  test('people see only their own sessions, most recently seen first', async () => {
    const { sessions, id, begin } = await someone();
    const other = await someone();
    await other.begin();
    const [old, young] = [await begin(), await begin()];
    await agedBy(old.id, 'last_seen_at', 100);
    const found = await sessions.list(id);
    expect(found.map((session) => session.id)).toEqual([young.id, old.id]);
    expect(found[0]).toEqual({
      id: young.id,
      signed_in_at: expect.any(Date),
      amr: ['pwd'],
      last_seen_at: expect.any(Date),
      ip: here,
      user_agent: 'a browser',
      elsewhere_at: null,
      elsewhere_ip: null,
      elsewhere_user_agent: null,
    });
    expect(await sessions.list('nonsense')).toEqual([]);
  });

  test('any User-Agent is accepted', async () => {
    const { sessions, id } = await someone();
    await sessions.begin(id, { userAgent: `x\0${'y'.repeat(100_000)}`, ip: '::ffff:192.0.2.7' });
    await sessions.begin(id, { userAgent: '\0' });
    await sessions.begin(id, {});
    const found = await sessions.list(id);
    expect(found.map(({ user_agent }) => user_agent?.length ?? null).sort()).toEqual([
      512,
      null,
      null,
    ]);
    expect(found.map(({ ip }) => ip).sort()).toEqual(['192.0.2.7', null, null]);
  });

  test('one of several can be revoked, the others stay, and the event names it', async () => {
    const { sessions, id, begin, events } = await someone();
    const [one, other] = [await begin(), await begin()];
    expect(await sessions.revoke(id, one.id)).toBe(true);
    expect(await sessions.revoke(id, one.id)).toBe(false);
    expect(await sessions.find(one.value)).toBeUndefined();
    expect(await sessions.find(other.value)).toBeDefined();
    expect((await events(id)).at(-1)).toMatchObject({
      action: 'session.ended',
      actor_kind: 'account',
      actor_id: id,
      target_kind: 'session',
      target_id: one.id,
    });
  });

  test('signing out is recorded as such', async () => {
    const { sessions, id, begin, events } = await someone();
    const session = await begin();
    await sessions.signOut(id, session.id);
    expect((await events(id)).at(-1)).toMatchObject({
      action: 'account.signed_out',
      actor_id: id,
      details: { session_id: session.id },
    });
  });

  test('a person cannot revoke the session of another', async () => {
    const [ada, bob] = [await someone(), await someone()];
    const session = await ada.begin();
    expect(await bob.sessions.revoke(bob.id, session.id)).toBe(false);
    expect(await bob.sessions.revoke('nonsense', session.id)).toBe(false);
    expect(await bob.sessions.revoke(bob.id, 'nonsense')).toBe(false);
    await bob.sessions.revokeOthers(bob.id, session.id);
    await bob.sessions.revokeAll(serverActor, bob.id);
    expect(await ada.sessions.find(session.value)).toBeDefined();
  });

  test('all other sessions can be revoked at once, and the current one stays', async () => {
    const { sessions, id, begin, events } = await someone();
    const [kept, ...others] = [await begin(), await begin(), await begin()];
    expect(await sessions.revokeOthers(id, String(kept?.id))).toBe(2);
    expect((await sessions.list(id)).map((session) => session.id)).toEqual([kept?.id]);
    for (const { value } of others) expect(await sessions.find(value)).toBeUndefined();
    expect((await events(id)).at(-1)).toMatchObject({
      action: 'session.others_ended',
      actor_kind: 'account',
      actor_id: id,
      target_id: id,
    });
    expect(await sessions.revokeOthers(id, String(kept?.id))).toBe(0);
  });

  test('two sessions that revoke the others at the same time do not deadlock', async () => {
    const { sessions, id, begin } = await someone();
    const all = await Promise.all(Array.from({ length: 10 }, begin));
    const ended = await Promise.all(all.map((session) => sessions.revokeOthers(id, session.id)));
    expect(ended.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(9);
    expect((await sessions.list(id)).length).toBeLessThanOrEqual(1);
  });

  test('an administrator can revoke all of them, and the event does not name the person as the actor', async () => {
    const { sessions, id, begin, events } = await someone();
    await begin();
    await begin();
    expect(await sessions.revokeAll(serverActor, id)).toBe(2);
    expect(await sessions.list(id)).toEqual([]);
    expect((await events(id)).at(-1)).toMatchObject({
      action: 'session.others_ended',
      actor_kind: 'system',
      target_id: id,
    });
  });
});
