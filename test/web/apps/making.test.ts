import { beforeAll, describe, expect, test } from '@jest/globals';
import { openApi } from '../../support/open-api.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { codeOf, filledIn, makeApp, operator, secretOf } from './support.ts';

onStack((stack) => {
  beforeAll(async () => {
    await openApi(stack(), { isDefault: true });
  });

  /** Somebody on the page where apps are made. */
  const newcomer = async () => {
    const person = await signedIn(stack());
    await person.visitor.get('/apps/new');
    return person;
  };

  const appsOf = async (accountId: string) =>
    stack().domain.apps.list({ kind: 'account', accountId }, { limit: 10 });

  test('whoever is signed in makes an app, and is shown the secret of its first client this once', async () => {
    const { visitor, accountId } = await newcomer();
    const name = unique('acme');
    const page = await visitor.submit('/apps/new', { display_name: 'Acme & <Sons>', name });
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(page.words).toContain(`${name}:default`);
    const secret = secretOf(page);
    expect(codeOf(page, '.env')).toContain(`OAUTH_CLIENT_SECRET=${secret}`);
    const token = await stack().token({ id: `${name}:default`, secret });
    expect(token.status).toBe(200);
    expect(await appsOf(accountId)).toMatchObject([
      { name, displayName: 'Acme & <Sons>', role: 'Owner', clients: 1 },
    ]);
    for (const path of ['/apps', `/apps/${name}`, `/apps/${name}/clients/default`])
      expect((await visitor.get(path)).text).not.toContain(secret);
    expect((await visitor.get('/apps')).text).toContain('Acme &amp; &lt;Sons&gt;');
  });

  test('a name is made of the display name where none is chosen', async () => {
    const { visitor, accountId } = await newcomer();
    const word = unique('zurich').replace('-', '');
    await visitor.submit('/apps/new', { display_name: `Über ${word}!` });
    expect(await appsOf(accountId)).toMatchObject([{ name: `uber-${word}` }]);
  });

  test('a display name that no name can be made of asks for one', async () => {
    const { visitor, accountId } = await newcomer();
    const page = await visitor.submit('/apps/new', { display_name: '日本' });
    expect([page.status, page.words]).toEqual([400, expect.stringContaining('Enter a name')]);
    expect(filledIn(page, 'display_name')).toBe('日本');
    expect(await appsOf(accountId)).toEqual([]);
  });

  test.each<[string, Record<string, string>]>([
    ['no display name', { name: 'some-name' }],
    ['spaces for a display name', { display_name: '   ', name: 'some-name' }],
    ['a long display name', { display_name: 'x'.repeat(101), name: 'some-name' }],
    ['two lines', { display_name: 'a\nb', name: 'some-name' }],
    ['capitals in the name', { display_name: 'Acme', name: 'Acme' }],
    ['a dot in the name', { display_name: 'Acme', name: 'ac.me' }],
    ['a name that is a page', { display_name: 'Acme', name: 'new' }],
    ['a name that is too long', { display_name: 'Acme', name: 'a'.repeat(41) }],
  ])('%s makes no app, and what was typed is kept', async (_what, fields) => {
    const { visitor, accountId } = await newcomer();
    const page = await visitor.submit('/apps/new', fields);
    expect(page.status).toBe(400);
    expect(page.text).toMatch(/field-problem/);
    expect(filledIn(page, 'name')).toBe(fields['name']);
    expect(await appsOf(accountId)).toEqual([]);
  });

  test('a name that looks like that of another app, or ours, makes no app, and the problem stands at its field', async () => {
    const { displayName } = await makeApp(stack());
    const { visitor, accountId } = await newcomer();
    for (const [display_name, status, words] of [
      [displayName.replace('Acme', 'Асmе'), 409, 'already in use'],
      ['WRlT', 400, 'the name of this service'],
    ] as const) {
      const page = await visitor.submit('/apps/new', { display_name, name: unique('acme') });
      expect([page.status, page.words]).toEqual([status, expect.stringContaining(words)]);
      expect(page.text).toContain('id="display_name-problem"');
      expect(filledIn(page, 'display_name')).toBe(display_name);
    }
    expect(await appsOf(accountId)).toEqual([]);
  });

  test('two clicks make one app, and the second says that it is there', async () => {
    const { visitor, accountId } = await newcomer();
    const fields = { display_name: unique('Twice') };
    const answers = await Promise.all([
      visitor.submit('/apps/new', fields),
      visitor.submit('/apps/new', fields),
    ]);
    const [made, again] = answers.sort((a, b) => a.status - b.status);
    expect([made?.status, again?.status]).toEqual([200, 409]);
    const [app] = await appsOf(accountId);
    expect(await appsOf(accountId)).toHaveLength(1);
    expect(again?.text).toContain(`href="/apps/${app?.name}"`);
    expect(again?.words).toMatch(/secret/i);
    expect(secretOf(again ?? { text: '' })).toBe('');
  });

  describe.each(['an app of somebody else', 'a deleted app'])('the name of %s', (whose) => {
    test('is not given again, and what was typed is kept', async () => {
      const app = await makeApp(stack());
      if (whose === 'a deleted app') await stack().domain.apps.delete(operator, app.name);
      const { visitor, accountId } = await newcomer();
      const display_name = unique('Acme');
      const page = await visitor.submit('/apps/new', { display_name, name: app.name });
      expect([page.status, page.words]).toEqual([
        409,
        expect.stringContaining('names are never reused'),
      ]);
      expect([filledIn(page, 'display_name'), filledIn(page, 'name')]).toEqual([
        display_name,
        app.name,
      ]);
      expect(page.text).not.toContain(`href="/apps/${app.name}"`);
      expect(await appsOf(accountId)).toEqual([]);
    });
  });

  test('another app of one’s own with the same name is no second click', async () => {
    const { owner, name } = await makeApp(stack());
    await owner.visitor.get('/apps/new');
    const page = await owner.visitor.submit('/apps/new', { display_name: 'Another', name });
    expect([page.status, filledIn(page, 'display_name')]).toEqual([409, 'Another']);
    expect(page.words).toContain('already');
  });

  test('the list shows the apps of a person alone, a page at a time', async () => {
    const { visitor, accountId } = await signedIn(stack());
    const other = await makeApp(stack());
    const prefix = unique('many');
    for (let count = 0; count < 51; count++) {
      const name = `${prefix}-${String(count).padStart(2, '0')}`;
      await stack().domain.apps.create(operator, { displayName: name, name });
      await stack().domain.appMembers.set(operator, name, accountId, 'Reader');
    }
    const first = await visitor.get('/apps');
    expect(first.text).not.toContain(other.name);
    expect(first.text).toContain(`href="/apps/${prefix}-49"`);
    expect(first.text).not.toContain(`${prefix}-50`);
    const next = /href="(\/apps\?after=[^"]+)"/.exec(first.text)?.[1] ?? '';
    const second = await visitor.get(next);
    expect(second.text).toContain(`href="/apps/${prefix}-50"`);
    expect(second.text).not.toContain(`${prefix}-49`);
  });

  test.each(['%00', 'a%20b', 'A', '%', 'x'.repeat(300)])(
    'a cursor that is none, %s, is answered on a page',
    async (after) => {
      const { visitor } = await signedIn(stack());
      expect((await visitor.get(`/apps?after=${after}`)).status).toBe(400);
    },
  );
});

onStack(
  (stack) => {
    test('with APPS=off no page of apps exists, no page links to one, and operators manage apps', async () => {
      const { visitor, accountId, password } = await signedIn(stack());
      const account = await visitor.get('/account');
      expect(account.text).not.toContain('href="/apps');
      const { status, body } = await stack().api.call('POST', '/apps', {
        display_name: unique('Acme'),
        owner: accountId,
      });
      expect(status).toBe(201);
      for (const path of ['/apps', '/apps/new', `/apps/${body.name}`, '/apps/invitations/x']) {
        const page = await visitor.get(path);
        expect([page.status, page.words]).toEqual([404, expect.stringContaining('Page not found')]);
      }
      expect((await visitor.submit('/apps/new', { display_name: 'Acme' })).status).toBe(404);
      expect((await visitor.get('/account/delete')).text).not.toContain('invitations to apps');
      const refused = await visitor.submit('/account/delete', { current: password });
      expect(refused.words).toContain('Ask an administrator to transfer or delete these apps');
      expect((await visitor.get('/account/tokens/new')).text).not.toContain('apps:read');
      expect((await visitor.get('/docs/tokens')).text).not.toContain('page, or with');
      expect((await stack().api.call('GET', `/apps/${body.name}`)).status).toBe(200);
    });
  },
  { APPS: 'off' },
);
