// Sign-in with other identity providers: an OpenID Provider and a GitHub on the loopback interface.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createGuardedFetch } from '../../../src/upstream/guarded-fetch.ts';
import { operatorOf } from '../../cli/operator.ts';
import { chromiumPath, openBrowser, openPage } from '../../support/browser.ts';
import { addAuthenticator } from '../../support/factors.ts';
import {
  leavesTo,
  signInWith,
  startGitHub,
  startIdentityProvider,
  type TestProvider,
  throughProvider,
  upstreamSecret,
} from '../../support/identity-provider.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { createVisitor, type Visitor } from '../../support/visitor.ts';

onStack((stack) => {
  let op: TestProvider;
  let github: Awaited<ReturnType<typeof startGitHub>>;
  const home = () => stack().origin;

  const providers = () => stack().api;
  const configure = (id: string, changes: Record<string, unknown>) =>
    providers().call('PATCH', `/identity-providers/${id}`, changes);
  const defaults = {
    create_accounts: 'verified',
    allowed_domains: ['acme.com'],
    role_rules: [],
    domains: [],
    trusts_second_factor: false,
    sign_out: false,
    updates_profile: false,
  };

  beforeAll(async () => {
    op = await startIdentityProvider(stack().issuer, ['acme', 'other']);
    github = await startGitHub();
    for (const id of ['acme', 'other']) {
      const made = await providers().call('POST', '/identity-providers', {
        id,
        name: id === 'acme' ? 'Acme Login' : 'Another',
        issuer: op.origin,
        client_id: 'writ',
        client_secret: upstreamSecret,
        private_network: true,
        trusts_email: true,
        ...defaults,
      });
      expect([
        made.status,
        made.body.has_client_secret,
        made.text.includes(upstreamSecret),
      ]).toEqual([201, true, false]);
    }
    await providers().call('POST', '/identity-providers', {
      id: 'github',
      preset: 'github',
      issuer: github.origin,
      client_id: 'writ',
      client_secret: 'a secret of GitHub',
      private_network: true,
      create_accounts: 'verified',
      allowed_domains: ['*'],
    });
  });
  afterAll(async () => {
    await op?.close();
    await github?.close();
  });

  /** Another person at the provider. */
  const somebody = (claims: Record<string, unknown> = {}) => {
    const sub = unique('subject');
    op.state.person = {
      sub,
      email: `${unique('grace')}@acme.com`,
      email_verified: true,
      name: 'Grace Hopper',
      ...claims,
    };
    return op.state.person as { sub: string; email: string };
  };

  const atSignIn = async (): Promise<Visitor> => {
    const visitor = createVisitor(home());
    await visitor.get('/sign-in');
    return visitor;
  };

  const accountOf = async (visitor: Visitor) => {
    const page = await visitor.get('/account');
    return page.status === 200 ? page.words : undefined;
  };

  const findAccount = async (email: string) =>
    (await providers().call('GET', `/accounts?email=${encodeURIComponent(email)}`)).body.items[0];

  test('a new person with a verified address of an allowed domain gets an account, and comes back to it later', async () => {
    const { email } = somebody({ picture: 'https://acme.com/grace.png' });
    const visitor = await atSignIn();
    expect((await visitor.get('/sign-in')).words).toContain('Continue with Acme Login');
    const done = await signInWith(visitor, home(), 'acme', { return_to: '/account/connected' });
    expect([done.status, done.location]).toEqual([303, '/account/connected']);
    expect(await accountOf(visitor)).toContain('Grace Hopper');
    const account = await findAccount(email);
    expect(account).toMatchObject({
      name: 'Grace Hopper',
      email,
      email_verified: true,
      picture: 'https://acme.com/grace.png',
      has_password: false,
    });

    op.state.person = { ...op.state.person, name: 'Another Name', email: 'moved@elsewhere.org' };
    const again = await atSignIn();
    expect((await signInWith(again, home(), 'acme')).location).toBe('/account');
    expect((await again.get('/sign-in?switch=1')).words).toContain('Last used');
    expect(await findAccount(email)).toMatchObject({ id: account.id, name: 'Grace Hopper', email });
    const [session] = await stack().domain.sessions.list(account.id);
    expect(session?.amr).toEqual(['fed']);
    const { rows } = await sql<{
      text: string;
    }>`select i::text as text from linked_identity i`.execute(stack().database.kysely);
    expect(rows.some(({ text }) => /eyJ|access_token/.test(text))).toBe(false);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['an unverified address', { email_verified: false }, {}, 'does not confirm'],
    ['no address', { email: undefined }, {}, 'does not confirm'],
    ['an address of another domain', { email: 'eve@evil.org' }, {}, 'do not get an account'],
    ['a provider that creates none', {}, { create_accounts: 'no' }, 'no account here is connected'],
    ['a provider whose word does not count', {}, { trusts_email: false }, 'does not confirm'],
  ])('%s creates no account', async (_case, claims, changes, words) => {
    const { sub } = somebody(claims);
    await configure('acme', changes);
    const visitor = await atSignIn();
    const page = await signInWith(visitor, home(), 'acme');
    await configure('acme', { ...defaults, trusts_email: true });
    expect([page.status, page.words]).toEqual([403, expect.stringContaining(words)]);
    const linked = await stack()
      .database.kysely.selectFrom('linked_identity')
      .selectAll()
      .where('subject', '=', sub)
      .execute();
    expect(linked).toEqual([]);
  });

  test('an equal address connects nothing: the person proves the account first, confirms, and can undo it', async () => {
    const person = await makePerson(stack());
    // The address is of example.com.
    somebody({ email: person.email });
    await configure('acme', { allowed_domains: ['example.com'] });
    const visitor = await atSignIn();
    const known = await signInWith(visitor, home(), 'acme', { return_to: '/account/connected' });
    await configure('acme', defaults);
    expect([known.status, known.words]).toEqual([
      403,
      expect.stringContaining('You have an account already'),
    ]);
    expect(await accountOf(visitor)).toBeUndefined();
    const asked = await visitor.get('/account/security/connect');
    expect(asked.location).toContain('/sign-in?return_to=%2Faccount%2Fsecurity%2Fconnect');
    await visitor.follow(asked);
    const proven = await visitor.submit('/sign-in', {
      email: person.email,
      password: person.password,
      return_to: '/account/security/connect',
    });
    const confirm = await visitor.follow(proven);
    expect(confirm.words).toContain('Connect Acme Login with your account?');
    const connected = await visitor.submit('/account/security/connect', { decision: 'connect' });
    expect(connected.location).toBe('/account/connected');
    expect((await signInWith(await atSignIn(), home(), 'acme')).location).toBe('/account');

    const security = await visitor.get('/account/security');
    expect(security.words).toContain('Acme Login');
    const identity_id = /name="identity_id" value="([^"]+)"/.exec(security.text)?.[1] ?? '';
    const removed = await visitor.submit('/account/security/identities/remove', { identity_id });
    expect(removed.location).toContain('done=provider_unlinked');
    expect((await signInWith(await atSignIn(), home(), 'acme')).status).toBe(403);
    const mails = await stack()
      .database.kysely.selectFrom('mail')
      .select('kind')
      .where('account_id', '=', person.accountId)
      .orderBy('created_at')
      .execute();
    expect(mails.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['provider_linked', 'provider_unlinked']),
    );
  });

  test('a person with a second factor proves it again before an identity is connected', async () => {
    const person = await signedIn(stack());
    const { visitor, accountId } = person;
    const { kysely } = stack().database;
    await addAuthenticator(kysely, accountId);
    // It was proven in this session, some time ago.
    await sql`update session set factor_at = now() - interval '2 hours' where account_id = ${accountId}::uuid`.execute(
      kysely,
    );
    somebody({ email: person.email });
    await visitor.get('/sign-in?switch=1');
    await signInWith(visitor, home(), 'acme');
    await visitor.follow(await visitor.get('/account/security/connect'));
    const proven = await visitor.submit('/sign-in', {
      email: person.email,
      password: person.password,
      return_to: '/account/security/connect',
    });
    expect(proven.location).toBe('/account/security/connect');
    const toFactor = '/sign-in/factor?return_to=%2Faccount%2Fsecurity%2Fconnect';
    expect((await visitor.get('/account/security/connect')).location).toBe(toFactor);
    await visitor.get('/account');
    const sent = await visitor.submit('/account/security/connect', { decision: 'connect' });
    expect(sent.location).toBe(toFactor);
    expect(await stack().domain.identities.list(accountId)).toEqual([]);
  });

  test('a sign-in is as old as the provider says; who is asked again proves themselves, and gets no other account', async () => {
    const { email } = somebody();
    const visitor = await atSignIn();
    const aged = (seconds: number) => {
      op.state.tamper = (claims) => ({ claims: { ...claims, auth_time: now() - seconds } });
    };
    aged(2 * 3600);
    expect((await signInWith(visitor, home(), 'acme')).location).toBe('/account');
    const again = '/sign-in?return_to=%2Faccount%2Fpassword&again=1';
    expect((await visitor.get('/account/password')).location).toBe(again);
    await visitor.get(again);
    aged(2 * 3600);
    const old = await signInWith(visitor, home(), 'acme', { again: '1' });
    expect(old.status).toBe(403);
    await visitor.get(again);
    aged(0);
    const fields = { again: '1', return_to: '/account/password' };
    expect((await signInWith(visitor, home(), 'acme', fields)).location).toBe('/account/password');
    expect((await visitor.get('/account/password')).status).toBe(200);
    // A sign-in that is older takes nothing from a session.
    await visitor.get('/sign-in?switch=1');
    aged(2 * 3600);
    await signInWith(visitor, home(), 'acme');
    expect((await visitor.get('/account/password')).status).toBe(200);

    const { email: another } = somebody();
    await visitor.get('/account');
    const refused = await signInWith(visitor, home(), 'acme', { again: '1' });
    expect([refused.status, refused.words]).toEqual([
      403,
      expect.stringContaining('another account'),
    ]);
    expect(await findAccount(another)).toBeUndefined();
    expect(await findAccount(email)).toBeDefined();
  });

  test('a signed-in person connects a provider in one step, not one of another account, and keeps a way to sign in', async () => {
    const { visitor } = await signedIn(stack());
    somebody();
    await visitor.get('/account/security');
    const done = await signInWith(visitor, home(), 'acme', { link: '1' });
    expect(done.location).toBe('/account/security?done=provider_linked');
    const other = await signedIn(stack());
    await other.visitor.get('/account/security');
    const refused = await signInWith(other.visitor, home(), 'acme', { link: '1' });
    expect([refused.status, refused.words]).toEqual([
      403,
      expect.stringContaining('another account'),
    ]);

    somebody();
    const alone = await atSignIn();
    await signInWith(alone, home(), 'acme');
    const page = await alone.get('/account/security');
    const identity_id = /name="identity_id" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    expect((await alone.get('/sign-in?again=1700000000000')).status).toBe(303);
    const later = await alone.get(`/sign-in?again=${Date.now() + 60_000}`);
    expect([later.words, later.text.includes('name="password"')]).toEqual([
      expect.stringContaining('Confirm that it is you'),
      false,
    ]);
    expect((await signInWith(alone, home(), 'acme', { again: '1' })).location).toBe('/account');
    await alone.get('/account/security');
    const kept = await alone.submit('/account/security/identities/remove', { identity_id });
    expect([kept.status, kept.words]).toEqual([
      409,
      expect.stringContaining('only way to sign in'),
    ]);
  });

  test('a person with only a provider sets a first password on the account page, and deletes the account without one', async () => {
    const { email } = somebody();
    const visitor = await atSignIn();
    await signInWith(visitor, home(), 'acme');
    expect((await visitor.get('/account/security')).words).toContain('You sign in without one.');
    const form = await visitor.get('/account/password');
    expect([form.words, form.text.includes('name="current"')]).toEqual([
      expect.stringContaining('Set a password'),
      false,
    ]);
    const next = 'nine lemons in a hat';
    const unlike = await visitor.submit('/account/password', { password: next, repeat: 'other' });
    expect([unlike.status, unlike.words]).toEqual([400, expect.stringContaining('are different')]);
    const set = await visitor.submit('/account/password', { password: next, repeat: next });
    expect((await visitor.follow(set)).words).toContain('Your password is set.');
    expect((await createVisitor(home()).signIn(email, next)).status).toBe(303);
    await visitor.get('/account/password');
    const asked = await visitor.submit('/account/password', { password: next, repeat: next });
    expect([asked.status, asked.words]).toEqual([
      400,
      expect.stringContaining('Enter your current password.'),
    ]);

    const leaving = somebody();
    const other = await atSignIn();
    await signInWith(other, home(), 'acme');
    await stack()
      .database.kysely.updateTable('session')
      .set({ signed_in_at: sql<Date>`now() - interval '2 hours'` })
      .where('account_id', '=', (await findAccount(leaving.email)).id)
      .execute();
    // The sign-in is too long ago: the provider confirms it.
    expect((await other.submit('/account/delete')).location).toContain('again=1');
    await other.get('/sign-in?again=1&return_to=%2Faccount%2Fdelete');
    const back = await signInWith(other, home(), 'acme', {
      again: '1',
      return_to: '/account/delete',
    });
    const page = await other.follow(back);
    expect(page.text).not.toContain('type="password"');
    expect((await other.submit('/account/delete')).location).toContain('done=account_deleted');
    expect(await findAccount(leaving.email)).toBeUndefined();
  });

  const now = () => Math.floor(Date.now() / 1000);

  test.each<
    [
      string,
      (claims: Record<string, unknown>) => { claims: Record<string, unknown>; unsigned?: boolean },
    ]
  >([
    ['another nonce', (claims) => ({ claims: { ...claims, nonce: 'another' } })],
    ['no nonce', ({ nonce: _nonce, ...claims }) => ({ claims })],
    ['another issuer', (claims) => ({ claims: { ...claims, iss: 'https://evil.org' } })],
    ['another audience', (claims) => ({ claims: { ...claims, aud: 'another' } })],
    [
      'an expiry in the past',
      (claims) => ({ claims: { ...claims, iat: now() - 900, exp: now() - 600 } }),
    ],
    ['no signature', (claims) => ({ claims, unsigned: true })],
  ])('an ID token with %s signs no one in', async (_case, tamper) => {
    somebody();
    op.state.tamper = tamper;
    const visitor = await atSignIn();
    const page = await signInWith(visitor, home(), 'acme');
    expect([page.status, page.words]).toEqual([403, expect.stringContaining('was not accepted')]);
    expect(await accountOf(visitor)).toBeUndefined();
  });

  test('a response works once, in its browser, for its provider, with its state and issuer', async () => {
    somebody();
    const visitor = await atSignIn();
    const begin = async (from: Visitor) => {
      await from.get('/sign-in');
      return throughProvider(leavesTo(await from.submit('/sign-in/with/acme')), home());
    };
    const expired = expect.stringContaining('has expired');
    const callback = await begin(visitor);
    expect([(await createVisitor(home()).get(callback)).words]).toEqual([expired]);
    const stranger = await atSignIn();
    expect((await stranger.get(callback)).words).toEqual(expired);
    expect((await visitor.get(callback.replace(/state=\w+/, 'state=another'))).words).toEqual(
      expired,
    );
    expect((await visitor.get(callback)).status).toBe(303);
    expect((await visitor.get(callback)).words).toEqual(expired);

    const fresh = await atSignIn();
    const mixedUp = (await begin(fresh)).replace('/with/acme/', '/with/other/');
    expect((await fresh.get(mixedUp)).words).toContain('was not accepted');
    const wrongIssuer = (await begin(fresh)).replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.org');
    expect((await fresh.get(wrongIssuer)).words).toContain('was not accepted');
    const denied = await begin(fresh);
    const state = /state=(\w+)/.exec(denied)?.[1];
    const said = await fresh.get(
      `/sign-in/with/acme/callback?error=access_denied&state=${state}&iss=${encodeURIComponent(op.origin)}`,
    );
    expect([said.status, said.words]).toEqual([
      403,
      expect.stringContaining('You did not sign in with'),
    ]);
    expect(await accountOf(fresh)).toBeUndefined();
  });

  test('roles by claims follow the claims at each sign-in, and roles given by hand stay', async () => {
    const [editor, byHand] = [unique('editor'), unique('hand')];
    for (const role of [editor, byHand]) await providers().setRole(role, []);
    await configure('acme', {
      role_rules: [{ claim: 'groups', value: 'editors', roles: [editor] }],
    });
    const { email } = somebody({ groups: ['staff', 'editors'] });
    const rolesAfter = async () => {
      await signInWith(await atSignIn(), home(), 'acme');
      return (await findAccount(email)).roles.toSorted();
    };
    expect(await rolesAfter()).toEqual([editor]);
    const { id } = await findAccount(email);
    await providers().call('PATCH', `/accounts/${id}`, { roles: [editor, byHand] });
    op.state.person = { ...op.state.person, groups: ['staff'] };
    expect(await rolesAfter()).toEqual([byHand]);
    op.state.person = { ...op.state.person, groups: ['editors'] };
    expect(await rolesAfter()).toEqual([editor, byHand].toSorted());
    // No later sign-in would take the role away.
    await stack()
      .database.kysely.updateTable('account')
      .set({ password_hash: 'none' })
      .where('id', '=', id)
      .execute();
    const [identity] = await stack().domain.identities.list(id);
    expect(await stack().domain.identities.unlink(id, String(identity?.id))).toBe(true);
    expect((await findAccount(email)).roles).toEqual([byHand]);
    await configure('acme', defaults);
  });

  test('an address of a routed domain goes to its provider; other ways stay', async () => {
    await configure('acme', { domains: ['routed.acme.com'] });
    const visitor = createVisitor(home());
    const first = await visitor.get('/sign-in');
    expect(first.text).not.toContain('name="password"');
    const sent = await visitor.submit('/sign-in', {
      email: 'Ada@Routed.Acme.com',
      step: 'address',
      return_to: '/account',
    });
    expect(new URL(leavesTo(sent)).searchParams.get('login_hint')).toBe('Ada@Routed.Acme.com');
    await visitor.get('/sign-in');
    const other = await visitor.submit('/sign-in', {
      email: 'ada@example.com',
      step: 'address',
      return_to: '/account',
    });
    expect([other.status, other.text.includes('name="password"')]).toEqual([200, true]);
    expect((await visitor.get('/sign-in?way=password')).text).toContain('name="password"');
    await configure('acme', defaults);
  });

  test('a second factor of the provider counts only if it is trusted', async () => {
    somebody({ acr: 'mfa' });
    const amrOf = async () => {
      const visitor = await atSignIn();
      op.state.tamper = (claims) => ({ claims: { ...claims, amr: ['pwd', 'mfa'] } });
      await signInWith(visitor, home(), 'acme');
      const { id } = await findAccount(String(op.state.person['email']));
      return (await stack().domain.sessions.list(id))[0]?.amr;
    };
    expect(await amrOf()).toEqual(['fed']);
    await configure('acme', { trusts_second_factor: true });
    expect(await amrOf()).toEqual(['fed', 'mfa']);
    await configure('acme', defaults);
  });

  test('signing out goes on to the provider, and a sign-out there ends the session here, once per token', async () => {
    await configure('acme', { sign_out: true });
    const { sub } = somebody();
    const visitor = await atSignIn();
    await signInWith(visitor, home(), 'acme');
    await visitor.get('/account');
    const url = new URL(leavesTo(await visitor.submit('/sign-out')));
    expect([url.origin, url.pathname, url.searchParams.get('client_id')]).toEqual([
      op.origin,
      '/session/end',
      'writ',
    ]);
    const back = String(url.searchParams.get('post_logout_redirect_uri')).slice(home().length);
    expect((await visitor.get(back)).location).toBe('/sign-in?done=signed_out');
    await configure('acme', defaults);

    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const claims = () => ({
      iss: op.origin,
      aud: 'writ',
      sub,
      iat: now(),
      exp: now() + 60,
      jti: unique('jti'),
      events,
    });
    const send = (logout_token: string) =>
      stack().request('POST', '/sign-in/with/acme/backchannel-logout', {
        body: new URLSearchParams({ logout_token }),
      });
    await visitor.get('/sign-in');
    await signInWith(visitor, home(), 'acme');
    const { events: _events, ...without } = claims();
    for (const wrong of [
      await op.sign({ ...claims(), nonce: 'one' }, 'logout+jwt'),
      await op.sign({ ...claims(), aud: 'another' }, 'logout+jwt'),
      await op.sign({ ...claims(), iat: now() - 3_600 }, 'logout+jwt'),
      await op.sign(without, 'logout+jwt'),
      await op.sign(claims(), 'at+jwt'),
      'nonsense',
    ])
      expect((await send(wrong)).status).toBe(400);
    expect(await accountOf(visitor)).toContain('Grace Hopper');
    const token = await op.sign(claims(), 'logout+jwt');
    expect((await send(token)).status).toBe(200);
    expect(await accountOf(visitor)).toBeUndefined();
    expect((await send(token)).status).toBe(400);
  });

  describe.each([
    ['with', true],
    ['without', false],
  ])('in Chromium %s JavaScript', (_with, javaScriptEnabled) => {
    (chromiumPath ? test : test.skip)(
      'a new person comes with the provider, goes on, disconnects it once they have a password, connects it again, and signs out of both',
      async () => {
        const browser = await openBrowser();
        const { page, complaints } = await openPage(browser, { javaScriptEnabled });
        const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
        const isAt = (path: string) => page.waitForURL(stack().issuer + path);
        await configure('acme', { sign_out: true });
        const { email } = somebody();
        try {
          await page.goto(`${stack().issuer}/sign-in?return_to=%2Faccount%2Fconnected`);
          await press('Continue with Acme Login');
          await isAt('/account/connected');
          await page.goto(`${stack().issuer}/account/security`);
          await press('Disconnect Acme Login');
          await page.getByText('This is the only way to sign in').waitFor();
          await page.goto(`${stack().issuer}/account/password`);
          const password = 'nine lemons in a hat';
          await page.getByLabel('New password', { exact: true }).fill(password);
          await page.getByLabel('Repeat new password').fill(password);
          await press('Set password');
          await page.getByText('Your password is set.').waitFor();
          await press('Disconnect Acme Login');
          await page.getByText('It is disconnected.').waitFor();
          await press('Connect Acme Login');
          await page.getByText('It is connected.').waitFor();
          expect(await page.locator('main').textContent()).toContain(email);

          // A session by password is not one of the provider.
          await press('Sign out');
          await page.getByText('You are signed out.').waitFor();
          await press(/^Continue with Acme Login/);
          await isAt('/account');
          await press('Sign out');
          await page.waitForURL(/session\/end/);
          await press('Yes, sign me out');
          await page.getByText('You are signed out.').waitFor();
          expect(page.url()).toBe(`${stack().issuer}/sign-in?done=signed_out`);
          expect(complaints.filter((text) => !/status of 409/.test(text))).toEqual([]);
        } finally {
          await configure('acme', defaults);
          await browser.close();
        }
      },
    );
  });

  describe('writ providers', () => {
    const { json, script, onTerminal } = operatorOf(stack);
    const create = async (id: string, ...more: string[]) => {
      const directory = await mkdtemp(path.join(tmpdir(), 'writ-providers-'));
      const file = path.join(directory, 'secret.txt');
      await writeFile(file, `${upstreamSecret}\n`);
      const args = ['providers', 'create', id, '--client-id', 'writ', '--client-secret-file', file];
      const created = await json(...args, ...more);
      await rm(directory, { recursive: true });
      return created;
    };

    test('create, change and delete a provider by the fields of the API, and print what to register there', async () => {
      const role = unique('role');
      await providers().call('PUT', `/roles/${role}`, { permissions: [] });
      const id = unique('shop').toLowerCase();
      const rule = { claim: 'groups', value: 'editors', roles: [role] };
      const created = await create(
        id,
        ...['--issuer', op.origin, '--private-network', '--domain', 'shop.example'],
        ...['--create-accounts', '--allow-domain', 'acme.com', '--trusts-email'],
        ...['--role-rule', `groups=editors=${role}`],
      );
      expect(created).toMatchObject({
        id,
        issuer: op.origin,
        domains: ['shop.example'],
        create_accounts: 'verified',
        allowed_domains: ['acme.com'],
        role_rules: [rule],
        trusts_email: true,
        private_network: true,
        has_client_secret: true,
        redirect_uri: `${stack().issuer}/sign-in/with/${id}/callback`,
      });
      expect(JSON.stringify(created)).not.toContain(upstreamSecret);
      const changed = await json(
        ...['providers', 'update', id, '--add', 'allow-domain=acme.org', '--name', 'The Shop'],
        ...['--remove', `role-rule=groups=editors=${role}`, '--no-create-accounts', '--no-enabled'],
      );
      expect(changed).toMatchObject({
        name: 'The Shop',
        allowed_domains: ['acme.com', 'acme.org'],
        role_rules: [],
        create_accounts: 'no',
        enabled: false,
        has_client_secret: true,
      });
      for (const [args, message] of [
        [['update', id], 'Nothing to change'],
        [['update', id, '--role-rule', 'editors'], 'CLAIM=VALUE=ROLE'],
        [['update', id, '--position', 'first'], 'whole number'],
      ] as const)
        expect(await script('providers', ...args)).toMatchObject({
          code: 2,
          err: expect.stringContaining(message),
        });
      const { out } = await onTerminal(['providers', 'list']);
      expect(out).toMatch(new RegExp(`^${id} +The +http`, 'm'));
      const kept = await onTerminal(['providers', 'delete', id], { answer: 'no' });
      expect([kept.code, kept.questions]).toEqual([1, [expect.stringContaining(id)]]);
      expect(await script('providers', 'delete', id, '--yes')).toMatchObject({ code: 0, err: '' });
      expect((await script('providers', 'show', id)).code).toBe(1);
    });

    test('check and doctor say whether people can sign in with a provider, and what to compare', async () => {
      const id = unique('broken').toLowerCase();
      await create(id, '--issuer', op.origin, '--private-network');
      const named = async () => {
        const { checks } = (await script('doctor', '--json')).json;
        return checks.filter(({ name }: { name: string }) => name === `identity provider ${id}`);
      };
      expect(await script('providers', 'check', id)).toMatchObject({ code: 0, err: '' });
      expect(await named()).toMatchObject([{ status: 'ok' }]);
      await json('providers', 'update', id, '--issuer', 'http://localhost:9');
      const checked = await script('providers', 'check', id);
      expect(checked).toMatchObject({
        code: 1,
        err: expect.stringContaining(`sign in with ${id}`),
      });
      expect(checked.out).toContain('failed');
      expect(await named()).toMatchObject([
        { status: 'failed', remedy: expect.stringContaining(`writ providers show ${id}`) },
      ]);
      await script('providers', 'delete', id, '--yes');
      expect(await named()).toEqual([]);
    });
  });

  test('GitHub signs in by its API, with the primary address only if it is verified', async () => {
    const email = `${unique('mona')}@example.org`;
    github.person.emails = [
      { email: 'other@example.org', primary: false, verified: true },
      { email, primary: true, verified: false },
    ];
    expect((await signInWith(await atSignIn(), home(), 'github')).status).toBe(403);
    github.person.emails = [{ email, primary: true, verified: true }];
    expect((await signInWith(await atSignIn(), home(), 'github')).location).toBe('/account');
    const account = await findAccount(email);
    expect(account.name).toBe('Mona Octocat');
    // A renamed login is the same person.
    github.person.user = { ...github.person.user, login: 'renamed' };
    expect((await signInWith(await atSignIn(), home(), 'github')).location).toBe('/account');
  });

  test('a provider that does not answer stops only its own button; its issuer stays while accounts have identities there', async () => {
    const { status } = await configure('acme', { issuer: 'http://localhost:1' });
    expect(status).toBe(409);
    await providers().call('POST', '/identity-providers', {
      id: 'away',
      issuer: 'http://localhost:1',
      client_id: 'writ',
      private_network: true,
    });
    const visitor = await atSignIn();
    const page = await visitor.submit('/sign-in/with/away');
    expect([page.status, page.words]).toEqual([503, expect.stringContaining('does not answer')]);
    const { email, password } = await makePerson(stack());
    expect((await visitor.signIn(email, password)).location).toBe('/account');
    const checked = await providers().call('POST', '/identity-providers/away/check', {});
    expect(checked.body.findings[0].status).toBe('failed');
    expect(
      (await providers().call('POST', '/identity-providers/acme/check', {})).body.findings[0]
        .status,
    ).toBe('ok');
    await providers().call('DELETE', '/identity-providers/away');
  });

  test('no request opens a private address unless the provider is in a private network, and no answer is read beyond its bound', async () => {
    const guarded = createGuardedFetch({ allowPrivate: false, timeout: 2_000, maxBytes: 1_000 });
    for (const url of [
      op.origin,
      'http://127.0.0.1:1',
      'http://[::1]:1',
      'http://169.254.169.254/',
      'http://[::ffff:10.0.0.1]/',
    ])
      await expect(guarded(url)).rejects.toThrow('private network');
    const open = createGuardedFetch({ allowPrivate: true, timeout: 2_000, maxBytes: 1_000 });
    await expect(open(`${op.origin}/.well-known/openid-configuration`)).rejects.toThrow(
      'more than 1000 bytes',
    );
  });
});
