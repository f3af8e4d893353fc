import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { makePerson, signedIn } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import { ageSignIns, expectDone, filledIn, makeApp, operator, type TestApp } from './support.ts';

onStack((stack) => {
  const rolesIn = async ({ name }: Pick<TestApp, 'name'>) =>
    Object.fromEntries(
      (await stack().domain.appMembers.list(operator, name)).map(({ accountId, role }) => [
        accountId,
        role,
      ]),
    );

  /** An app with another member, on the page of its members. */
  const withMember = async (role = 'Editor') => {
    const app = await makeApp(stack());
    const member = await app.member(role);
    const path = `/apps/${app.name}/members`;
    await app.owner.visitor.get(path);
    await member.visitor.get(path);
    return { app, path, member, owner: app.owner, visitor: app.owner.visitor };
  };

  describe('members', () => {
    test('are given another role, which holds with their next request', async () => {
      const { app, path, member, visitor } = await withMember('Reader');
      const answer = await visitor.submit(`${path}/role`, {
        account_id: member.accountId,
        role: 'Developer',
      });
      await expectDone(visitor, answer, path, 'The role of the member is changed');
      expect(await rolesIn(app)).toMatchObject({ [member.accountId]: 'Developer' });
      expect((await member.visitor.get(`/apps/${app.name}/clients/new`)).status).toBe(200);
    });

    test('are taken out, and find nothing there any more', async () => {
      const { app, path, member, visitor } = await withMember();
      const form = { account_id: member.accountId };
      await expectDone(
        visitor,
        await visitor.submit(`${path}/remove`, form),
        path,
        'no longer a member',
      );
      await expectDone(
        visitor,
        await visitor.submit(`${path}/remove`, form),
        path,
        'no longer a member',
      );
      expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
      expect((await member.visitor.get(`/apps/${app.name}`)).status).toBe(404);
    });

    test.each([
      ['end', 'remove'],
      ['keep', 'remove'],
      ['end', 'leave'],
    ])(
      'who created secrets that work go once it is chosen what becomes of them: %s, by %s',
      async (credentials, way) => {
        const { app, path, member, visitor } = await withMember('Owner');
        const { appClients } = stack().domain;
        const actor = { kind: 'account', accountId: member.accountId } as const;
        const { value } = await appClients.addSecret(actor, app.name, 'default');
        keepSecret('client_secret', value);
        const client = await visitor.get(`/apps/${app.name}/clients/default`);
        expect(client.words).toMatch(/Created .* by Mia Owner/);
        const [by, form] =
          way === 'remove'
            ? [visitor, { account_id: member.accountId }]
            : [member.visitor, {} as Record<string, string>];
        const asked = await by.submit(`${path}/${way}`, form);
        expect([asked.status, asked.words]).toEqual([
          200,
          expect.stringContaining(`…${value.slice(-4)}`),
        ]);
        expect(asked.text).not.toMatch(/name="credentials"[^>]*checked/);
        expect(await rolesIn(app)).toHaveProperty(member.accountId);
        expect((await by.submit(`${path}/${way}`, { ...form, credentials })).status).toBe(303);
        expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
        expect(await appClients.secrets(operator, app.name, 'default')).toHaveLength(
          credentials === 'end' ? 1 : 2,
        );
      },
    );

    test('leave by themselves, also a Reader', async () => {
      const { app, path, member } = await withMember('Reader');
      const answer = await member.visitor.submit(`${path}/leave`);
      await expectDone(member.visitor, answer, '/apps', 'You left the app');
      expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
      expect((await member.visitor.submit(`${path}/leave`)).status).toBe(404);
    });

    test.each(['leave', 'remove', 'role'])('the last Owner stays one: by %s', async (way) => {
      const { app, path, owner, visitor } = await withMember();
      const page = await visitor.submit(`${path}/${way}`, {
        account_id: owner.accountId,
        role: 'Reader',
      });
      expect([page.status, page.words]).toEqual([409, expect.stringContaining('Transfer the app')]);
      expect(await rolesIn(app)).toMatchObject({ [owner.accountId]: 'Owner' });
    });

    test.each(['', 'x', '0198c0de-0000-7000-8000-000000000000'])(
      'no role is given to the account %j',
      async (account_id) => {
        const { app, path, visitor } = await withMember();
        const before = await rolesIn(app);
        const page = await visitor.submit(`${path}/role`, { account_id, role: 'Reader' });
        expect([page.status, page.words]).toEqual([
          404,
          expect.stringContaining('no longer exists'),
        ]);
        expect(await rolesIn(app)).toEqual(before);
      },
    );

    test.each(['', 'King', 'Own\0er'])('no member is given the role %j', async (role) => {
      const { app, path, member, visitor } = await withMember();
      const before = await rolesIn(app);
      const page = await visitor.submit(`${path}/role`, { account_id: member.accountId, role });
      expect([page.status, page.words]).toEqual([400, expect.stringContaining('role')]);
      expect(await rolesIn(app)).toEqual(before);
    });
  });

  describe('handing an app over', () => {
    test('makes the other one its Owner, and whoever did it a Developer', async () => {
      const { app, path, member, owner, visitor } = await withMember();
      const form = { to: member.accountId, afterwards: 'stay' };
      const answer = await visitor.submit(`${path}/hand-over`, form);
      await expectDone(visitor, answer, path, 'transferred');
      expect(await rolesIn(app)).toEqual({
        [member.accountId]: 'Owner',
        [owner.accountId]: 'Developer',
      });
      expect((await visitor.submit(`${path}/hand-over`, form)).status).toBe(403);
    });

    test('or takes them out', async () => {
      const { app, path, member, visitor } = await withMember();
      const answer = await visitor.submit(`${path}/hand-over`, {
        to: member.accountId,
        afterwards: 'leave',
      });
      await expectDone(visitor, answer, '/apps', 'transferred');
      expect(await rolesIn(app)).toEqual({ [member.accountId]: 'Owner' });
    });

    test.each<[string, Record<string, string>]>([
      ['to nobody', { afterwards: 'stay' }],
      ['to oneself', { to: 'self', afterwards: 'stay' }],
      ['to a stranger', { to: '0198c0de-0000-7000-8000-000000000000', afterwards: 'stay' }],
      ['without saying what becomes of oneself', { to: 'member' }],
      ['to a text', { to: 'x', afterwards: 'leave' }],
    ])('%s is refused', async (_what, form) => {
      const { app, path, member, owner, visitor } = await withMember();
      const to = { self: owner.accountId, member: member.accountId }[form['to'] ?? ''];
      const before = await rolesIn(app);
      const page = await visitor.submit(`${path}/hand-over`, { ...form, ...(to && { to }) });
      expect([400, 404]).toContain(page.status);
      expect(page.words).toContain('Members');
      expect(await rolesIn(app)).toEqual(before);
    });
  });

  describe('an invitation', () => {
    const invite = async (email?: string, role = 'Editor') => {
      const app = await makeApp(stack());
      const path = `/apps/${app.name}/members`;
      const { visitor } = app.owner;
      await visitor.get(path);
      const guest = await makePerson(stack(), { name: 'Gus Guest' });
      const page = await visitor.submit(`${path}/invite`, { email: email ?? guest.email, role });
      const link =
        /https?:\/\/[^"<\s]+\/apps\/invitations\/writ_app_\w+/.exec(page.text)?.[0] ?? '';
      return { app, path, visitor, guest, page, link, linkPath: link.slice(stack().issuer.length) };
    };

    const idOn = (text: string) => /name="id" value="([^"]+)"/.exec(text)?.[1] ?? '';

    test('is a link that is shown this once; whoever follows it signs in, and becomes a member', async () => {
      const { app, path, visitor, guest, page, link, linkPath } = await invite();
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(link.startsWith(`${stack().issuer}/apps/invitations/`)).toBe(true);
      const members = await visitor.get(path);
      expect(members.text).toContain(guest.email);
      expect(members.text).not.toContain(linkPath);
      const browser = createVisitor(stack().origin);
      const asked = await browser.get(linkPath);
      expect((await browser.follow(asked)).words).toContain('to answer an invitation');
      const shown = await browser.follow(
        await browser.submit('/sign-in', { ...guest, return_to: linkPath }),
      );
      expect(shown.words).toMatch(/Olive Owner.*Editor/);
      expect(shown.words).toContain(app.displayName);
      const answer = await browser.submit('/apps/invitations/accept', { id: idOn(shown.text) });
      await expectDone(browser, answer, `/apps/${app.name}`, 'You are now a member');
      expect(await rolesIn(app)).toMatchObject({ [guest.accountId]: 'Editor' });
      expect((await browser.get(linkPath)).status).toBe(404);
      const twice = await browser.submit('/apps/invitations/accept', { id: idOn(shown.text) });
      expect([twice.status, twice.text]).toEqual([404, expect.stringContaining('href="/apps"')]);
    });

    test('waits among the apps of whoever has the address, and can be declined', async () => {
      const { app, path, visitor, guest, linkPath } = await invite();
      const browser = createVisitor(stack().origin);
      await browser.signIn(guest.email, guest.password);
      const list = await browser.get('/apps');
      expect(list.words).toContain(app.displayName);
      const form = { id: idOn(list.text) };
      for (let click = 0; click < 2; click++) {
        const answer = await browser.submit('/apps/invitations/decline', form);
        await expectDone(browser, answer, '/apps', 'declined');
      }
      expect((await browser.get('/apps')).words).not.toContain(app.displayName);
      expect((await browser.get(linkPath)).status).toBe(404);
      expect((await visitor.get(path)).text).not.toContain(guest.email);
      expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
    });

    test('is for the account with its address alone', async () => {
      const { app, guest, linkPath } = await invite();
      const other = await signedIn(stack());
      const page = await other.visitor.get(linkPath);
      expect([page.status, page.words]).toEqual([200, expect.stringContaining(guest.email)]);
      expect(page.text).not.toContain('action="/apps/invitations/accept"');
      const browser = createVisitor(stack().origin);
      await browser.signIn(guest.email, guest.password);
      const id = idOn((await browser.get(linkPath)).text);
      await other.visitor.submit('/apps/invitations/decline', { id });
      expect((await other.visitor.submit('/apps/invitations/accept', { id })).status).toBe(404);
      expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
      expect((await browser.get(linkPath)).status).toBe(200);
    });

    test('works no more once it is revoked, replaced, or its app is deleted', async () => {
      const first = await invite();
      await first.visitor.get(first.path);
      const again = await first.visitor.submit(`${first.path}/invite`, {
        email: first.guest.email.toUpperCase(),
        role: 'Reader',
      });
      expect(again.status).toBe(200);
      const members = await first.visitor.get(first.path);
      const form = { id: idOn(members.text) };
      const { visitor } = await signedIn(stack());
      expect((await visitor.get(first.linkPath)).status).toBe(404);
      for (let click = 0; click < 2; click++) {
        const answer = await first.visitor.submit(`${first.path}/revoke`, form);
        await expectDone(first.visitor, answer, first.path, 'The invitation is revoked');
      }
      const second = await invite();
      expect((await visitor.get(second.linkPath)).status).toBe(200);
      await stack().domain.apps.delete(operator, second.app.name);
      expect((await visitor.get(second.linkPath)).status).toBe(404);
    });

    test('that ran out cannot be accepted', async () => {
      const { app, guest, linkPath } = await invite();
      const browser = createVisitor(stack().origin);
      await browser.signIn(guest.email, guest.password);
      const id = idOn((await browser.get(linkPath)).text);
      await stack()
        .database.kysely.updateTable('app_invitation')
        .set({ expires_at: sql<Date>`now()` })
        .execute();
      expect((await browser.get(linkPath)).status).toBe(404);
      expect((await browser.submit('/apps/invitations/accept', { id })).status).toBe(404);
      expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
    });

    test.each([
      ['email', '', 'Reader'],
      ['email', 'nobody', 'Reader'],
      ['email', 'a b@example.com', 'Reader'],
      ['role', 'some@example.com', ''],
      ['role', 'some@example.com', 'King'],
    ])(
      'with a wrong %s, %j as %j, is refused at the field, and what was typed is kept',
      async (field, email, role) => {
        const { app, path, visitor } = await withMember();
        const page = await visitor.submit(`${path}/invite`, { email, role });
        expect(page.status).toBe(400);
        expect(page.text).toContain(`id="${field}-problem"`);
        expect(filledIn(page, 'email')).toBe(email);
        expect(await stack().domain.appInvitations.list(operator, app.name)).toEqual([]);
      },
    );

    test('of somebody who is a member already is refused', async () => {
      const { path, member, visitor } = await withMember();
      const page = await visitor.submit(`${path}/invite`, { email: member.email, role: 'Reader' });
      expect([page.status, page.words]).toEqual([409, expect.stringContaining('already')]);
      expect(filledIn(page, 'email')).toBe(member.email);
    });

    test.each(['x', '..', '%2e%2e', '%00', 'writ_app_x', `writ_app_${'x'.repeat(600)}`])(
      'that never was, %s, says that it leads nowhere',
      async (value) => {
        const { visitor } = await signedIn(stack());
        const page = await visitor.get(`/apps/invitations/${value}`);
        expect(page.status).toBe(404);
      },
    );

    test.each(['accept', 'decline'])('%s does nothing for a page of another site', async (way) => {
      const { app, guest, linkPath } = await invite();
      const browser = createVisitor(stack().origin);
      await browser.signIn(guest.email, guest.password);
      const id = idOn((await browser.get(linkPath)).text);
      const page = await browser.submit(`/apps/invitations/${way}`, { id, csrf: 'made up' });
      expect([page.status, page.words]).toEqual([403, expect.stringContaining('out of date')]);
      expect((await browser.get(linkPath)).status).toBe(200);
      expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
    });

    test('is accepted after a recent sign-in alone', async () => {
      const { app, guest, linkPath } = await invite();
      const browser = createVisitor(stack().origin);
      await browser.signIn(guest.email, guest.password);
      const id = idOn((await browser.get(linkPath)).text);
      await ageSignIns(stack());
      const page = await browser.submit('/apps/invitations/accept', { id });
      expect(page.location).toMatch(/^\/sign-in\?.*again=1/);
      expect(await rolesIn(app)).toEqual({ [app.owner.accountId]: 'Owner' });
    });

    test('to be Owner of more apps than one can have is refused in words', async () => {
      const { guest, linkPath } = await invite(undefined, 'Owner');
      const browser = createVisitor(stack().origin);
      await browser.signIn(guest.email, guest.password);
      const id = idOn((await browser.get(linkPath)).text);
      for (let count = 0; count < 50; count++)
        await stack().domain.apps.create(
          { kind: 'account', accountId: guest.accountId },
          { displayName: `Many ${guest.accountId.slice(0, 8)} ${count}` },
        );
      const page = await browser.submit('/apps/invitations/accept', { id });
      expect([page.status, page.words]).toEqual([409, expect.stringContaining('at most 50 apps')]);
      expect(page.text).toContain('action="/apps/invitations/decline"');
    });
  });
});
