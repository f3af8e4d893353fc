import { expect, test } from '@jest/globals';
import { createEndEverything } from '../../../src/domain/accounts/end-everything.ts';
import type { Caller } from '../../../src/domain/roles/management-actor.ts';
import { onStore, openPeople } from './people.ts';

const support: Caller = {
  kind: 'client',
  id: 'support',
  scopes: new Set(['tokens:revoke', 'accounts:support']),
};

onStore((store) => {
  const someone = async () => {
    const people = openPeople(store());
    const person = await people.person({ name: 'Ada Lovelace' });
    const { value } = await people.signIn({ email: person.email });
    const epoch = async () =>
      (
        await store()
          .database.kysely.selectFrom('account')
          .select('epoch')
          .where('id', '=', person.id)
          .executeTakeFirstOrThrow()
      ).epoch;
    return { ...people, ...person, value, epoch };
  };

  test('all tokens and sessions of a person end together', async () => {
    const { accounts, sessions, id, value, epoch } = await someone();
    const before = await epoch();
    const { database } = store();
    expect(await createEndEverything({ database, accounts, sessions })(support, id)).toBe(true);
    expect(await epoch()).toBe(before + 1);
    expect(await sessions.find(value)).toBeUndefined();
  });

  test('if the sessions cannot be ended, no token is', async () => {
    const { accounts, sessions, id, value, epoch } = await someone();
    const before = await epoch();
    const { database } = store();
    const broken = {
      revokeAll: () => Promise.reject(new Error('the connection broke')),
    };
    const endEverything = createEndEverything({ database, accounts, sessions: broken });
    await expect(endEverything(support, id)).rejects.toThrow('the connection broke');
    expect(await epoch()).toBe(before);
    expect(await sessions.find(value)).toBeDefined();
  });

  test('for an account that does not exist nothing ends, and it says so', async () => {
    const { accounts, sessions } = await someone();
    const { database } = store();
    const absent = '0198c0de-0000-7000-8000-000000000000';
    expect(await createEndEverything({ database, accounts, sessions })(support, absent)).toBe(
      false,
    );
  });
});
