import { expect, test } from '@jest/globals';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { ageSignIns, expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

const home = '/admin/roles';

const versionIn = (page: { text: string }) =>
  /name="version" value="([^"]+)"/.exec(page.text)?.[1] ?? '';

onStack((stack) => {
  const saved = (name: string) => stack().domain.roles.find(name);

  test('an administrator creates a role, tries a permission against it, changes it, and deletes it once no one has it', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const name = unique('editor');
    const path = `${home}/${name}`;
    await visitor.get(`${home}/new`);
    const wrong = await visitor.submit(home, { name: '1st', permissions: 'things.read' });
    expect([wrong.status, wrong.words]).toEqual([
      400,
      expect.stringContaining('start with a letter'),
    ]);
    const malformed = await visitor.submit(home, { name, permissions: 'things:read' });
    expect(malformed.words).toContain('use things.read');
    const given = {
      name,
      description: 'Edits things',
      permissions: 'things.read|write\n\nthings.drafts',
      'scope:clients:read': 'on',
      second_factor: 'required',
      days: '7',
    };
    const made = await visitor.submit(home, given);
    await expectDone(visitor, made, path, 'The role is created');
    expect(await saved(name)).toMatchObject({
      description: 'Edits things',
      permissions: ['things.read|write', 'things.drafts'],
      api_scopes: ['clients:read'],
      second_factor_within_days: 7,
    });
    await visitor.get(`${home}/new`);
    const again = await visitor.submit(home, { ...given, permissions: '*' });
    expect([again.status, again.words]).toEqual([409, expect.stringContaining('already exists')]);

    const tried = async (permission: string) =>
      (await visitor.get(`${path}?${new URLSearchParams({ permission })}`)).words;
    expect(await tried('things.write.all')).toContain(`${name} allows it`);
    expect(await tried('things.delete')).toContain(`${name} does not`);
    expect(await tried('things.*')).toContain('Enter one permission');
    const all = await visitor.get(`${home}?permission=things.drafts`);
    expect(all.words).toMatch(new RegExp(`${name} allows it.*other roles? do`));

    await visitor.get(path);
    const bad = await visitor.submit(path, { second_factor: 'required', days: '1000' });
    expect([bad.status, bad.words]).toEqual([400, expect.stringContaining('from 0 to 365')]);
    const version = versionIn(await visitor.get(path));
    const changed = await visitor.submit(path, { permissions: 'things.read', version });
    const late = await visitor.submit(path, { permissions: '*', version });
    expect([late.status, late.words]).toEqual([409, expect.stringContaining('changed the role')]);
    expect(versionIn(late)).toBe(version);
    await expectDone(visitor, changed, path, 'The role is saved');
    expect(await saved(name)).toMatchObject({
      description: '',
      permissions: ['things.read'],
      api_scopes: [],
      second_factor_within_days: null,
    });

    const { accountId } = await signedIn(stack(), { roles: [name] });
    const held = await visitor.submit(`${path}/delete`);
    expect([held.status, held.words]).toEqual([409, expect.stringContaining('still assigned')]);
    await stack().domain.accounts.update(serverActor, accountId, { roles: [] });
    await ageSignIns(stack());
    expect((await visitor.submit(`${path}/delete`)).location).toMatch(/^\/sign-in/);
    await stack()
      .database.kysely.updateTable('session')
      .set({ signed_in_at: new Date() })
      .execute();
    await visitor.get(path);
    await expectDone(visitor, await visitor.submit(`${path}/delete`), home, 'The role is deleted');
    expect((await visitor.get(path)).status).toBe(404);
    await visitor.get(`${home}/new`);
    expect((await visitor.submit(path, { permissions: '' })).status).toBe(404);
    expect(await saved(name)).toBeUndefined();
  });

  test('no one changes a role that gives more than they have, or the role of administrators', async () => {
    const manager = unique('manager');
    await stack().api.call('PUT', `/roles/${manager}`, {
      permissions: [],
      api_scopes: ['roles:read', 'roles:write', 'clients:read'],
    });
    const { visitor } = await signedIn(stack(), { roles: [manager] });
    expect((await visitor.get(`${home}/support`)).words).toMatch(/You cannot change this role/);
    const administrator = await signedIn(stack(), { roles: ['administrator'] });
    const version = versionIn(await administrator.visitor.get(`${home}/support`));
    const more = await visitor.submit(`${home}/support`, { permissions: '*', version });
    expect(more.status).toBe(403);
    expect((await visitor.get(`${home}/administrator`)).text).not.toContain('Save');
    expect((await visitor.submit(`${home}/administrator/delete`)).status).toBe(403);
    await visitor.get(`${home}/new`);
    const beyond = await visitor.submit(home, { name: unique('more'), 'scope:keys:write': 'on' });
    expect([beyond.status, beyond.words]).toEqual([403, expect.stringContaining('keys:write')]);
  });

  test('every form of the section was sent above', () => expectEveryFormSent(stack(), home));
});
