import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { readChanges } from '../../../src/domain/audit/change-feed.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onDatabase } from '../../db/each-database.ts';
import { openPeople } from './people.ts';

onDatabase((database) => {
  const open = () => openPeople({ database: database(), redis: undefined });

  test('a person can change their name, with an event and a change record', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    expect(await people.accounts.updateProfile(id, { name: 'Ada King' })).toMatchObject({
      name: 'Ada King',
    });
    expect((await people.events(id)).at(-1)).toMatchObject({
      action: 'account.updated',
      actor_kind: 'account',
      actor_id: id,
      details: { name: { before: 'Ada Lovelace', after: 'Ada King' } },
    });
    const changes = await readChanges(database().kysely, { after: 0, limit: 1000 });
    expect(changes.at(-1)).toMatchObject({ kind: 'account.changed', account_id: id });
  });

  test.each(['', '   ', 'x'.repeat(201), 'A\0da', 'A\nda', 'A\ud800da'])(
    'an invisible or overlong name is refused',
    async (name) => {
      const people = open();
      const { id } = await people.person({ hash: null });
      await expect(
        (async () => people.accounts.updateProfile(id, { name }))(),
      ).rejects.toMatchObject({ code: 'invalid_request' });
      expect(await people.accounts.describe(id)).toMatchObject({ name: 'Ada Lovelace' });
    },
  );

  const full = {
    given_name: 'Ada',
    family_name: 'Lovelace',
    nickname: 'The Countess',
    picture: 'https://pictures.example/ada.png',
    locale: 'en-gb',
    zoneinfo: 'Europe/London',
    phone_number: '+44 (20) 7946-0018',
  };

  test('a person fills in and empties what apps can read; the event names the fields, not what is in them', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const stored = { ...full, locale: 'en-GB', phone_number: '+442079460018' };
    expect(await people.accounts.updateProfile(id, full)).toMatchObject(stored);
    const event = (await people.events(id)).at(-1);
    expect(event?.details).toEqual({ fields: expect.arrayContaining(Object.keys(full)) });
    expect(await people.accounts.claims(id)).toMatchObject({ ...stored, name: 'Ada Lovelace' });
    const empty = Object.fromEntries(Object.keys(full).map((field) => [field, '']));
    const emptied = Object.fromEntries(Object.keys(full).map((field) => [field, null]));
    expect(await people.accounts.updateProfile(id, empty)).toMatchObject(emptied);
  });

  test.each([
    ['given_name', 'a\nb'],
    ['nickname', 'x'.repeat(101)],
    ['picture', 'http://pictures.example/ada.png'],
    ['picture', 'javascript:alert(1)'],
    ['picture', 'https://a:b@pictures.example/'],
    ['picture', `https://pictures.example/${'x'.repeat(500)}`],
    ['locale', 'english please'],
    ['locale', `en-${'x'.repeat(50)}`],
    ['zoneinfo', 'Europe/Atlantis'],
    ['zoneinfo', '../../etc/passwd'],
    ['phone_number', '020 7946 0018'],
    ['phone_number', '+44 020x'],
  ] as const)('the %s %j is refused, with its field', async (field, value) => {
    const people = open();
    const { id } = await people.person({ hash: null });
    await expect(people.accounts.updateProfile(id, { [field]: value })).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ parameter: field }],
    });
  });

  test('every wrong field is named at once', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    await expect(
      people.accounts.updateProfile(id, { name: '', picture: 'x', locale: '!' }),
    ).rejects.toMatchObject({
      details: [{ parameter: 'name' }, { parameter: 'picture' }, { parameter: 'locale' }],
    });
  });

  test('a person cannot verify their own address or number, nor set attributes', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const given = { phone_number: '+442079460018', email_verified: true, attributes: { a: 1 } };
    await people.accounts.updateProfile(id, { ...given, ...{ phone_number_verified: true } });
    expect(await people.accounts.describe(id)).toMatchObject({
      phone_number: '+442079460018',
      phone_number_verified: false,
      email_verified: false,
      attributes: {},
    });
  });

  test('what is verified does not hold for another email address or number', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const verified = { email_verified: true, phone_number_verified: true };
    const { accounts } = people;
    await accounts.update(serverActor, id, { ...verified, phone_number: '+442079460018' });
    expect(await accounts.describe(id)).toMatchObject(verified);
    await accounts.updateProfile(id, { nickname: 'Ada' });
    expect(await accounts.describe(id)).toMatchObject(verified);
    await accounts.updateProfile(id, { phone_number: '+442079460019' });
    await accounts.update(serverActor, id, { email: `${randomUUID()}@example.com` });
    expect(await accounts.describe(id)).toMatchObject({
      email_verified: false,
      phone_number_verified: false,
    });
    await accounts.update(serverActor, id, { email: null });
    await expect(accounts.update(serverActor, id, { email_verified: true })).rejects.toMatchObject({
      code: 'invalid_request',
      parameter: 'email_verified',
    });
  });

  test('the profile has the time of its last change, which roles and attributes are not', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    const at = async () => (await people.accounts.describe(id))?.profile_updated_at.getTime();
    const before = await at();
    await people.accounts.update(serverActor, id, { attributes: { tenant: 'acme' } });
    expect(await at()).toBe(before);
    await people.accounts.updateProfile(id, { nickname: 'Ada' });
    expect(await at()).toBeGreaterThan(Number(before));
  });

  test('attributes have a maximum size', async () => {
    const people = open();
    const { id } = await people.person({ hash: null });
    await expect(
      people.accounts.update(serverActor, id, { attributes: { text: 'x'.repeat(8 * 1024) } }),
    ).rejects.toMatchObject({ code: 'invalid_request', parameter: 'attributes' });
  });
});
