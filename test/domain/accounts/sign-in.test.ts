import { describe, expect, test } from '@jest/globals';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { needsRehash } from '../../../src/crypto/password.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { goodPassword, here, onStore, openPeople, outcomes } from './people.ts';

const refusal = {
  name: 'SignInRefused',
  reason: 'wrong',
  message: 'The email address or password is incorrect.',
  retryAfter: undefined,
};

onStore((store) => {
  const hashOf = async (id: string) =>
    (
      await store()
        .database.kysely.selectFrom('account')
        .select('password_hash')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).password_hash;

  test('the correct password signs a person in, each time with a new session', async () => {
    const people = openPeople(store());
    const { id, email } = await people.person();
    const [one, other] = [await people.signIn({ email }), await people.signIn({ email })];
    expect(one.accountId).toBe(id);
    expect(one.value).toMatch(/^[0-9A-Za-z]{43}$/);
    expect(other.value).not.toBe(one.value);
    expect(await people.sessions.find(one.value)).toMatchObject({ account: { id, email } });
    expect(await people.sessions.find(other.value)).toMatchObject({ account: { id, email } });
    expect((await people.accounts.describe(id))?.last_sign_in_at).toBeInstanceOf(Date);
  });

  test('the email address is compared without case and surrounding spaces', async () => {
    const people = openPeople(store());
    const { id, email } = await people.person();
    expect(await people.signIn({ email: ` ${email.toUpperCase()} ` })).toMatchObject({
      accountId: id,
    });
  });

  test('a password matches in any Unicode normalization', async () => {
    const people = openPeople(store());
    const { email } = await people.person({ hash: await argon2.hash('crème brûlée à dix') });
    const typed = 'crème brûlée à dix'.normalize('NFD');
    await expect(people.signIn({ email, password: typed })).resolves.toBeDefined();
  });

  test('the event names the person, the address and the session', async () => {
    const people = openPeople(store());
    const { id, email } = await people.person();
    const { value } = await people.signIn({ email, ip: `::ffff:${here}` });
    const session = await people.sessions.find(value);
    expect((await people.events(id)).at(-1)).toMatchObject({
      action: 'account.signed_in',
      actor_kind: 'account',
      actor_id: id,
      target_kind: 'account',
      target_id: id,
      ip: here,
      details: { session_id: session?.id },
    });
  });

  test.each([
    ['a wrong password', { password: 'not this one' }],
    ['an unknown account', { email: 'nobody@example.com' }],
    ['a disabled account', { disable: true }],
    ['an account without a password', { hash: null }],
    ['a disabled account and a wrong password', { disable: true, password: 'not this one' }],
  ])(
    '%s: one verification with current parameters, the same response, no session',
    async (_what, {
      disable = false,
      hash,
      ...given
    }: {
      disable?: boolean;
      hash?: null;
      email?: string;
      password?: string;
    }) => {
      const people = openPeople(store());
      const { id, email } = await people.person(hash === null ? { hash } : {});
      if (disable) await people.accounts.disable(serverActor, id);
      await expect(people.signIn({ email, ...given })).rejects.toMatchObject(refusal);
      expect(people.hasher.verified).toHaveLength(1);
      expect(people.hasher.verified.filter(needsRehash)).toEqual([]);
      expect(people.hasher.hashed).toEqual([]);
      expect(await people.sessions.list(id)).toEqual([]);
    },
  );

  test('a correct password is also verified once, and not rehashed', async () => {
    const people = openPeople(store());
    const { email } = await people.person();
    await people.signIn({ email });
    expect(people.hasher.verified).toHaveLength(1);
    expect(people.hasher.hashed).toEqual([]);
  });

  test('an unknown and a known account send the same statements', async () => {
    const asked: string[] = [];
    const { database, redis } = store();
    const people = openPeople({
      redis,
      database: {
        ...database,
        query: (statement, values) => {
          asked.push(statement.name);
          return database.query(statement, values);
        },
      },
    });
    const { email } = await people.person();
    const askedFor = async (who: string) => {
      asked.splice(0);
      await people.wrong(1, { email: who });
      return [...asked];
    };
    const known = await askedFor(email);
    expect(known.length).toBeGreaterThan(0);
    expect(await askedFor('nobody@example.com')).toEqual(known);
  });

  test.each([
    ['a NUL in the address', { email: 'a\0@example.com' }],
    ['an address that is too long', { email: `${'a'.repeat(400)}@example.com` }],
    ['no address', { email: ' ' }],
    ['half a character', { email: 'a\ud800@example.com' }],
    ['a NUL in the password', { password: `${goodPassword}\0` }],
    ['a password that is too long', { password: 'x'.repeat(100_000) }],
    ['no password', { password: '' }],
  ])('%s is refused like a wrong password, and not verified', async (_what, given) => {
    const people = openPeople(store());
    const { email } = await people.person();
    await expect(people.signIn({ email, ...given })).rejects.toMatchObject(refusal);
    expect(people.hasher.verified).toEqual([]);
  });

  test('a full lane is reported, and not counted', async () => {
    const people = openPeople(store());
    const { email } = await people.person();
    people.hasher.busy = true;
    for (let i = 0; i < 30; i++)
      await expect(people.signIn({ email })).rejects.toMatchObject({ reason: 'busy' });
    people.hasher.busy = false;
    await expect(people.signIn({ email })).resolves.toBeDefined();
    expect(people.waits).toEqual([]);
  });

  describe('an outdated hash', () => {
    test.each([
      [
        'with less memory',
        () => argon2.hash(goodPassword, { memoryCost: 1024, timeCost: 2, parallelism: 1 }),
      ],
      [
        'by argon2i',
        () =>
          argon2.hash(goodPassword, {
            type: argon2.argon2i,
            memoryCost: 19_456,
            timeCost: 2,
            parallelism: 1,
          }),
      ],
      ['by bcrypt', () => bcrypt.hash(goodPassword, 4)],
      [
        'by bcrypt in PHP',
        async () => (await bcrypt.hash(goodPassword, 4)).replace('$2b$', '$2y$'),
      ],
    ])('%s is replaced when its person signs in, and only then', async (_how, make) => {
      const people = openPeople(store());
      const old = await make();
      const { id, email } = await people.person({ hash: old });
      await people.wrong(1, { email });
      expect(await hashOf(id)).toBe(old);
      const { knownBrowser } = await people.signIn({ email });
      const made = String(await hashOf(id));
      expect(made).toMatch(/^\$argon2id\$v=19\$(?=\S*m=19456)(?=\S*t=2)(?=\S*p=1)/);
      expect(await argon2.verify(made, goodPassword)).toBe(true);
      await people.signIn({ email, knownBrowser });
      expect(await hashOf(id)).toBe(made);
    });

    test('lets concurrent sign-ins succeed', async () => {
      const people = openPeople(store());
      const { email } = await people.person({ hash: await bcrypt.hash(goodPassword, 4) });
      const attempts = [1, 2, 3].map(() => people.signIn({ email }));
      expect(await outcomes(attempts)).toEqual(['in', 'in', 'in']);
    });

    test('stays while the lane is full, and its person can sign in', async () => {
      const people = openPeople(store());
      const old = await bcrypt.hash(goodPassword, 4);
      const { id, email } = await people.person({ hash: old });
      people.hasher.before = () => {
        queueMicrotask(() => {
          people.hasher.busy = true;
        });
      };
      await people.signIn({ email });
      expect(await hashOf(id)).toBe(old);
    });
  });

  test('an account that is disabled during the verification is not signed in', async () => {
    const people = openPeople(store());
    const { id, email } = await people.person();
    people.hasher.before = () => people.accounts.disable(serverActor, id);
    await expect(people.signIn({ email })).rejects.toMatchObject(refusal);
    const { kysely } = store().database;
    expect(
      await kysely.selectFrom('session').select('id').where('account_id', '=', id).execute(),
    ).toEqual([]);
  });

  test('a password that is replaced during its verification does not sign in', async () => {
    const people = openPeople(store());
    const { id, email } = await people.person();
    const { value } = await people.invitations.create(serverActor, id);
    people.hasher.before = () => people.invitations.accept(value, 'quite another password');
    await expect(people.signIn({ email })).rejects.toMatchObject(refusal);
    expect(await people.sessions.list(id)).toEqual([]);
  });

  test('the browser’s previous session is revoked, even of another account, and others stay', async () => {
    const people = openPeople(store());
    const [ada, bob] = [await people.person(), await people.person()];
    const before = await people.signIn({ email: ada.email });
    const elsewhere = await people.signIn({ email: ada.email });
    const after = await people.signIn({ email: bob.email, previous: before.value });
    expect(await people.sessions.find(before.value)).toBeUndefined();
    expect(await people.sessions.find(elsewhere.value)).toBeDefined();
    expect(await people.sessions.find(after.value)).toMatchObject({ account: { id: bob.id } });
  });

  test('a wrong password revokes no session', async () => {
    const people = openPeople(store());
    const { email } = await people.person();
    const { value } = await people.signIn({ email });
    await people.wrong(1, { email, previous: value });
    expect(await people.sessions.find(value)).toBeDefined();
  });

  test.each(['', 'x', 'a\0b', 'x'.repeat(43), '\0'.repeat(43), 'x'.repeat(1_000_000)])(
    'an invented previous session does not prevent a sign-in',
    async (previous) => {
      const people = openPeople(store());
      const { email } = await people.person();
      await expect(people.signIn({ email, previous })).resolves.toBeDefined();
      expect(await people.sessions.find(previous)).toBeUndefined();
    },
  );
});
