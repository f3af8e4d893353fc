import { beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { openApi } from '../../support/open-api.ts';
import { onStack } from '../../support/stacks.ts';
import { makeApp, operator } from './support.ts';

onStack((stack) => {
  beforeAll(async () => {
    await openApi(stack(), { isDefault: true });
  });

  test('tells in sentences who did what, by the names of people and clients', async () => {
    const app = await makeApp(stack());
    const editor = await app.member('Editor');
    await app.addClient({ name: 'importer' });
    const { visitor } = app.owner;
    await visitor.get(`/apps/${app.name}/clients/importer`);
    await visitor.submit(`/apps/${app.name}/clients/importer/disable`);
    await visitor.get(`/apps/${app.name}/members`);
    await visitor.submit(`/apps/${app.name}/members/remove`, { account_id: editor.accountId });
    const { visitor: reader } = await app.member('Reader');
    const page = await reader.get(`/apps/${app.name}/activity`);
    expect(page.words).toMatch(/Olive Owner[^.]*importer/);
    expect(page.words).toMatch(/Olive Owner[^.]*Mia Editor/);
    expect(page.text).not.toContain(app.owner.accountId);
    const home = await reader.get(`/apps/${app.name}`);
    expect(home.words).toMatch(/Olive Owner[^.]*Mia Editor/);
  });

  test('tells of an older page what does not fit on the first', async () => {
    const app = await makeApp(stack());
    for (let count = 0; count < 55; count++)
      await stack().domain.apps.update(operator, app.name, { displayName: `Name ${count}` });
    const { visitor } = app.owner;
    const path = `/apps/${app.name}/activity`;
    const first = await visitor.get(path);
    expect(first.words).toContain('Name 53');
    const older = /href="([^"]+\?after=[^"]+)"/.exec(first.text)?.[1] ?? '';
    expect(older.startsWith(`${path}?after=`)).toBe(true);
    const second = await visitor.get(older);
    expect(second.words).toContain('Name 0');
    expect(second.words).not.toContain('Name 53');
    expect(second.text).toContain(`href="${path}"`);
  });

  test.each(['x', '-1', '%00', '1.5', '9'.repeat(40)])(
    'the cursor %s is answered on a page',
    async (after) => {
      const app = await makeApp(stack());
      const page = await app.owner.visitor.get(`/apps/${app.name}/activity?after=${after}`);
      expect([200, 400]).toContain(page.status);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    },
  );

  test('shows how many tokens each client got, on the overview and beside what happened', async () => {
    const app = await makeApp(stack());
    await app.addClient({ name: 'importer' });
    const { id } = await stack().domain.appClients.find(operator, app.name, 'importer');
    await stack()
      .database.kysely.insertInto('client_usage')
      .values({
        client_id: id,
        day: sql<string>`(now() at time zone 'UTC')::date`,
        access_tokens: 4321,
      })
      .execute();
    const { visitor } = await app.member('Reader');
    for (const path of [`/apps/${app.name}`, `/apps/${app.name}/activity`]) {
      const page = await visitor.get(path);
      expect(page.words).toMatch(/4[, ]?321 in 30 days/);
      expect(page.words).toMatch(/importer[^4]*4[, ]?321/);
    }
  });
});
