import { createSecretKey, randomBytes } from 'node:crypto';
import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { attempts, slowing } from '../../../config/attempts.ts';
import { createAttempts } from '../../../src/domain/accounts/sign-in-attempts.ts';
import { createLimits } from '../../../src/domain/limits/rate-limits.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import {
  anotherAddress,
  goodPassword,
  here,
  onEveryStore,
  openPeople,
  outcomes,
  quickHasher,
  type Store,
  tally,
  watchedHasher,
} from './people.ts';

const few = attempts.ofAccountFromAddress.points;
const many = attempts.fromAddress.points;
const ofKnown = attempts.fromKnownBrowser.points;

const quickly = (store: Store) => openPeople(store, { hasher: watchedHasher(quickHasher) });

onEveryStore((store) => {
  describe('from one address at one account', () => {
    test('after a few wrong passwords none is verified, not even the correct one', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await people.wrong(few, { email });
      expect(people.hasher.verified).toHaveLength(few);
      const refused = people.signIn({ email: email.toUpperCase() });
      await expect(refused).rejects.toMatchObject({ reason: 'limited' });
      const { retryAfter } = await refused.catch((error) => error);
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(attempts.ofAccountFromAddress.seconds);
      expect(people.hasher.verified).toHaveLength(few);
    });

    test('after the period the person can sign in', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await people.wrong(few + 3, { email });
      await store().runOut();
      await expect(people.signIn({ email })).resolves.toBeDefined();
    });

    test('an unknown account is limited like a known one', async () => {
      const people = quickly(store());
      const email = 'nobody.at.all@example.com';
      await people.wrong(few, { email });
      await expect(people.signIn({ email })).rejects.toMatchObject({ reason: 'limited' });
      expect(people.hasher.verified).toHaveLength(few);
    });

    test('a hundred concurrent attempts achieve no more than sequential ones', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const all = Array.from({ length: 100 }, () => people.signIn({ email, password: 'not this' }));
      expect(tally(await outcomes(all))).toEqual({ wrong: few, limited: 100 - few });
      expect(people.hasher.verified).toHaveLength(few);
    });

    test('two processes count together', async () => {
      const [one, other] = [quickly(store()), quickly(store())];
      const { email } = await one.person();
      await one.wrong(few - 1, { email });
      await other.wrong(1, { email });
      await expect(one.signIn({ email })).rejects.toMatchObject({ reason: 'limited' });
    });

    test('other addresses and other accounts are not affected', async () => {
      const people = quickly(store());
      const [ada, bob] = [await people.person(), await people.person()];
      await people.wrong(few + 1, { email: ada.email });
      await expect(people.signIn({ email: bob.email })).resolves.toBeDefined();
      await expect(
        people.signIn({ email: ada.email, ip: anotherAddress() }),
      ).resolves.toBeDefined();
    });

    test('a success resets the wrong ones before it', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      for (let i = 0; i < 3; i++) {
        await people.wrong(few - 1, { email });
        await expect(people.signIn({ email })).resolves.toBeDefined();
      }
    });

    test('correct passwords have their own limit by account, across browsers', async () => {
      const people = quickly(store());
      const [ada, bob] = [await people.person(), await people.person()];
      const { email } = ada;
      const { knownBrowser } = await people.signIn({ email });
      for (let i = 1; i < attempts.rightOfAccount.points; i++)
        await people.signIn({ email, ip: anotherAddress(), ...(i % 2 && { knownBrowser }) });
      people.hasher.verified.splice(0);
      const outcome = outcomes([people.signIn({ email }), people.signIn({ email, knownBrowser })]);
      expect(await outcome).toEqual(['limited', 'limited']);
      expect(people.hasher.verified).toEqual([]);
      expect(people.waits).toEqual([]);
      await expect(people.signIn({ email: bob.email })).resolves.toBeDefined();
    });

    test('all IPv6 addresses of a /64 count as one', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      for (let i = 0; i < few; i++) await people.wrong(1, { email, ip: `2001:db8:1:2:${i}::${i}` });
      const from = (ip: string) => outcomes([people.signIn({ email, ip })]);
      expect(await from('2001:DB8:1:2:ffff:ffff:ffff:ffff')).toEqual(['limited']);
      expect(await from('2001:db8:1:3::1')).toEqual(['in']);
    });

    test('an IPv4-mapped IPv6 address counts as the IPv4 address', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await people.wrong(few, { email, ip: here });
      await expect(people.signIn({ email, ip: `::ffff:${here}` })).rejects.toMatchObject({
        reason: 'limited',
      });
    });
  });

  describe('from one address at many accounts', () => {
    const spray = async (people: ReturnType<typeof quickly>, count: number, ip: string) => {
      const all = Array.from({ length: count }, (_, i) =>
        people.signIn({ email: `${i}@example.com`, password: 'Summer2026!', ip }),
      );
      return tally(await outcomes(all));
    };

    test('after many wrong passwords none is verified, however many arrive at once', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const ip = anotherAddress();
      expect(await spray(people, many + 50, ip)).toEqual({ wrong: many, limited: 50 });
      expect(people.hasher.verified).toHaveLength(many);
      await expect(people.signIn({ email, ip })).rejects.toMatchObject({ reason: 'limited' });
      await expect(people.signIn({ email, ip: anotherAddress() })).resolves.toBeDefined();
    });

    test('an attacker with an account of their own cannot reset the count by signing in', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const ip = anotherAddress();
      await spray(people, many - 1, ip);
      await people.signIn({ email, ip });
      expect(await spray(people, 2, ip)).toEqual({ wrong: 1, limited: 1 });
    });

    test('a known browser can still sign in from that address', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const ip = anotherAddress();
      const { knownBrowser } = await people.signIn({ email, ip });
      await spray(people, many, ip);
      await expect(people.signIn({ email, ip, knownBrowser })).resolves.toBeDefined();
    });
  });

  describe('a stranger cannot lock an account out', () => {
    /** Tries wrong passwords for one account from many addresses. */
    const attack = async (people: ReturnType<typeof quickly>, email: string, count: number) => {
      for (let i = 0; i < count; i++) await people.wrong(1, { email, ip: anotherAddress() });
    };

    test('despite attempts from many addresses, its person can sign in: from a new browser after a delay, from a known one at once', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const { knownBrowser } = await people.signIn({ email });
      await attack(people, email, slowing.free + 10);
      people.waits.splice(0);
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
      expect(people.waits).toEqual([]);
      await expect(people.signIn({ email })).resolves.toBeDefined();
      expect(people.waits).toEqual([slowing.max]);
    });

    test('at the address of its person, the known browser can sign in', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const { knownBrowser } = await people.signIn({ email });
      await people.wrong(few + 1, { email });
      await expect(people.signIn({ email })).rejects.toMatchObject({ reason: 'limited' });
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
    });

    test('the delay grows with each attempt up to its maximum, and is gone after the period', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await attack(people, email, slowing.free);
      expect(people.waits).toEqual([]);
      await attack(people, email, 7);
      expect(people.waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
      await store().runOut();
      await attack(people, email, 1);
      expect(people.waits).toHaveLength(7);
    });

    test('concurrent attempts are delayed as long as sequential ones', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await Promise.all(
        Array.from({ length: slowing.free + 4 }, () =>
          people.wrong(1, { email, ip: anotherAddress() }),
        ),
      );
      expect(people.waits.sort((a, b) => a - b)).toEqual([500, 1000, 2000, 4000]);
    });

    test('attempts at one account wait one after another, in a bounded queue', async () => {
      // The first one waits until the queue is full, however long the store takes for the others.
      const full = Promise.withResolvers<void>();
      let waiting = 0;
      let most = 0;
      const held = createAttempts({
        limits: createLimits(store()),
        delay: async () => {
          most = Math.max(most, ++waiting);
          await full.promise;
          await nextTick();
          waiting--;
        },
      });
      const begin = () =>
        held.begin({ email: 'a@example.com', ip: anotherAddress(), knownBrowser: undefined });
      for (let i = 0; i < slowing.free; i++) await begin();
      const all = Array.from({ length: 12 }, begin);
      await Promise.any(
        all.map((one) =>
          one.then(
            () => Promise.reject(),
            () => full.resolve(),
          ),
        ),
      );
      const outcome = tally(await outcomes(all));
      expect(most).toBe(1);
      expect(outcome['in']).toBeGreaterThan(3);
      expect(outcome['LimitReached']).toBeGreaterThan(0);
    });

    test('an unknown account delays strangers like a known one', async () => {
      const people = quickly(store());
      await attack(people, 'nobody.here@example.com', slowing.free + 3);
      expect(people.waits).toEqual([500, 1000, 2000]);
    });

    test('correct passwords delay no one', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      for (let i = 0; i < slowing.free + 5; i++)
        await people.signIn({ email, ip: anotherAddress() });
      expect(people.waits).toEqual([]);
    });
  });

  describe('after too many wrong passwords in a row, from however many addresses', () => {
    const tooMany = async (people: ReturnType<typeof quickly>, email: string) => {
      for (let i = 0; i < attempts.inARow.points; i++)
        await people.wrong(1, { email, ip: anotherAddress() });
    };

    test('unknown browsers are refused even with the correct password, and no password is verified', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await tooMany(people, email);
      people.hasher.verified.splice(0);
      const refused = people.signIn({ email, ip: anotherAddress() });
      await expect(refused).rejects.toMatchObject({ reason: 'paused' });
      expect(people.hasher.verified).toEqual([]);
    });

    test('an unknown account behaves the same', async () => {
      const people = quickly(store());
      await tooMany(people, 'nobody.in.a.row@example.com');
      const refused = people.signIn({ email: 'Nobody.in.a.row@example.com', ip: anotherAddress() });
      await expect(refused).rejects.toMatchObject({ reason: 'paused' });
    });

    test('a known browser can sign in, and ends the pause for others', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const { knownBrowser } = await people.signIn({ email });
      await tooMany(people, email);
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
      await expect(people.signIn({ email, ip: anotherAddress() })).resolves.toBeDefined();
    });

    test('a link by which the person sets a password ends the pause', async () => {
      const people = quickly(store());
      const { id, email } = await people.person();
      await tooMany(people, email);
      const { value } = await people.invitations.create(serverActor, id);
      const password = 'quite another password';
      await people.invitations.accept(value, password);
      await expect(people.signIn({ email, password, ip: anotherAddress() })).resolves.toBeDefined();
    });

    test('a correct password restarts the count', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      for (let i = 1; i < attempts.inARow.points; i++)
        await people.wrong(1, { email, ip: anotherAddress() });
      await people.signIn({ email, ip: anotherAddress() });
      await people.wrong(2, { email, ip: anotherAddress() });
      await expect(people.signIn({ email, ip: anotherAddress() })).resolves.toBeDefined();
    });
  });

  test('known and unknown browsers use separate lanes, by account and network', async () => {
    const people = quickly(store());
    const { id, email } = await people.person();
    const { knownBrowser } = await people.signIn({ email });
    await people.signIn({ email, knownBrowser });
    await people.wrong(1, { email: 'nobody.here@example.com' });
    expect(people.hasher.lanes).toEqual([
      { lane: 'strangers', account: email, network: here },
      { lane: 'people', account: id, network: here },
      { lane: 'strangers', account: 'nobody.here@example.com', network: here },
    ]);
  });

  describe('a browser that the account knows', () => {
    test('has its own limit, even for concurrent attempts, and a success resets it', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const { knownBrowser } = await people.signIn({ email });
      await people.wrong(ofKnown - 1, { email, knownBrowser });
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
      people.hasher.verified.splice(0);
      const all = Array.from({ length: 50 }, () =>
        people.signIn({ email, knownBrowser, password: 'not this', ip: anotherAddress() }),
      );
      expect(tally(await outcomes(all))).toEqual({ wrong: ofKnown, limited: 50 - ofKnown });
      expect(people.hasher.verified).toHaveLength(ofKnown);
      await expect(people.signIn({ email })).resolves.toBeDefined();
    });

    test('is not delayed by another known browser', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const [one, other] = [await people.signIn({ email }), await people.signIn({ email })];
      expect(one.knownBrowser).not.toBe(other.knownBrowser);
      await people.wrong(ofKnown + 1, { email, knownBrowser: one.knownBrowser });
      const { knownBrowser } = other;
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
    });

    test.each<[string, (known: { own: string; ofAnother: string }) => string]>([
      ['of another account', ({ ofAnother }) => ofAnother],
      [
        'with the id of another browser',
        ({ own }) => own.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')),
      ],
      ['that is truncated', ({ own }) => own.slice(0, -1)],
      ['without a mark', ({ own }) => own.slice(0, 23)],
      ['that is empty', () => ''],
      ['that is huge', () => 'a'.repeat(1_000_000)],
    ])('is not believed by a cookie %s', async (_what, forge) => {
      const people = quickly(store());
      const [ada, bob] = [await people.person(), await people.person()];
      // Their marks differ only by the account.
      await sql`update account set password_changed_at = '2026-01-01Z'`.execute(
        store().database.kysely,
      );
      const { knownBrowser: own } = await people.signIn({ email: ada.email });
      const { knownBrowser: ofAnother } = await people.signIn({ email: bob.email });
      await people.wrong(few, { email: ada.email });
      await expect(
        people.signIn({ email: ada.email, knownBrowser: forge({ own, ofAnother }) }),
      ).rejects.toMatchObject({ reason: 'limited' });
    });

    test('is recognized under every key of the installation, and under no other', async () => {
      const [oldKey, newKey, strange] = [1, 2, 3].map(() => createSecretKey(randomBytes(32)));
      const before = openPeople(store(), { keys: [oldKey as never] });
      const after = openPeople(store(), { keys: [newKey, oldKey] as never });
      const elsewhere = openPeople(store(), { keys: [strange as never] });
      const { email } = await before.person();
      const { knownBrowser } = await before.signIn({ email });
      await after.wrong(few, { email });
      await expect(after.signIn({ email, knownBrowser })).resolves.toBeDefined();
      await after.wrong(few, { email });
      await expect(elsewhere.signIn({ email, knownBrowser })).rejects.toMatchObject({
        reason: 'limited',
      });
    });

    test('is no longer recognized after the password changes', async () => {
      const people = quickly(store());
      const { id, email } = await people.person();
      const { knownBrowser } = await people.signIn({ email });
      const { value } = await people.invitations.create(serverActor, id);
      await people.invitations.accept(value, 'quite another password');
      await people.wrong(few, { email });
      const password = 'quite another password';
      await expect(people.signIn({ email, password, knownBrowser })).rejects.toMatchObject({
        reason: 'limited',
      });
    });

    test('stays recognized after a rehash', async () => {
      const people = openPeople(store());
      const { default: bcrypt } = await import('bcrypt');
      const { email } = await people.person({ hash: await bcrypt.hash(goodPassword, 4) });
      const { knownBrowser } = await people.signIn({ email });
      await people.wrong(few, { email });
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
    });
  });
});

test('the number of delayed attempts is bounded across accounts, because each one is a request in progress', async () => {
  let over = false;
  const held = Promise.withResolvers<void>();
  const counted = {
    take: async () => ({ count: slowing.free + 1, seconds: 60 }),
    consume: async () => slowing.free + 1,
    giveBack: async () => {},
    check: async () => {},
    count: async () => 0,
    reset: async () => {},
  };
  const { begin } = createAttempts({
    limits: { limit: () => counted },
    delay: async () => over || held.promise,
  });
  const attempt = (number: number) =>
    begin({ email: `${number}@example.com`, ip: '198.51.100.9', knownBrowser: undefined });
  const waiting = Array.from({ length: slowing.maxWaiting }, (_, number) => attempt(number));
  await nextTick();
  await expect(attempt(1000)).rejects.toMatchObject({ name: 'LimitReached' });
  over = true;
  held.resolve();
  await Promise.all(waiting);
  await expect(attempt(1000)).resolves.toBeDefined();
});
