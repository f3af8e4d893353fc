import { beforeAll, describe, expect, test } from '@jest/globals';
import { openApi } from '../../support/open-api.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { expectDone, filledIn, makeApp, operator } from './support.ts';

onStack((stack) => {
  beforeAll(async () => {
    await openApi(stack(), { isDefault: true });
  });

  const open = async () => {
    const app = await makeApp(stack());
    const path = `/apps/${app.name}`;
    await app.owner.visitor.get(`${path}/settings`);
    return { app, path, visitor: app.owner.visitor };
  };

  test('an Owner changes what an app is called', async () => {
    const { path, visitor } = await open();
    const answer = await visitor.submit(`${path}/settings`, { display_name: ' Ácme <2> ' });
    const page = await expectDone(visitor, answer, `${path}/settings`, 'The app is saved');
    expect(filledIn(page, 'display_name')).toBe('Ácme <2>');
  });

  test('a name that looks like that of another app is refused at its field, for an app and a client', async () => {
    const { displayName } = await makeApp(stack());
    const alike = displayName.replace('Acme', 'Асmе').toUpperCase();
    const { app, path, visitor } = await open();
    const inUse = expect.stringContaining('Looks too similar to a name that is already in use');
    for (const form of [`${path}/settings`, `${path}/clients/default/settings`]) {
      const page = await visitor.submit(form, { display_name: alike, role: 'Owner' });
      expect([page.status, page.words, filledIn(page, 'display_name')]).toEqual([
        409,
        inUse,
        alike,
      ]);
      expect(page.text).toContain('id="display_name-problem"');
    }
    await visitor.get(`${path}/clients/new`);
    const client = { kind: 'device', name: 'tv', role: 'Reader', display_name: alike };
    const page = await visitor.submit(`${path}/clients/new`, client);
    expect([page.status, page.words, filledIn(page, 'display_name')]).toEqual([409, inUse, alike]);
    expect(page.text).toContain('id="display_name-problem"');
    expect((await stack().domain.apps.find(operator, app.name)).displayName).toBe(app.displayName);
  });

  test.each(['', '   ', 'x'.repeat(101), 'a\nb'])('%j is no display name', async (display_name) => {
    const { app, path, visitor } = await open();
    const page = await visitor.submit(`${path}/settings`, { display_name });
    expect(page.status).toBe(400);
    expect(page.text).toContain('id="display_name-problem"');
    expect((await stack().domain.apps.find(operator, app.name)).displayName).toBe(app.displayName);
  });

  test('disabling ends all tokens and stops new ones; enabling lets new ones be had; clicked twice as once', async () => {
    const { app, path, visitor } = await open();
    const { body } = await stack().token(app.client);
    for (let click = 0; click < 2; click++)
      await expectDone(
        visitor,
        await visitor.submit(`${path}/disable`),
        `${path}/settings`,
        'The app is disabled',
      );
    expect((await stack().token(app.client)).status).toBe(401);
    for (let click = 0; click < 2; click++)
      await expectDone(
        visitor,
        await visitor.submit(`${path}/enable`),
        `${path}/settings`,
        'The app is enabled',
      );
    expect((await stack().token(app.client)).status).toBe(200);
    const told = await stack().introspect(body.access_token, app.client);
    expect(told.body).toEqual({ active: false });
  });

  describe('deleting an app', () => {
    test('says what ends with it, and is done once its name is typed', async () => {
      const { app, path, visitor } = await open();
      await app.addClient({ name: 'importer', displayName: unique('The importer') });
      await stack().domain.appRoles.set(operator, app.name, {
        name: 'Night Helper',
        permissions: ['things.read'],
      });
      await app.member('Reader');
      const page = await visitor.get(`${path}/settings`);
      for (const words of [
        `${app.name}:default`,
        `${app.name}:importer`,
        'Night Helper',
        '2 people',
      ])
        expect(page.words).toContain(words);
      const answer = await visitor.submit(`${path}/delete`, { name: ` ${app.name} ` });
      const list = await expectDone(visitor, answer, '/apps', 'The app is deleted');
      expect(list.text).not.toContain(path);
      expect((await stack().token(app.client)).status).toBe(401);
      expect((await visitor.submit(`${path}/delete`, { name: app.name })).status).toBe(404);
    });

    test.each([
      ['nothing', ''],
      ['something else', 'acme'],
      ['its display name', '{displayName}'],
      ['its name in capitals', '{NAME}'],
    ])('is not done where %s is typed', async (_what, typed) => {
      const { app, path, visitor } = await open();
      const name = typed
        .replace('{displayName}', app.displayName)
        .replace('{NAME}', app.name.toUpperCase());
      const page = await visitor.submit(`${path}/delete`, { name });
      expect(page.status).toBe(400);
      expect(page.text).toContain('id="name-problem"');
      expect(page.words).toContain(`Type the name of the app to delete it: ${app.name}`);
      expect((await stack().token(app.client)).status).toBe(200);
    });
  });
});
