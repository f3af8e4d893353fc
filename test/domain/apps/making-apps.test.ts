import { describe, expect, test } from '@jest/globals';
import { type RawBuilder, sql } from 'kysely';
import { appLimits, reservedAppNames } from '../../../config/apps.ts';
import { plainSignIn } from '../../../src/domain/apps/client-sign-in.ts';
import { noUrls } from '../../../src/domain/apps/client-urls.ts';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onDatabase } from '../../db/each-database.ts';
import { expectRefused, openApps, operator, outcome, unique } from './apps.ts';

onDatabase((database) => {
  const open = () => openApps(database());

  test('the creator of an app is its Owner, and gets a server client with a secret and the narrowest role', async () => {
    const apps = open();
    const displayName = unique('Acme');
    const { owner, client, secret, name, id } = await apps.app({
      displayName: `  ${displayName}  `,
    });
    expect(await apps.apps.find(owner.actor, name)).toEqual({
      id,
      name,
      displayName,
      disabledAt: null,
      disabledBy: null,
      createdAt: expect.any(Date),
      members: 1,
      clients: 1,
      role: 'Owner',
      manages: 'app',
    });
    expect(client).toEqual({
      id: expect.any(String),
      clientId: `${name}:default`,
      name: 'default',
      displayName: 'default',
      kind: 'server',
      role: 'Reader',
      redirectUris: [],
      idTokenAlg: null,
      accessTokenTtl: null,
      accessTokenFormat: null,
      apiCallsLimit: null,
      apiTrafficLimit: null,
      allowAnonymous: false,
      security: { profile: null, jwks: null, requirePushedRequests: false, dpopBound: false },
      signIn: plainSignIn,
      tokenExchange: false,
      agent: null,
      firstParty: false,
      urls: noUrls,
      disabledAt: null,
      disabledBy: null,
      createdAt: expect.any(Date),
    });
    expect(secret).toMatch(/^writ_cs_/);
    expect(await apps.appMembers.list(owner.actor, name)).toEqual([
      {
        accountId: owner.id,
        name: 'Ada Lovelace',
        email: owner.email,
        role: 'Owner',
        since: expect.any(Date),
      },
    ]);
  });

  test('people create no apps where that is turned off, and operators still do', async () => {
    const closed = openApps(database(), { peopleCreateApps: false });
    const { owner, name } = await open().app();
    await expectRefused(
      closed.apps.create(owner.actor, { displayName: unique('Acme') }),
      'access_denied',
    );
    const { app } = await closed.apps.create(operator, {
      displayName: unique('Acme'),
      ownerId: owner.id,
    });
    expect((await closed.apps.list(owner.actor, { limit: 10 })).map((one) => one.name)).toEqual(
      [name, app.name].toSorted(),
    );
  });

  test('several problems of a new app are reported together', async () => {
    const { owner } = await open().app();
    const created = open().apps.create(owner.actor, { displayName: ' ', name: 'No!' });
    await expect(created).rejects.toMatchObject({
      details: [{ parameter: 'display_name' }, { parameter: 'name' }],
    });
  });

  test('events of the app, its client and its secret name the creator', async () => {
    const apps = open();
    const { owner, id, name } = await apps.app();
    expect(await apps.events(id)).toMatchObject([
      {
        action: 'app.created',
        actor: { kind: 'account', id: owner.id },
        target: { kind: 'app', id: name },
      },
      {
        action: 'client.created',
        actor: { kind: 'account', id: owner.id },
        target: { kind: 'client', id: `${name}:default` },
      },
      { action: 'client_secret.created', target: { kind: 'client', id: `${name}:default` } },
    ]);
  });

  test('an operator can create an app with or without an Owner', async () => {
    const apps = open();
    await apps.app();
    const owner = await apps.person();
    const { app } = await apps.apps.create(operator, {
      displayName: unique('Acme'),
      ownerId: owner.id,
    });
    expect(app).toMatchObject({ role: null, manages: 'app', members: 1 });
    expect(await apps.apps.find(owner.actor, app.name)).toMatchObject({ role: 'Owner' });
    const { app: orphan } = await apps.apps.create(operator, { displayName: unique('Acme') });
    expect(orphan).toMatchObject({ members: 0 });
    await expectRefused(
      apps.apps.create(operator, { displayName: 'Acme', ownerId: 'nobody' }),
      'invalid_request',
    );
  });

  test('a person cannot create an app for another person', async () => {
    const apps = open();
    const [ada, grace] = [await apps.person(), await apps.person()];
    await expectRefused(
      apps.apps.create(ada.actor, { displayName: unique('Acme'), ownerId: grace.id }),
      'access_denied',
    );
  });

  test('a disabled account can neither create nor see apps', async () => {
    const apps = open();
    const { owner, name } = await apps.app();
    await apps.accounts.disable(serverActor, owner.id);
    await expectRefused(
      apps.apps.create(owner.actor, { displayName: unique('B') }),
      'invalid_request',
    );
    await expectRefused(apps.apps.find(owner.actor, name), 'not_found');
    expect(await apps.apps.list(owner.actor, { limit: 10 })).toEqual([]);
  });

  describe('its name', () => {
    test.each([
      ...[
        'a',
        'A',
        'Acme',
        '-acme',
        'acme-',
        'ac--me',
        'ac_me',
        'ac.me',
        'ac:me',
        'ac~me',
        'ac me',
      ],
      ...['', 'äcme', 'acme\0', 'acme\n', 'x'.repeat(41), 'writ-support', ...reservedAppNames],
    ])('cannot be %j', async (name) => {
      const apps = open();
      const { actor } = await apps.person();
      await expectRefused(
        apps.apps.create(actor, { displayName: unique('Acme'), name }),
        'invalid_request',
      );
      expect(await apps.apps.list(actor, { limit: 10 })).toEqual([]);
    });

    test.each([() => unique('a'), () => unique('9'), () => unique('a').padEnd(40, 'z')])(
      'has 2 to 40 lowercase letters, digits and single dashes',
      async (make) => {
        const name = make();
        expect((await open().app({ name })).name).toBe(name);
      },
    );

    test.each([
      ['Übergröße & Söhne', /^ubergrosse-sohne(-[a-z0-9]{5})?$/],
      ['  Ada’s  “Things”!  ', /^ada-s-things(-[a-z0-9]{5})?$/],
      ['Crème Brûlée No. 5', /^creme-brulee-no-5(-[a-z0-9]{5})?$/],
      ['日本語', /^app-[a-z0-9]{5}$/],
      ['X', /^x-[a-z0-9]{5}$/],
      ['Admin', /^admin-[a-z0-9]{5}$/],
      [
        'A name that is so long that it does not fit by far',
        /^a-name-that-is-so-long-that-it-does-not-?[a-z0-9-]*$/,
      ],
    ])('is derived from %j', async (displayName, expected) => {
      const apps = open();
      await apps.app();
      const { actor } = await apps.person();
      const { app } = await apps.apps.create(actor, { displayName });
      expect(app.name).toMatch(expected);
      expect(app.name.length).toBeLessThanOrEqual(40);
      expect(app.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    });

    test('that is derived and in use by another owner gets a random suffix', async () => {
      const apps = open();
      const [ada, grace] = [await apps.person(), await apps.person()];
      // They look different, and give the same name.
      const word = unique('Acme');
      const first = await apps.apps.create(ada.actor, { displayName: `${word} 東` });
      const second = await apps.apps.create(grace.actor, { displayName: `${word} 西` });
      expect(second.app.name).not.toBe(first.app.name);
      expect(second.app.name.startsWith(`${first.app.name}-`)).toBe(true);
      expect(second.client.clientId).toBe(`${second.app.name}:default`);
    });

    test('is assigned once, even with concurrent requests', async () => {
      const apps = open();
      await apps.app();
      const name = unique('acme');
      const people = await Promise.all([1, 2, 3, 4, 5].map(() => apps.person()));
      const made = await Promise.all(
        people.map(({ actor }) =>
          outcome(() => apps.apps.create(actor, { displayName: unique('Acme'), name })),
        ),
      );
      expect(made.sort()).toEqual(['conflict', 'conflict', 'conflict', 'conflict', 'done']);
    });

    test('is never reused, and the error does not reveal its owner', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const stranger = await apps.person();
      const wish = () => apps.apps.create(stranger.actor, { displayName: unique('Acme'), name });
      const taken = await wish().catch((error) => error);
      await apps.apps.delete(owner.actor, name);
      const gone = await wish().catch((error) => error);
      expect([taken.code, gone.code]).toEqual(['conflict', 'conflict']);
      expect(taken.message).toBe(gone.message);
      await expectRefused(
        apps.apps.create(owner.actor, { displayName: unique('Acme'), name }),
        'conflict',
        /never reused/,
      );
    });
  });

  describe('a double click', () => {
    test.each([
      ['with a name', true],
      ['with a derived name', false],
    ])('creates one app, and reports that it exists, %s', async (_, named) => {
      const apps = open();
      await apps.app();
      const { actor } = await apps.person();
      const displayName = unique('acme');
      const click = () =>
        apps.apps.create(actor, { displayName, ...(named && { name: displayName }) });
      const clicks = await Promise.allSettled([click(), click(), click()]);
      const refused = clicks.filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(2);
      for (const click of refused)
        expect(click).toMatchObject({
          reason: { code: 'conflict', message: `There is already an app ${displayName}.` },
        });
      expect(await apps.apps.list(actor, { limit: 10 })).toHaveLength(1);
    });

    test('of an operator creates one app', async () => {
      const apps = open();
      await apps.app();
      const displayName = unique('acme');
      await apps.apps.create(operator, { displayName });
      await expectRefused(apps.apps.create(operator, { displayName }), 'conflict', /already/);
    });
  });

  test.each(['', '   ', 'x'.repeat(101), 'A\0', 'A\nB', 'A\ud800B'])(
    'an invalid display name is refused',
    async (displayName) => {
      const apps = open();
      const { owner, name } = await apps.app();
      await expectRefused(apps.apps.create(owner.actor, { displayName }), 'invalid_request');
      await expectRefused(apps.apps.update(owner.actor, name, { displayName }), 'invalid_request');
    },
  );

  test('a person cannot own more apps than the maximum, even with concurrent requests', async () => {
    const apps = open();
    const { owner } = await apps.app();
    const others = appLimits.appsOfAnOwner - 3;
    await sql`
      with made as (insert into app (name) select ${unique('many')} || '-' || i from generate_series(1, ${sql.lit(others)}) i returning id)
      insert into app_member (app_id, account_id, role) select id, ${owner.id}::uuid, 'Owner' from made`.execute(
      database().kysely,
    );
    const made = await Promise.all(
      [1, 2, 3, 4].map((i) =>
        outcome(() => apps.apps.create(owner.actor, { displayName: unique(`app-${i}`) })),
      ),
    );
    expect(made.sort()).toEqual(['conflict', 'conflict', 'done', 'done']);
    const { name: another } = await apps.app();
    await expectRefused(
      apps.appMembers.set(operator, another, owner.id, 'Owner'),
      'conflict',
      /50 apps/,
    );
    expect(await outcome(() => apps.appMembers.set(operator, another, owner.id, 'Developer'))).toBe(
      'done',
    );
  });

  describe('in a day', () => {
    /** An account that created and deleted a number of apps at a given time. */
    const maker = async (made: number, at = sql`now()`) => {
      const apps = open();
      await apps.app();
      const { id, actor } = await apps.person();
      await sql`insert into audit_event (at, action, result, actor_kind, actor_id)
        select ${at}, 'app.created', 'success', 'account', ${id} from generate_series(1, ${sql.lit(made)})`.execute(
        database().kysely,
      );
      const make = () => apps.apps.create(actor, { displayName: unique('app') });
      return { apps, id, actor, make };
    };
    const most = appLimits.appsMadeInADay;

    test('a person cannot create more apps than the maximum, including deleted ones', async () => {
      const { apps, actor, make } = await maker(most - 1);
      const { app } = await make();
      await apps.apps.delete(actor, app.name);
      await expectRefused(make(), 'conflict', /at most 50 apps in 24 hours.*Try again tomorrow/);
      expect(await apps.apps.list(actor, { limit: 10 })).toEqual([]);
    });

    test('concurrent requests create no more than the maximum', async () => {
      const { make } = await maker(most - 2);
      const made = await Promise.all([1, 2, 3, 4].map(() => outcome(make)));
      expect(made.sort()).toEqual(['conflict', 'conflict', 'done', 'done']);
    });

    test('operators have no maximum, and each person is counted separately', async () => {
      const { apps, id } = await maker(most);
      for (const by of [{ kind: 'account', id } as const, { kind: 'system', id: null } as const])
        await actingAs(by, () =>
          apps.apps.create(operator, { displayName: unique('app'), ownerId: id }),
        );
      const { owner } = await apps.app();
      expect(
        await outcome(() => apps.apps.create(owner.actor, { displayName: unique('app') })),
      ).toBe('done');
    });

    test('those of the day before no longer count', async () => {
      const at = sql`now() - interval '24 hours 1 second'`;
      await monthOf(at);
      const { make } = await maker(most, at);
      expect(await outcome(make)).toBe('done');
    });

    /** Audit partitions exist from this month on, and the day before can be in the previous one. */
    const monthOf = async (at: RawBuilder<unknown>) => {
      const { rows } = await sql<{ name: string; first: string; end: string }>`
        select to_char(month, '"audit_event_"YYYY_MM') as name, month::text as first, (month + interval '1 month')::text as end
        from date_trunc('month', (${at}) at time zone 'UTC') as month`.execute(database().kysely);
      for (const { name, first, end } of rows)
        await sql`create table if not exists ${sql.table(name)} partition of audit_event
          for values from (${sql.lit(`${first}+00`)}) to (${sql.lit(`${end}+00`)})`.execute(
          database().kysely,
        );
    };
  });
});
