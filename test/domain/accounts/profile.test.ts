import { expect, test } from '@jest/globals';
import { readChanges } from '../../../src/domain/audit/change-feed.ts';
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
});
