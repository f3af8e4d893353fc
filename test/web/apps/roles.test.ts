import { describe, expect, test } from '@jest/globals';
import { onStack } from '../../support/stacks.ts';
import { expectDone, filledIn, makeApp, operator, type TestApp } from './support.ts';

onStack((stack) => {
  const ownRoles = async ({ name }: Pick<TestApp, 'name'>) =>
    (await stack().domain.appRoles.list(operator, name)).filter(({ builtIn }) => !builtIn);

  const editing = async (query = '') => {
    const app = await makeApp(stack());
    const path = `/apps/${app.name}/roles`;
    const { visitor } = app.owner;
    await stack().domain.appRoles.set(operator, app.name, {
      name: 'Night Helper',
      description: 'Helps',
      permissions: ['things.read', 'things.names'],
    });
    await visitor.get(`${path}/edit${query}`);
    return { app, path, visitor };
  };

  const good = {
    name: 'Importer',
    description: 'Puts <things> in',
    permissions: ' things.write \r\n\r\nthings.^secret.read\r\n',
    manages: 'nothing',
  };

  test('an Owner makes a role of permissions, one a line', async () => {
    const { app, path, visitor } = await editing();
    const page = await expectDone(
      visitor,
      await visitor.submit(`${path}/edit`, good),
      path,
      'The role is saved',
    );
    expect(page.text).toContain('Puts &lt;things&gt; in');
    expect(await ownRoles(app)).toContainEqual({
      name: 'Importer',
      description: 'Puts <things> in',
      permissions: ['things.write', 'things.^secret.read'],
      manages: 'nothing',
      builtIn: false,
    });
    // A second click is answered as the first.
    await expectDone(
      visitor,
      await visitor.submit(`${path}/edit`, good),
      path,
      'The role is saved',
    );
    expect(await ownRoles(app)).toHaveLength(2);
  });

  test('and changes it, with what it was filled in', async () => {
    const { app, path, visitor } = await editing();
    const page = await visitor.get(`${path}/edit?name=Night+Helper`);
    expect([filledIn(page, 'permissions'), filledIn(page, 'description')]).toEqual([
      'things.read\nthings.names',
      'Helps',
    ]);
    const answer = await visitor.submit(`${path}/edit`, {
      existing: 'Night Helper',
      name: 'Night Helper',
      permissions: 'things.read',
      manages: 'clients',
    });
    await expectDone(visitor, answer, path, 'The role is saved');
    expect(await ownRoles(app)).toMatchObject([
      { name: 'Night Helper', description: '', permissions: ['things.read'], manages: 'clients' },
    ]);
  });

  test.each<[string, string, Record<string, string>]>([
    ['name', 'no name', { name: '' }],
    ['name', 'a name that is none', { name: '1<2' }],
    ['name', 'the name of a built-in role', { name: 'Reader' }],
    ['name', 'the name of another role', { name: 'Night Helper' }],
    ['permissions', 'a permission that is none', { permissions: 'things.read\nthings..write' }],
    ['permissions', 'a permission twice', { permissions: 'things.read\nthings.read' }],
    ['description', 'a long description', { description: 'x'.repeat(1000) }],
    ['manages', 'nothing said of what it manages', { manages: '' }],
    ['manages', 'the whole app', { manages: 'app' }],
  ])('for its %s is refused: %s; what was typed is kept', async (field, _what, fields) => {
    const { app, path, visitor } = await editing();
    const before = await ownRoles(app);
    const page = await visitor.submit(`${path}/edit`, { ...good, ...fields });
    expect([400, 409]).toContain(page.status);
    expect(page.text).toContain(`id="${field}-problem"`);
    expect(filledIn(page, 'name')).toBe(fields['name'] ?? good.name);
    expect(filledIn(page, 'description')).toBe(fields['description'] ?? good.description);
    expect(await ownRoles(app)).toEqual(before);
  });

  test('every line that is no permission is named at once', async () => {
    const { path, visitor } = await editing();
    const permissions = 'things..write\nthings.read\nthings:delete\nrea*';
    const { words } = await visitor.submit(`${path}/edit`, { ...good, permissions });
    for (const wrong of ['things..write', 'things:delete', 'rea*'])
      expect(words).toContain(`"${wrong}" is not a permission`);
    expect(words).toContain('use things.delete');
    expect(words).not.toContain('"things.read" is not');
    expect(words.match(/A permission is names/g)).toHaveLength(1);
  });

  test('built-in roles are changed by nobody here', async () => {
    const { app, path, visitor } = await editing();
    const page = await visitor.get(`${path}/edit?name=Reader`);
    expect([page.status, page.words]).toEqual([403, expect.stringContaining('is built in')]);
    await visitor.get(`${path}/edit`);
    const before = await stack().domain.appRoles.list(operator, app.name);
    for (const [way, fields] of [
      ['edit', { ...good, name: 'Reader', existing: 'Reader' }],
      ['delete', { name: 'Reader' }],
    ] as const) {
      const { status } = await visitor.submit(`${path}/${way}`, fields);
      expect([403, 404]).toContain(status);
    }
    expect(await stack().domain.appRoles.list(operator, app.name)).toEqual(before);
  });

  test('what was typed of a role that was deleted meanwhile can be saved as a new one', async () => {
    const { app, path, visitor } = await editing('?name=Night+Helper');
    await stack().domain.appRoles.delete(operator, app.name, 'Night Helper');
    const page = await visitor.submit(`${path}/edit`, {
      ...good,
      name: 'Night Helper',
      existing: 'Night Helper',
    });
    expect([page.status, page.words]).toEqual([404, expect.stringContaining('no longer exists')]);
    expect([filledIn(page, 'name'), filledIn(page, 'description')]).toEqual([
      'Night Helper',
      good.description,
    ]);
    expect(page.text).not.toContain('name="existing"');
    expect(await ownRoles(app)).toEqual([]);
  });

  describe('deleting a role', () => {
    test('is done, however often it is clicked', async () => {
      const { app, path, visitor } = await editing('?name=Night+Helper');
      for (let click = 0; click < 2; click++) {
        const answer = await visitor.submit(`${path}/delete`, { name: 'Night Helper' });
        await expectDone(visitor, answer, path, 'The role is deleted');
      }
      expect(await ownRoles(app)).toEqual([]);
    });

    test('is refused while somebody has it, and says who', async () => {
      const { app, path, visitor } = await editing('?name=Night+Helper');
      await app.addClient({ name: 'night', role: 'Night Helper' });
      const page = await visitor.submit(`${path}/delete`, { name: 'Night Helper' });
      expect([page.status, page.words]).toEqual([
        409,
        expect.stringContaining('still assigned to'),
      ]);
      expect(await ownRoles(app)).toHaveLength(1);
    });
  });

  describe('trying a permission', () => {
    const tried = async (permission: string) => {
      const app = await makeApp(stack());
      const { visitor } = await app.member('Reader');
      return visitor.get(`/apps/${app.name}/roles?${new URLSearchParams({ permission })}`);
    };

    test.each([
      ['things.read', 'Owner, Developer, Editor, Reader'],
      ['things.write', 'Owner, Developer, Editor'],
      ['things.burn', 'Owner, Developer'],
    ])('%s tells which roles permit it: %s', async (permission, roles) => {
      const page = await tried(permission);
      expect([page.status, filledIn(page, 'permission')]).toEqual([200, permission]);
      const permitting = [...page.text.matchAll(/<li class="yes">.*?<bdi>(.*?)<\/bdi>/g)];
      expect(permitting.map(([, role]) => role).join(', ')).toBe(roles);
    });

    test.each(['things.*', 'a|b', '^a', 'a..b', '.', '<b>', 'x'.repeat(500)])(
      '%j is nothing to ask for',
      async (permission) => {
        const page = await tried(permission);
        expect([page.status, page.words]).toEqual([
          200,
          expect.stringContaining('such as things.write'),
        ]);
        expect(page.text).not.toContain('<b>');
      },
    );
  });
});
