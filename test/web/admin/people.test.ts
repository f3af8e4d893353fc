import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { addAuthenticator } from '../../support/factors.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import { ageSignIns, expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

const home = '/admin/people';

onStack((stack) => {
  const administrator = async () => (await signedIn(stack(), { roles: ['administrator'] })).visitor;

  test('an administrator invites a person with a role, finds them by a part of their name, and changes their roles', async () => {
    const visitor = await administrator();
    const role = unique('reader');
    await stack().api.setRole(role, ['things.read']);
    const name = `Grace ${unique('hopper')}`;
    const email = `${unique('grace')}@example.com`;
    await visitor.get(`${home}/new`);
    const wrong = await visitor.submit(home, { name, email: 'grace' });
    expect([wrong.status, wrong.words]).toEqual([400, expect.stringContaining('email address')]);
    const invited = await visitor.submit(home, { name, email, [`role:${role}`]: 'on' });
    const [, link = ''] = /(http:[^<\s]*\/invitation\/[^<\s]+)/.exec(invited.text) ?? [];
    expect((await createVisitor(stack().origin).get(new URL(link).pathname)).status).toBe(200);

    const word = name.split(' ')[1] ?? '';
    for (const search of [word.toUpperCase(), email, `gra ${word.slice(0, 8)}`]) {
      const found = await visitor.get(`${home}?${new URLSearchParams({ search })}`);
      expect(found.words).toContain(name);
    }
    expect((await visitor.get(`${home}?search=${unique('none')}`)).words).toContain('No one fits');
    const [account] = await stack().domain.accounts.page({ limit: 1, email });
    const path = `${home}/${account?.id}`;
    const person = await visitor.get(path);
    expect(person.words).toContain(email);
    const saved = await visitor.submit(`${path}/roles`, {});
    await expectDone(visitor, saved, path, 'The roles are saved');
    expect(await stack().domain.accounts.describe(String(account?.id))).toMatchObject({
      roles: [],
    });
    const again = await visitor.submit(`${path}/invite`);
    expect(again.words).toContain('Invitation created');
    const written = `${home}?${new URLSearchParams({ search: email.slice(0, email.indexOf('@') + 4) })}`;
    expect((await visitor.get(written)).words).toContain(name);
    expect((await visitor.get(`${home}?search=${account?.id}`)).words).toContain(name);
    expect((await visitor.get(`${home}?search=%25`)).words).not.toContain(name);
    await visitor.get(path);
    const unknown = await visitor.submit(`${path}/roles`, { [`role:${unique('none')}`]: 'on' });
    expect([unknown.status, unknown.words]).toEqual([
      400,
      expect.stringContaining('does not exist'),
    ]);
  });

  test('support ends a stolen laptop’s login and everything else of a person, and cannot change roles or delete', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['support'] });
    const login = await makeLoggedIn(stack());
    const path = `${home}/${login.accountId}`;
    const shown = await visitor.get(path);
    expect(shown.text).not.toMatch(/Delete <bdi>|Save the roles/);
    const strange = await signedIn(stack());
    const elsewhere = `${home}/${strange.accountId}/grants/end`;
    expect((await visitor.submit(elsewhere, { grant_id: login.grantId })).status).toBe(404);
    expect((await visitor.get(`${path}/access`)).words).toMatch(
      /End everything.*one login of apps and devices/,
    );
    const ended = await visitor.submit(`${path}/grants/end`, { grant_id: login.grantId });
    await expectDone(visitor, ended, `${path}/access`, 'The access is ended');
    expect((await login.refresh(login.refreshToken)).body.error).toBe('invalid_grant');

    const person = await signedIn(stack());
    const theirs = `${home}/${person.accountId}`;
    expect((await visitor.get(`${theirs}/sign-in`)).words).toMatch(
      /Signed in .* with a password.*Sign out everywhere….* one session/,
    );
    const out = await visitor.submit(`${theirs}/sign-out`);
    await expectDone(visitor, out, `${theirs}/sign-in`, 'signed out everywhere');
    expect((await person.visitor.get('/account')).location).toMatch(/^\/sign-in/);
    await person.visitor.signIn(person.email, person.password);
    await visitor.get(theirs);
    const everything = await visitor.submit(`${theirs}/end-everything`);
    await expectDone(visitor, everything, `${theirs}/access`, 'all of their tokens are revoked');
    expect((await person.visitor.get('/account')).location).toMatch(/^\/sign-in/);
    await visitor.get(theirs);
    expect((await visitor.submit(`${theirs}/delete`)).status).toBe(403);
    const other = await signedIn(stack(), { roles: ['administrator'] });
    await visitor.get(`${home}/${other.accountId}`);
    expect((await visitor.submit(`${home}/${other.accountId}/disable`)).status).toBe(403);
  });

  test('an account is disabled, enabled and deleted, after a recent sign-in only', async () => {
    const visitor = await administrator();
    const { accountId } = await makePerson(stack());
    const path = `${home}/${accountId}`;
    await visitor.get(path);
    await ageSignIns(stack());
    expect((await visitor.submit(`${path}/disable`)).location).toMatch(/^\/sign-in/);
    await stack()
      .database.kysely.updateTable('session')
      .set({ signed_in_at: new Date() })
      .execute();
    await visitor.get(path);
    await expectDone(
      visitor,
      await visitor.submit(`${path}/disable`),
      path,
      'The account is disabled',
    );
    expect((await visitor.get(`${home}?show=disabled&search=Ada`)).text).toContain(path);
    await visitor.get(path);
    await expectDone(
      visitor,
      await visitor.submit(`${path}/enable`),
      path,
      'The account is enabled',
    );
    await expectDone(
      visitor,
      await visitor.submit(`${path}/delete`),
      home,
      'The account is deleted',
    );
    expect((await visitor.get(path)).status).toBe(404);
  });

  test('the reset of second factors is planned and cancelled', async () => {
    const visitor = await administrator();
    const { accountId } = await makePerson(stack());
    await addAuthenticator(stack().database.kysely, accountId);
    const path = `${home}/${accountId}`;
    const signIn = `${path}/sign-in`;
    expect((await visitor.get(signIn)).words).toContain('Authenticator app');
    const planned = await visitor.submit(`${path}/factors/reset`);
    expect((await expectDone(visitor, planned, signIn, 'The reset is planned')).words).toContain(
      'They are removed',
    );
    const kept = await visitor.submit(`${path}/factors/keep`);
    await expectDone(visitor, kept, signIn, 'The second factors stay');
    expect(await stack().domain.factorResets.find(accountId)).toBeUndefined();
  });

  test('an auditor sees the last sign-ins of a person; their tokens and the clients that act for them end by name', async () => {
    const auditor = (await signedIn(stack(), { roles: ['auditor'] })).visitor;
    const person = await signedIn(stack());
    const path = `${home}/${person.accountId}`;
    expect((await auditor.get(`${path}/sign-in`)).words).toMatch(/Last sign-ins.*a password/);
    expect((await auditor.get(`${path}/sign-in`)).text).not.toContain('Sign out everywhere');
    const { visitor: support } = await signedIn(stack(), { roles: ['support'] });
    expect((await support.get(`${path}/sign-in`)).words).not.toContain('Last sign-ins');

    const { id } = await stack().api.createClient({});
    const { rows } = await sql<{
      id: string;
    }>`select id from client where client_id = ${id}`.execute(stack().database.kysely);
    await stack().domain.delegations.grantFor(
      { accountId: person.accountId, client: String(rows[0]?.id) },
      id,
    );
    expect((await support.get(`${path}/access`)).words).toContain('Clients that act for them');
    const stopped = await support.submit(`${path}/delegations/end`, { client: id });
    await expectDone(support, stopped, `${path}/access`, 'It no longer acts for that person');
    const before = await stack().domain.accounts.find(person.accountId);
    const revoked = await support.submit(`${path}/tokens/revoke`);
    await expectDone(support, revoked, `${path}/access`, 'All tokens of the person are revoked');
    const after = await stack().domain.accounts.find(person.accountId);
    expect(after?.epoch).toBe((before?.epoch ?? 0) + 1);
    expect((await person.visitor.get('/account')).status).toBe(200);
  });

  test('people who registered are approved, or refused', async () => {
    const visitor = await administrator();
    const waits = async () => {
      const { id } = await stack().domain.accounts.create(serverActor, {
        name: 'Alan',
        email: `${unique('alan')}@example.com`,
      });
      await stack()
        .database.kysely.updateTable('account')
        .set({ approval_requested_at: new Date(), disabled_at: new Date() })
        .where('id', '=', id)
        .execute();
      return { id, path: `${home}/${id}` };
    };
    const [one, other] = [await waits(), await waits()];
    expect((await visitor.get(`${home}?show=waiting`)).text).toContain(one.path);
    await visitor.get(one.path);
    const approved = await visitor.submit(`${one.path}/approve`);
    await expectDone(visitor, approved, one.path, 'The account is approved');
    await visitor.get(other.path);
    const refused = await visitor.submit(`${other.path}/refuse`);
    await expectDone(visitor, refused, home, 'refused and deleted');
  });

  test('one act on several people: the page says what ends, and then for each who was refused why; one who is refused stops no other', async () => {
    const { visitor, accountId: own } = await signedIn(stack(), { roles: ['administrator'] });
    const [one, two] = [await signedIn(stack()), await signedIn(stack())];
    const several = `${home}/several`;
    const chosen = Object.fromEntries(
      [one.accountId, two.accountId, own].map((id) => [`person:${id}`, 'on']),
    );
    const send = async (form: Record<string, string>) => {
      await visitor.get(home);
      return visitor.submit(several, form);
    };
    const state = async (id: string) => stack().domain.accounts.describe(id);
    expect((await visitor.get(home)).text).toContain(`name="person:`);
    expect((await send({ act: 'disable' })).words).toContain('Choose the people first');
    expect((await send(chosen)).words).toContain('Choose what to do with them');

    const role = unique('reader');
    await stack().api.setRole(role, ['things.read']);
    const give = { ...chosen, act: 'give-role' };
    expect((await send(give)).words).toMatch(/Give 2 people a role.*own account is left out/);
    expect((await send({ ...give, confirmed: 'yes', role: 'none' })).words).toContain(
      'Choose a role.',
    );
    const given = await send({ ...give, confirmed: 'yes', role });
    expect(given.words).toMatch(/2 people are given the role.*One was refused.*own account/);
    expect((await state(one.accountId))?.roles).toEqual([role]);
    const taken = await send({ ...chosen, act: 'take-role', confirmed: 'yes', role });
    expect(taken.words).toContain('2 people are without the role');
    expect((await state(two.accountId))?.roles).toEqual([]);

    const asked = await send({ ...chosen, act: 'sign-out' });
    expect(asked.words).toMatch(/Sign 2 people out everywhere\?.*2 sessions/);
    expect((await one.visitor.get('/account')).status).toBe(200);
    await send({ ...chosen, act: 'sign-out', confirmed: 'yes' });
    expect((await one.visitor.get('/account')).location).toMatch(/^\/sign-in/);

    const disable = { ...chosen, act: 'disable' };
    expect((await send(disable)).words).toMatch(/Disable 2 people\?.*This ends now/);
    expect((await state(one.accountId))?.disabled_at).toBeNull();
    await ageSignIns(stack());
    expect((await send({ ...disable, confirmed: 'yes' })).location).toMatch(/^\/sign-in/);
    await stack()
      .database.kysely.updateTable('session')
      .set({ signed_in_at: new Date() })
      .execute();
    expect((await send({ ...disable, confirmed: 'yes' })).words).toContain('2 people are disabled');
    expect((await state(two.accountId))?.disabled_at).not.toBeNull();
    expect((await state(own))?.disabled_at).toBeNull();
    await send({ ...chosen, act: 'enable', confirmed: 'yes' });
    expect((await state(one.accountId))?.disabled_at).toBeNull();
    const { items } = await stack().domain.audit.page({ target: one.accountId, limit: 20 });
    const actions = items.map(({ action }) => action);
    for (const action of ['account.updated', 'account.disabled', 'account.enabled'])
      expect(actions).toContain(action);
  });

  test('support acts on several people, but gives no roles, and ends no administrator', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['support'] });
    const administratorId = (await signedIn(stack(), { roles: ['administrator'] })).accountId;
    const { accountId } = await makePerson(stack());
    const chosen = { [`person:${administratorId}`]: 'on', [`person:${accountId}`]: 'on' };
    expect((await visitor.get(home)).text).not.toContain('give-role');
    const role = { ...chosen, act: 'give-role', confirmed: 'yes', role: 'auditor' };
    expect((await visitor.submit(`${home}/several`, role)).status).toBe(403);
    await visitor.get(home);
    const disable = { ...chosen, act: 'disable', confirmed: 'yes' };
    const { words } = await visitor.submit(`${home}/several`, disable);
    expect(words).toMatch(/1 person is disabled.*One was refused.*Only a caller/);
    const { accounts } = stack().domain;
    expect((await accounts.describe(administratorId))?.disabled_at).toBeNull();
    expect((await accounts.describe(accountId))?.disabled_at).not.toBeNull();
    const { visitor: auditor } = await signedIn(stack(), { roles: ['auditor'] });
    expect((await auditor.get(home)).text).not.toContain('person:');
  });

  test('every form of the section was sent above', () => expectEveryFormSent(stack(), home));
});
