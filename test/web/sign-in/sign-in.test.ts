import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { attributesOf } from '../../support/cookies.ts';
import { makePerson, signedIn, type TestPerson } from '../../support/people.ts';
import { onStack, type Stack, unique } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';

/** In milliseconds since 1970; NaN for a cookie that ends with the browser. */
const expiresAt = (cookie: string): number =>
  Date.parse(/; expires=([^;]*)/i.exec(cookie)?.[1] ?? '');

onStack(
  (stack) => {
    test('the start page leads to the sign-in page, and who is signed in to their account', async () => {
      expect((await createVisitor(stack().origin).get('/')).location).toBe('/sign-in');
      const { visitor } = await signedIn(stack());
      expect((await visitor.get('/')).location).toBe('/account');
    });

    test('a failed sign-in leaves one line for its account and network, and nothing that was typed', async () => {
      const lines = () =>
        stack()
          .logged()
          .split('\n')
          .filter((line) => line.includes('sign-in: wrong'))
          .map((line) => JSON.parse(line));
      const before = lines().length;
      const people = [await makePerson(stack()), await makePerson(stack())];
      const typed = unique('nobody');
      for (const email of [...people.map((person) => person.email), `${typed}@example.com`])
        for (let tries = 0; tries < 2; tries++)
          await createVisitor(stack().origin).signIn(email, `wrong ${typed}`);
      const told = lines().slice(before);
      for (const { accountId: id } of people)
        expect(told.filter(({ account_id }) => account_id === id)).toMatchObject([
          { msg: 'authentication failed', count: 1, network: expect.stringMatching(/\d/) },
        ]);
      expect(stack().logged()).not.toContain(typed);
    });

    test('who signs in comes where they wanted to go, as themselves', async () => {
      const { email, password } = await makePerson(stack(), { name: 'Grace Hopper' });
      const visitor = createVisitor(stack().origin);
      const first = await visitor.get('/account/connected');
      expect(first.location).toBe('/sign-in?return_to=%2Faccount%2Fconnected');
      const form = await visitor.follow(first);
      expect(form.status).toBe(200);
      const after = await visitor.submit('/sign-in', {
        email: email.toUpperCase(),
        password,
        return_to: '/account/connected',
      });
      expect([after.status, after.location]).toEqual([303, '/account/connected']);
      expect((await visitor.follow(after)).words).toContain('Grace Hopper');
    });

    test.each([
      'https://evil.test/',
      '//evil.test/',
      '/\\evil.test',
      '/account/../../evil',
      'javascript:alert(1)',
      '/device?user_code=A\r\nSet-Cookie: a=b',
    ])('a link cannot lead a sign-in to %j', async (returnTo) => {
      const { email, password } = await makePerson(stack());
      const visitor = createVisitor(stack().origin);
      const after = await visitor.signIn(email, password, returnTo);
      expect([after.status, after.location]).toEqual([303, '/account']);
    });

    test('a wrong password and an unknown address are refused in the same words', async () => {
      const { email } = await makePerson(stack());
      const seen = await Promise.all(
        [email, 'nobody@example.com'].map(async (address) => {
          const page = await createVisitor(stack().origin).signIn(address, 'not the password');
          return [page.status, page.words.replaceAll(address, 'ADDRESS')];
        }),
      );
      expect(seen[0]).toEqual(seen[1]);
      expect(seen[0]?.[0]).toBe(400);
      expect(seen[0]?.[1]).toContain('is incorrect');
    });

    test('the refused form keeps the address and never the password', async () => {
      const page = await createVisitor(stack().origin).signIn(
        'a"b@example.com',
        'a "secret" <word>',
      );
      expect(page.text).toContain('value="a&quot;b@example.com"');
      expect(page.text).not.toContain('secret');
    });

    test('who guesses too often is told how long to wait, and the owner signs in elsewhere', async () => {
      const { email, password } = await makePerson(stack());
      const stranger = createVisitor(stack().origin, { 'x-forwarded-for': '203.0.113.9' });
      let page = await stranger.signIn(email, 'wrong');
      for (let tries = 0; tries < 30 && page.status === 400; tries++)
        page = await stranger.submit('/sign-in', { email, password: `wrong ${tries}` });
      expect(page.status).toBe(429);
      expect(page.words).toMatch(/Too many attempts.*Try again in \d+ (seconds|minutes)/);
      expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
      // Even with the right password: or guessing would go on.
      expect((await stranger.submit('/sign-in', { email, password })).status).toBe(429);
      const owner = createVisitor(stack().origin, { 'x-forwarded-for': '198.51.100.7' });
      expect((await owner.signIn(email, password)).status).toBe(303);
    });

    test('what a caller writes into X-Forwarded-For themself neither frees them nor locks out another', async () => {
      const { email, password } = await makePerson(stack());
      const statuses: number[] = [];
      for (let tries = 0; tries < 8; tries++) {
        const forwarded = `198.51.100.7, 192.0.2.${tries}, 203.0.113.77`;
        const stranger = createVisitor(stack().origin, { 'x-forwarded-for': forwarded });
        statuses.push((await stranger.signIn(email, 'wrong')).status);
      }
      expect(statuses.at(-1)).toBe(429);
      const owner = createVisitor(stack().origin, { 'x-forwarded-for': '198.51.100.7' });
      expect((await owner.signIn(email, password)).status).toBe(303);
    });

    test.each<[string, (stack: Stack, person: TestPerson) => Promise<unknown>]>([
      [
        'their address changes',
        ({ domain }, { accountId }) =>
          domain.accounts.update(serverActor, accountId, { email: `${unique('new')}@example.com` }),
      ],
      [
        'they are disabled, also once they are enabled again',
        async ({ domain }, { accountId }) => {
          await domain.accounts.disable(serverActor, accountId);
          await domain.accounts.enable(serverActor, accountId);
        },
      ],
      [
        'they change their password',
        async ({ origin }, { email, password }) => {
          const visitor = createVisitor(origin);
          await visitor.signIn(email, password);
          await visitor.get('/account/password');
          const next = 'a password of their own choice';
          await visitor.submit('/account/password', {
            current: password,
            password: next,
            repeat: next,
          });
        },
      ],
    ])('a link that is out for somebody is worth nothing once %s', async (_what, happens) => {
      const person = await makePerson(stack());
      const { value } = await stack().domain.invitations.create(serverActor, person.accountId);
      const visitor = createVisitor(stack().origin);
      expect((await visitor.get(`/invitation/${value}`)).status).toBe(200);
      await happens(stack(), person);
      expect((await visitor.get(`/invitation/${value}`)).status).toBe(404);
    });

    test('each sign-in has a session of its own, and the one before it in that browser ends', async () => {
      const { email, password, visitor } = await signedIn(stack());
      const before = new Map(visitor.cookies);
      await stack()
        .domain.database.kysely.updateTable('session')
        .set({ signed_in_at: sql<Date>`now() - interval '1 day'` })
        .execute();
      await visitor.get('/sign-in?again=1');
      const page = await visitor.submit('/sign-in', { email, password, return_to: '/account' });
      expect(page.status).toBe(303);
      expect(visitor.cookies.get('writ_session')).not.toBe(before.get('writ_session'));
      const old = createVisitor(stack().origin);
      for (const [name, value] of before) old.cookies.set(name, value);
      expect((await old.get('/account')).location).toBe('/sign-in');
    });

    test('cookies are kept from scripts and from other sites', async () => {
      const { email, password } = await makePerson(stack());
      const visitor = createVisitor(stack().origin);
      const page = await visitor.signIn(email, password);
      const cookies = page.headers.getSetCookie();
      expect(cookies.map((cookie) => cookie.split('=', 1)[0]).sort()).toEqual([
        'writ_known',
        'writ_session',
      ]);
      for (const cookie of cookies)
        expect(attributesOf(cookie)).toEqual(['httponly', 'path=/', 'samesite=lax']);
      // A browser stays known for 400 days, and signed in until it is closed.
      const expiry = new Map(cookies.map((cookie) => [cookie.split('=', 1)[0], expiresAt(cookie)]));
      expect(expiry.get('writ_session')).toBeNaN();
      expect((expiry.get('writ_known') ?? 0) - Date.now()).toBeGreaterThan(399 * 86_400_000);
    });

    test('who signs out is signed out, in this browser alone', async () => {
      const { email, password, visitor } = await signedIn(stack());
      const other = createVisitor(stack().origin);
      await other.signIn(email, password);
      const kept = new Map(visitor.cookies);
      await visitor.get('/account');
      const page = await visitor.follow(await visitor.submit('/sign-out'));
      expect(page.words).toContain('You are signed out');
      // The cookie itself opens nothing any more.
      for (const [name, value] of kept) visitor.cookies.set(name, value);
      expect((await visitor.get('/account')).location).toBe('/sign-in');
      expect((await other.get('/account')).status).toBe(200);
    });

    test('a disabled account is signed out at once, and cannot sign in', async () => {
      const { accountId, email, password, visitor } = await signedIn(stack());
      await stack().domain.accounts.disable(serverActor, accountId);
      expect((await visitor.get('/account')).location).toBe('/sign-in');
      expect((await visitor.signIn(email, password)).status).toBe(400);
    });

    test('a double click on "Sign in" signs in', async () => {
      const { email, password } = await makePerson(stack());
      const visitor = createVisitor(stack().origin);
      await visitor.get('/sign-in');
      const both = await Promise.all(
        [1, 2].map(() => visitor.submit('/sign-in', { email, password, return_to: '/account' })),
      );
      expect(both.map(({ status }) => status)).toEqual([303, 303]);
      expect((await visitor.get('/account')).status).toBe(200);
    });

    test('the link of an invitation sets the password and signs in', async () => {
      const { domain, origin } = stack();
      const email = `${Date.now()}-invited@example.com`;
      const { id } = await domain.accounts.create(serverActor, { name: 'Alan Turing', email });
      const { value } = await domain.invitations.create(serverActor, id);
      const visitor = createVisitor(origin);
      const form = await visitor.get(`/invitation/${value}`);
      expect(form.words).toContain('Alan Turing');
      const password = 'an enigma for the ages';
      const unlike = await visitor.submit('/invitation', {
        ...{ value, password: 'short', repeat: 'another' },
      });
      expect(unlike.status).toBe(400);
      for (const words of ['passwords are different', 'Use at least 10 characters'])
        expect(unlike.words).toContain(words);
      const short = await visitor.submit('/invitation', {
        value,
        password: 'short',
        repeat: 'short',
      });
      expect(short.status).toBe(400);
      expect(visitor.cookies.has('writ_session')).toBe(false);
      const done = await visitor.submit('/invitation', { value, password, repeat: password });
      const home = await visitor.follow(done);
      expect([done.location, home.words]).toEqual([
        expect.stringMatching(/^\/account\?/),
        expect.stringContaining('you are signed in'),
      ]);
      expect(home.words).toContain(email);
      expect(await domain.sessions.list(id)).toHaveLength(1);
      // This browser is known to the account, whoever tries passwords from elsewhere.
      expect(visitor.cookies.has('writ_known')).toBe(true);
      expect((await createVisitor(origin).signIn(email, password)).status).toBe(303);
      // The link works once. Who is signed in is not sent to sign in.
      const used = await visitor.get(`/invitation/${value}`);
      expect([used.status, used.words]).toEqual([
        404,
        expect.stringContaining('You are signed in. Go to your account'),
      ]);
      expect((await createVisitor(origin).get(`/invitation/${value}`)).words).toContain(
        'you can sign in',
      );
      // Another link replaces the password, and everything that the old one let in is out.
      const reset = await domain.invitations.create(serverActor, id);
      await visitor.get(`/invitation/${reset.value}`);
      const other = 'another enigma for the ages';
      const replaced = await visitor.follow(
        await visitor.submit('/invitation', {
          ...{ value: reset.value, password: other, repeat: other },
        }),
      );
      expect(replaced.words).toContain('Access of all apps, devices and tokens was revoked.');
    });

    test('the link of an invitation ends the session that another person had in the browser', async () => {
      const { domain } = stack();
      const before = await signedIn(stack());
      const { accountId } = await makePerson(stack());
      const { value } = await domain.invitations.create(serverActor, accountId);
      await before.visitor.get(`/invitation/${value}`);
      const password = 'quite another long password';
      await before.visitor.submit('/invitation', { value, password, repeat: password });
      expect(await domain.sessions.list(before.accountId)).toEqual([]);
      expect(await domain.sessions.list(accountId)).toHaveLength(1);
    });

    test.each([
      '/device?user_code=BCDF-GHJK',
      '/apps/invitations/writ_app_x',
      '/account/connected',
    ])(
      'a person who was asked to sign in for %s goes on there by the link of an invitation, once',
      async (wanted) => {
        const { accountId } = await makePerson(stack());
        const visitor = createVisitor(stack().origin);
        await visitor.follow(await visitor.get(wanted));
        const accept = async () => {
          const { value } = await stack().domain.invitations.create(serverActor, accountId);
          await visitor.get(`/invitation/${value}`);
          const password = 'an enigma for the ages';
          return visitor.submit('/invitation', { value, password, repeat: password });
        };
        expect((await accept()).location).toBe(wanted);
        expect((await accept()).location).toMatch(/^\/account\?/);
      },
    );

    test('what a cookie remembers of another site is not gone on to', async () => {
      const { accountId } = await makePerson(stack());
      const { value } = await stack().domain.invitations.create(serverActor, accountId);
      const visitor = createVisitor(stack().origin);
      await visitor.get(`/invitation/${value}`);
      visitor.cookies.set(
        'writ_return_to',
        Buffer.from('https://evil.example/').toString('base64url'),
      );
      const password = 'an enigma for the ages';
      const done = await visitor.submit('/invitation', { value, password, repeat: password });
      expect(done.location).toMatch(/^\/account\?/);
    });

    test('a sign-in form names every field that is empty, and counts no attempt', async () => {
      const visitor = createVisitor(stack().origin);
      await visitor.get('/sign-in');
      const page = await visitor.submit('/sign-in', {});
      expect(page.status).toBe(400);
      expect(page.words).toContain('Enter your email address');
      expect(page.words).toContain('Enter your password');
    });

    test('a page is in the first language of the browser that exists; the menu changes it by a link, in this browser only', async () => {
      const headers = { 'accept-language': 'sv, pt;q=0.4, de-CH;q=0.8, *;q=0.1' };
      const visitor = createVisitor(stack().origin, headers);
      const page = await visitor.get('/sign-in?return_to=%2Fdevice');
      expect(page.text).toContain('<html lang="de">');
      expect(page.headers.get('content-language')).toBe('de');
      expect(page.headers.get('vary')).toMatch(/accept-language/i);
      expect(page.headers.get('cache-control')).toBe('no-store');
      const [, link = ''] = /href="([^"]*)" lang="fr"/.exec(page.text) ?? [];
      const path = `/sign-in${link.replaceAll('&amp;', '&')}`;
      expect(new URL(path, stack().origin).searchParams.get('return_to')).toBe('/device');
      const chosen = await visitor.get(path);
      expect(chosen.words).toContain('Mot de passe oublié');
      expect(chosen.headers.getSetCookie().join()).toMatch(
        /writ_language=fr; path=\/;.*samesite=lax; httponly/i,
      );
      expect((await visitor.submit('/sign-in', {})).words).toContain(
        'Saisissez votre mot de passe',
      );
      expect((await visitor.get('/nowhere')).text).toContain('<html lang="fr">');
      // A link to such a path would lead to another server.
      const outside = await visitor.get('//evil.example/');
      expect(outside.text).toContain('<html lang="fr">');
      expect(outside.text).not.toContain('evil.example');
      expect((await visitor.get('/sign-in?language=tlh')).text).toContain('<html lang="fr">');
      const other = createVisitor(stack().origin, headers);
      expect((await other.get('/sign-in')).text).toContain('<html lang="de">');
    });

    test('the value of a link stays out of the log when its page is shown in another language', async () => {
      const { accountId } = await makePerson(stack());
      const { value } = await stack().domain.invitations.create(serverActor, accountId);
      const page = await createVisitor(stack().origin).get(`/invitation/${value}?language=de`);
      expect(page.words).toContain('Passwort wählen');
      expect(stack().logged()).not.toContain(value);
    });

    test.each(['writ_inv_none', '%00', 'Q'.repeat(2000)])(
      'the link of an invitation that is not there is told so',
      async (value) => {
        expect((await createVisitor(stack().origin).get(`/invitation/${value}`)).status).toBe(404);
      },
    );
  },
  { TRUST_PROXY: 'true' },
);
