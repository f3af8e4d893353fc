import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { sealEmailClaim } from '../../../src/domain/accounts/email-verification.ts';
import { addAuthenticator } from '../../support/factors.ts';
import { signedIn } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, secretKey } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';

onStack((stack) => {
  test('people change what they are called', async () => {
    const { visitor } = await signedIn(stack(), { name: 'Ada' });
    await visitor.get('/account');
    const page = await visitor.submit('/account/profile', {
      name: '  Ada, Countess <of> Lovelace ',
    });
    const shown = await visitor.follow(page);
    expect(shown.words).toContain('Your profile is saved');
    expect(shown.text).toContain('Ada, Countess &lt;of&gt; Lovelace');
  });

  test('people fill in and empty what apps can read about them; a wrong field is named', async () => {
    const { visitor, accountId } = await signedIn(stack(), { name: 'Ada' });
    const find = async () => stack().domain.accounts.describe(accountId);
    await visitor.get('/account');
    const form = { name: 'Ada', whole: 'yes', nickname: 'Countess', zoneinfo: 'Europe/London' };
    expect((await visitor.submit('/account/profile', form)).status).toBe(303);
    expect(await find()).toMatchObject({ nickname: 'Countess', zoneinfo: 'Europe/London' });
    const wrong = await visitor.submit('/account/profile', { ...form, picture: 'ftp://x/y' });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('id="picture-problem"');
    expect((await visitor.submit('/account/profile', { name: 'Ada', whole: 'yes' })).status).toBe(
      303,
    );
    expect(await find()).toMatchObject({ nickname: null, zoneinfo: null });
  });

  test('a person with a link to verify their address confirms it in any browser', async () => {
    const { accountId, email } = await signedIn(stack());
    const value = sealEmailClaim(createKeyring([secretKey]), { accountId, email });
    keepSecret('email link', value);
    const visitor = createVisitor(stack().origin);
    const page = await visitor.get(`/email/${value}`);
    expect([page.status, page.words]).toEqual([200, expect.stringContaining(email)]);
    expect((await stack().domain.accounts.describe(accountId))?.email_verified).toBe(false);
    expect((await visitor.submit('/email', { value })).words).toContain('is verified');
    expect((await stack().domain.accounts.describe(accountId))?.email_verified).toBe(true);
    for (const wrong of ['x', value.slice(0, -2)])
      expect((await visitor.get(`/email/${wrong}`)).status).toBe(404);
  });

  test('a form of another site does not verify an address', async () => {
    const { accountId, email } = await signedIn(stack());
    const value = sealEmailClaim(createKeyring([secretKey]), { accountId, email });
    keepSecret('email link', value);
    expect((await stack().post('/email', { value })).status).toBe(403);
    expect((await stack().domain.accounts.describe(accountId))?.email_verified).toBe(false);
  });

  test.each(['', '   ', 'x'.repeat(201), 'a\nb', 'a\0b'])('%j is no name', async (name) => {
    const { visitor, accountId } = await signedIn(stack(), { name: 'Ada' });
    await visitor.get('/account');
    expect((await visitor.submit('/account/profile', { name })).status).toBe(400);
    expect((await stack().domain.accounts.describe(accountId))?.name).toBe('Ada');
  });

  test('a new password works, the old one does not, and other browsers are signed out', async () => {
    const { email, password, visitor } = await signedIn(stack());
    const other = createVisitor(stack().origin);
    await other.signIn(email, password);
    await visitor.get('/account/password');
    const next = 'quite another long password';
    const form = { current: password, password: next, repeat: next };
    const wrong = await visitor.submit('/account/password', { ...form, current: 'not it at all' });
    expect(wrong.status).toBe(400);
    const unlike = await visitor.submit('/account/password', {
      ...form,
      password: 'short',
      repeat: 'a typing error',
    });
    expect(unlike.status).toBe(400);
    for (const words of ['passwords are different', 'Use at least 10 characters'])
      expect(unlike.words).toContain(words);
    const same = await visitor.submit('/account/password', {
      ...{ current: password, password, repeat: password },
    });
    expect([same.status, same.words]).toEqual([
      400,
      expect.stringContaining('Choose a password that differs from the current one.'),
    ]);
    const done = await visitor.follow(await visitor.submit('/account/password', form));
    expect(done.words).toContain('Your password is changed');
    expect((await visitor.get('/account')).status).toBe(200);
    expect((await other.get('/account')).location).toBe('/sign-in');
    const fresh = createVisitor(stack().origin);
    expect((await fresh.signIn(email, password)).status).toBe(400);
    expect((await fresh.signIn(email, next)).status).toBe(303);
  });

  test('whoever has a copy of the cookie is turned out by a new password', async () => {
    const { password, visitor } = await signedIn(stack());
    const thief = createVisitor(stack().origin);
    for (const [name, value] of visitor.cookies) thief.cookies.set(name, value);
    expect((await thief.get('/account')).status).toBe(200);
    await visitor.get('/account/password');
    const next = 'quite another long password';
    await visitor.submit('/account/password', { current: password, password: next, repeat: next });
    expect((await visitor.get('/account')).status).toBe(200);
    expect((await thief.get('/account')).location).toBe('/sign-in');
  });

  test('people see where they are signed in, and end what they do not know', async () => {
    const { email, password, visitor } = await signedIn(stack());
    const other = createVisitor(stack().origin, {
      'user-agent':
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    });
    await other.signIn(email, password);
    const page = await visitor.get('/account');
    expect(page.words).toContain('Chrome on Windows');
    const id = /name="session_id" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const ended = await visitor.submit('/account/sessions/end', { session_id: id });
    expect((await visitor.follow(ended)).words).not.toContain('Chrome on Windows');
    expect((await other.get('/account')).location).toBe('/sign-in');
    expect((await visitor.get('/account')).status).toBe(200);
  });

  test('what needs a recent sign-in asks for the second factor of an account that has one, and returns', async () => {
    const { visitor, accountId } = await signedIn(stack());
    const { kysely } = stack().database;
    await visitor.get('/account/password');
    await addAuthenticator(kysely, accountId);
    for (const path of ['/account/password', '/account/tokens/new', '/apps/new', '/device']) {
      const { location } = await visitor.get(path);
      expect(location).toBe(`/sign-in/factor?return_to=${encodeURIComponent(path)}`);
    }
    const sent = await visitor.submit('/account/sessions/end-others');
    expect(sent.location).toBe('/sign-in/factor?return_to=%2Faccount%3Fdone%3Dagain');
    await sql`update session set factor_at = now() where account_id = ${accountId}::uuid`.execute(
      kysely,
    );
    expect((await visitor.get('/account/password')).status).toBe(200);
  });

  test('the addresses that these pages had before lead to the pages of today', async () => {
    const { visitor } = await signedIn(stack());
    expect((await visitor.get('/account/devices')).location).toBe('/account/connected');
    expect((await visitor.get('/account/sessions')).location).toBe('/account#sessions');
  });

  test('"everywhere else" leaves this browser alone', async () => {
    const { email, password, visitor } = await signedIn(stack());
    const others = [createVisitor(stack().origin), createVisitor(stack().origin)];
    for (const other of others) await other.signIn(email, password);
    await visitor.get('/account');
    await visitor.submit('/account/sessions/end-others');
    for (const other of others) expect((await other.get('/account')).location).toBe('/sign-in');
    expect((await visitor.get('/account')).status).toBe(200);
  });

  test('nobody ends the session of somebody else', async () => {
    const owner = await signedIn(stack());
    const [session] = await stack().domain.sessions.list(owner.accountId);
    const { visitor } = await signedIn(stack());
    await visitor.get('/account');
    await visitor.submit('/account/sessions/end', { session_id: session?.id ?? '' });
    expect((await owner.visitor.get('/account')).status).toBe(200);
  });
});
