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
    test('a few wrong passwords, then none is even checked, the right one neither', async () => {
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

    test('when the time is over, the person is let in', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await people.wrong(few + 3, { email });
      await store().runOut();
      await expect(people.signIn({ email })).resolves.toBeDefined();
    });

    test('an account that is not there is limited like one that is', async () => {
      const people = quickly(store());
      const email = 'nobody.at.all@example.com';
      await people.wrong(few, { email });
      await expect(people.signIn({ email })).rejects.toMatchObject({ reason: 'limited' });
      expect(people.hasher.verified).toHaveLength(few);
    });

    test('a hundred at once get no further than one after another', async () => {
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

    test('another address, and another account, are not concerned', async () => {
      const people = quickly(store());
      const [ada, bob] = [await people.person(), await people.person()];
      await people.wrong(few + 1, { email: ada.email });
      await expect(people.signIn({ email: bob.email })).resolves.toBeDefined();
      await expect(
        people.signIn({ email: ada.email, ip: anotherAddress() }),
      ).resolves.toBeDefined();
    });

    test('a success takes back the wrong ones before it', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      for (let i = 0; i < 3; i++) {
        await people.wrong(few - 1, { email });
        await expect(people.signIn({ email })).resolves.toBeDefined();
      }
    });

    test('right passwords have a limit of their own, by account, in whatever browsers', async () => {
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

    test('of IPv6 the addresses of one /64 are one address', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      for (let i = 0; i < few; i++) await people.wrong(1, { email, ip: `2001:db8:1:2:${i}::${i}` });
      const from = (ip: string) => outcomes([people.signIn({ email, ip })]);
      expect(await from('2001:DB8:1:2:ffff:ffff:ffff:ffff')).toEqual(['limited']);
      expect(await from('2001:db8:1:3::1')).toEqual(['in']);
    });

    test('an IPv4 address is the same in the clothes of IPv6', async () => {
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

    test('many wrong passwords, then none is checked, however many come at once', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const ip = anotherAddress();
      expect(await spray(people, many + 50, ip)).toEqual({ wrong: many, limited: 50 });
      expect(people.hasher.verified).toHaveLength(many);
      await expect(people.signIn({ email, ip })).rejects.toMatchObject({ reason: 'limited' });
      await expect(people.signIn({ email, ip: anotherAddress() })).resolves.toBeDefined();
    });

    test('one who may sign in cannot go on by doing so in between', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const ip = anotherAddress();
      await spray(people, many - 1, ip);
      await people.signIn({ email, ip });
      expect(await spray(people, 2, ip)).toEqual({ wrong: 1, limited: 1 });
    });

    test('a browser that the account knows is let in from there', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const ip = anotherAddress();
      const { knownBrowser } = await people.signIn({ email, ip });
      await spray(people, many, ip);
      await expect(people.signIn({ email, ip, knownBrowser })).resolves.toBeDefined();
    });
  });

  describe('a stranger cannot lock an account out', () => {
    /** Wrong passwords at one account from as many addresses as it takes. */
    const attack = async (people: ReturnType<typeof quickly>, email: string, count: number) => {
      for (let i = 0; i < count; i++) await people.wrong(1, { email, ip: anotherAddress() });
    };

    test('from wherever they come, its person is let in: from a new browser after a wait, from a known one at once', async () => {
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

    test('at the very address of its person, the known browser is let in', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      const { knownBrowser } = await people.signIn({ email });
      await people.wrong(few + 1, { email });
      await expect(people.signIn({ email })).rejects.toMatchObject({ reason: 'limited' });
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
    });

    test('the wait grows from attempt to attempt up to its bound, and falls again when the time is over', async () => {
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

    test('those who come at once wait as long as one after another', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await Promise.all(
        Array.from({ length: slowing.free + 4 }, () =>
          people.wrong(1, { email, ip: anotherAddress() }),
        ),
      );
      expect(people.waits.sort((a, b) => a - b)).toEqual([500, 1000, 2000, 4000]);
    });

    test('those of one account wait one after another, and not without end', async () => {
      // The first waits until the line is full, whatever the store takes for the others.
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

    test('an account that is not there makes strangers wait as one that is', async () => {
      const people = quickly(store());
      await attack(people, 'nobody.here@example.com', slowing.free + 3);
      expect(people.waits).toEqual([500, 1000, 2000]);
    });

    test('right passwords slow nobody down', async () => {
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

    test('other browsers are refused, with the right password too, and no password is checked', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      await tooMany(people, email);
      people.hasher.verified.splice(0);
      const refused = people.signIn({ email, ip: anotherAddress() });
      await expect(refused).rejects.toMatchObject({ reason: 'paused' });
      expect(people.hasher.verified).toEqual([]);
    });

    test('it is the same where there is no such account', async () => {
      const people = quickly(store());
      await tooMany(people, 'nobody.in.a.row@example.com');
      const refused = people.signIn({ email: 'Nobody.in.a.row@example.com', ip: anotherAddress() });
      await expect(refused).rejects.toMatchObject({ reason: 'paused' });
    });

    test('a known browser is let in, and ends the pause for others', async () => {
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

    test('a right one between begins the row anew', async () => {
      const people = quickly(store());
      const { email } = await people.person();
      for (let i = 1; i < attempts.inARow.points; i++)
        await people.wrong(1, { email, ip: anotherAddress() });
      await people.signIn({ email, ip: anotherAddress() });
      await people.wrong(2, { email, ip: anotherAddress() });
      await expect(people.signIn({ email, ip: anotherAddress() })).resolves.toBeDefined();
    });
  });

  test('who is known, and who is not, waits in a lane of their own, by account and network', async () => {
    const people = quickly(store());
    const { id, email } = await people.person();
    const { knownBrowser } = await people.signIn({ email });
    await people.signIn({ email, knownBrowser });
    await people.wrong(1, { email: 'nobody.here@example.com' });
    expect(people.hasher.turns).toEqual([
      { lane: 'strangers', account: email, network: here },
      { lane: 'people', account: id, network: here },
      { lane: 'strangers', account: 'nobody.here@example.com', network: here },
    ]);
  });

  describe('a browser that the account knows', () => {
    test('has a limit of its own, however many come at once, and a success takes it back', async () => {
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

    test('is not held up by another that the account knows', async () => {
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
        'with another browser in it',
        ({ own }) => own.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')),
      ],
      ['that is cut', ({ own }) => own.slice(0, -1)],
      ['without a mark', ({ own }) => own.slice(0, 23)],
      ['that is empty', () => ''],
      ['that is huge', () => 'a'.repeat(1_000_000)],
    ])('is not believed by a cookie %s', async (_what, forge) => {
      const people = quickly(store());
      const [ada, bob] = [await people.person(), await people.person()];
      // Nothing but the account tells their marks apart.
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

    test('is known under every key of the installation, and under no other', async () => {
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

    test('is known no more once the password is another', async () => {
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

    test('stays known where its hash was only made anew', async () => {
      const people = openPeople(store());
      const { default: bcrypt } = await import('bcrypt');
      const { email } = await people.person({ hash: await bcrypt.hash(goodPassword, 4) });
      const { knownBrowser } = await people.signIn({ email });
      await people.wrong(few, { email });
      await expect(people.signIn({ email, knownBrowser })).resolves.toBeDefined();
    });
  });
});

test('so many wait at all accounts together, and no more: those who wait are requests in progress', async () => {
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
  const waiting = Array.from({ length: slowing.mostWaiting }, (_, number) => attempt(number));
  await nextTick();
  await expect(attempt(1000)).rejects.toMatchObject({ name: 'LimitReached' });
  over = true;
  held.resolve();
  await Promise.all(waiting);
  await expect(attempt(1000)).resolves.toBeDefined();
});
