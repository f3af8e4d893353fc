import { beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { onEachDatabase } from '../../db/each-database.ts';
import { expectRefused, openApps, operator, outcome, type TestApps, unique } from '../apps/apps.ts';

const inUse = /^display_name: looks too similar to a name that is already in use/;
const ourOwn = /^display_name: looks like the name of this service/;
const redirectUris = ['https://app.example.com/callback'];

onEachDatabase((database) => {
  let apps: TestApps;

  beforeAll(async () => {
    apps = openApps(database());
    await apps.app();
  });

  const skeletonOf = async (name: string): Promise<string | undefined> =>
    (
      await sql<{ skeleton: string }>`select name_skeleton(${name}) as skeleton`.execute(
        database().kysely,
      )
    ).rows[0]?.skeleton;

  describe('two names look alike', () => {
    test.each([
      ['Cyrillic letters', 'Acme Pay', 'Асмe Рау'],
      ['Cyrillic capitals', 'COMET', 'СОМЕТ'],
      ['Greek capitals', 'ZENITH', 'ΖΕΝΙΤΗ'],
      ['a Greek omicron', 'Google', 'Gοοgle'],
      ['the lunate sigma, which NFKD makes an S', 'Coca', 'Ϲoca'],
      ['Armenian letters', 'Soho', 'Տօհօ'],
      ['Cherokee letters', 'Walk', 'ᎳᎪᏞᏦ'],
      ['small capitals', 'Acme', 'ᴀᴄᴍᴇ'],
      ['fullwidth letters', 'Acme', 'ＡＣＭＥ'],
      ['mathematical letters', 'Acme', '𝐀𝐜𝐦𝐞'],
      ['letters in circles', 'Acme', 'ⒶⒸⓂⒺ'],
      ['a ligature', 'Office', 'Oﬃce'],
      ['capitals', 'Acme', 'ACME'],
      ['capitals of Cyrillic', 'Жук', 'ЖУК'],
      ['capitals of Greek', 'Λάδι', 'ΛΆΔΙ'],
      ['accents', 'Acme', 'Ácmé'],
      ['accents as characters of their own', 'Acme', 'A\u0301cme\u0323'],
      ['a stroke through a letter', 'Acme', 'Ac\u0338me'],
      ['letters with a stroke', 'Soll', 'Søłł'],
      ['marks of another script', 'Acme', 'Acme\u0902'],
      ['spaces', 'Acme Pay', 'AcmePay'],
      ['punctuation', 'Acme Pay', '“Acme-Pay!”'],
      ['a trademark sign', 'Acme', 'Acme™'],
      ['an emoji', 'Acme', 'Acme ✅'],
      ['an apostrophe', 'O’Neil', 'Oʼneil'],
      ['zero', 'Google', 'G00gle'],
      ['one', 'Paypal', 'Paypa1'],
      ['a capital I', 'Paypal', 'PaypaI'],
      ['a small i', 'Paypal', 'Paypai'],
      ['a vertical bar', 'Paypal', 'Paypa|'],
      ['rn', 'Modern', 'Modem'],
      ['rn across a space', 'Acme', 'Acr ne'],
      ['rn of other scripts', 'Acme', 'Acгոe'],
      ['vv', 'Wave', 'VVave'],
      ['two letters in one', 'Aether', 'Æther'],
      ['sharp s', 'Strasse', 'Straße'],
    ])('%s: %s and %s', async (_, one, other) => {
      expect(await skeletonOf(other)).toBe(await skeletonOf(one));
    });
  });

  describe('two names do not look alike', () => {
    test.each([
      ['Acme', 'Acne'],
      ['Acme', 'Acme 2'],
      ['App 2', 'App 3'],
      ['日本', '日木'],
      ['か', 'が'],
      ['की', 'का'],
      ['ไม้', 'ไม่'],
      ['Москва', 'Минск'],
      ['سلام', 'سلم'],
    ])('%s and %s', async (one, other) => {
      expect(await skeletonOf(other)).not.toBe(await skeletonOf(one));
    });

    test.each(['日本語', '한국어', 'العربية', 'हिन्दी', 'ไทย', 'ქართული', 'አማርኛ', '٢٣'])(
      'a name keeps letters and digits of its script: %s',
      async (name) => {
        expect(await skeletonOf(name)).not.toBe('');
      },
    );
  });

  /** A name, and one that looks the same. */
  const pair = (): [string, string] => {
    const rest = unique('orner');
    return [`C${rest}`, `С ${rest.replaceAll('rn', 'm').toUpperCase()}`];
  };

  describe('a name that looks like one of another owner is refused', () => {
    test.each([
      ['an app', (name: string) => apps.app({ displayName: name })],
      [
        'a client of an app',
        async (name: string) => {
          const { owner, name: app } = await apps.app();
          await apps.appClients.create(owner.actor, app, {
            name: 'web',
            displayName: name,
            kind: 'website',
            role: 'Reader',
            redirectUris,
          });
        },
      ],
      [
        'a client of an operator',
        (name: string) =>
          apps.clientStore.create({ clientId: unique('c'), metadata: { client_name: name } }),
      ],
      [
        'the id of a client without a name',
        (name: string) =>
          apps.clientStore.create({ clientId: name.replaceAll(' ', ''), metadata: {} }),
      ],
    ])(
      '%s: creating and renaming an app and a client, without revealing the owner',
      async (_, make) => {
        const [name, alike] = pair();
        const { owner, name: app } = await apps.app();
        const before = await apps.app();
        await make(name);
        const refused = async (run: Promise<unknown>) => {
          const error = await run.then(
            () => undefined,
            (reason) => reason,
          );
          expect(error).toMatchObject({
            code: 'conflict',
            parameter: 'display_name',
            message: expect.stringMatching(inUse),
          });
          for (const private_ of [name, before.name]) expect(error.message).not.toContain(private_);
        };
        const { actor } = owner;
        const given = { displayName: alike, role: 'Reader' } as const;
        await refused(apps.apps.create(actor, { displayName: alike, name: unique('app') }));
        await refused(apps.apps.update(actor, app, { displayName: alike }));
        await refused(apps.appClients.create(actor, app, { name: 'tv', kind: 'device', ...given }));
        await refused(
          apps.appClients.create(actor, app, { name: 'api', kind: 'server', ...given }),
        );
        await refused(apps.appClients.update(actor, app, 'default', { displayName: alike }));
        expect(await apps.apps.list(actor, { limit: 10 })).toHaveLength(1);
        expect(await apps.appClients.list(actor, app)).toHaveLength(1);
      },
    );

    test('until the other one is deleted', async () => {
      const [name, alike] = pair();
      const { owner, name: app } = await apps.app({ displayName: name });
      const { actor } = await apps.person();
      await expectRefused(apps.apps.create(actor, { displayName: alike }), 'conflict', inUse);
      await apps.apps.disable(owner.actor, app);
      await expectRefused(apps.apps.create(actor, { displayName: alike }), 'conflict', inUse);
      await apps.apps.delete(owner.actor, app);
      expect(await outcome(() => apps.apps.create(actor, { displayName: alike }))).toBe('done');
    });

    test.each([
      ['two apps', false],
      ['an app and a client', true],
    ])('even for %s at the same time: only one is created', async (_, withClient) => {
      for (let round = 0; round < 5; round++) {
        const names = pair();
        const [one, other] = [await apps.app(), await apps.app()];
        const make = (at: 0 | 1) => {
          const { owner, name: app } = at ? other : one;
          return at && withClient
            ? apps.appClients.create(owner.actor, app, {
                name: 'tv',
                kind: 'device',
                role: 'Reader',
                displayName: names[at],
              })
            : apps.apps.create(owner.actor, { displayName: names[at] });
        };
        const made = await Promise.all([outcome(() => make(0)), outcome(() => make(1))]);
        expect(made.sort()).toEqual(['conflict', 'done']);
      }
    });
  });

  describe('a name that looks like the server is refused', () => {
    test.each([
      'Writ',
      'W R I T',
      'Ԝrit',
      'writ.test',
      'https://writ.test',
      'Operator',
      '0perat0r',
      'Personal Access Tokens',
      'writ-operator',
    ])('%s', async (displayName) => {
      const { owner, name } = await apps.app();
      await expectRefused(
        apps.apps.create(owner.actor, { displayName, name: unique('app') }),
        'invalid_request',
        ourOwn,
      );
      await expectRefused(
        apps.appClients.update(owner.actor, name, 'default', { displayName }),
        'invalid_request',
        ourOwn,
      );
    });
  });

  describe('names that look alike are allowed', () => {
    test('of one Owner, and within an app by any of its members', async () => {
      const [name, alike] = pair();
      const { owner, name: app, member } = await apps.app({ displayName: name });
      const { app: second } = await apps.apps.create(owner.actor, { displayName: alike });
      await apps.apps.update(owner.actor, second.name, { displayName: name });
      const { actor } = await member('Developer');
      for (const client of ['one', 'two'])
        await apps.appClients.create(actor, app, {
          name: client,
          kind: 'device',
          role: 'Reader',
          displayName: alike,
        });
      expect(await apps.appClients.list(owner.actor, app)).toHaveLength(3);
    });

    test('of apps that share an Owner, but not of apps that only share members', async () => {
      const [name, alike] = pair();
      const { owner } = await apps.app({ displayName: name });
      const other = await apps.app();
      const rename = () =>
        outcome(() => apps.apps.update(other.owner.actor, other.name, { displayName: alike }));
      await other.member('Developer', owner);
      expect(await rename()).toBe('conflict');
      await other.member('Owner', owner);
      expect(await rename()).toBe('done');
    });

    test('by an operator, who names the installation’s own apps', async () => {
      const [name, alike] = pair();
      const { name: app } = await apps.app({ displayName: name });
      const { app: made } = await apps.apps.create(operator, { displayName: alike });
      await apps.apps.update(operator, made.name, { displayName: 'Writ' });
      const client = { name: 'tv', kind: 'device', role: 'Reader', displayName: alike } as const;
      await apps.appClients.create(operator, made.name, client);
      await apps.appClients.update(operator, app, 'default', { displayName: 'Operator' });
    });

    test('from before the rule, while they do not change', async () => {
      const [name, alike] = pair();
      await apps.app({ displayName: name });
      const { owner, name: app, id } = await apps.app();
      await database()
        .kysely.updateTable('app')
        .set({ display_name: alike })
        .where('id', '=', id)
        .execute();
      expect(await apps.apps.update(owner.actor, app, { displayName: alike })).toMatchObject({
        displayName: alike,
      });
      await expectRefused(
        apps.apps.update(owner.actor, app, { displayName: name }),
        'conflict',
        inUse,
      );
    });
  });

  test('a server without a name is named as in its app, in any app; other clients are named like the app', async () => {
    const made = [await apps.app(), await apps.app()];
    for (const { owner, name: app, client } of made) {
      expect(client.displayName).toBe('default');
      await apps.appClients.create(owner.actor, app, {
        name: 'api',
        kind: 'server',
        role: 'Reader',
      });
      const given = { name: 'tv', kind: 'device', role: 'Reader' } as const;
      const { client: device } = await apps.appClients.create(owner.actor, app, given);
      expect(device.displayName).toBe((await apps.apps.find(owner.actor, app)).displayName);
    }
    const { actor } = await apps.person();
    expect(await outcome(() => apps.apps.create(actor, { displayName: 'Api' }))).toBe('done');
  });

  test('the check uses the two indexes', async () => {
    const { kysely } = database();
    await kysely.transaction().execute(async (transaction) => {
      await sql`set local enable_seqscan = off`.execute(transaction);
      const { rows } = await sql<{ 'QUERY PLAN': string }>`explain
        select from app where deleted_at is null and name_skeleton(display_name) = 'acme'
        union all
        select from client where deleted_at is null
          and name_skeleton(coalesce(metadata->>'client_name', client_id)) = 'acme'`.execute(
        transaction,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      for (const index of ['app_name_skeleton', 'client_name_skeleton'])
        expect(plan).toContain(index);
    });
  });
});
