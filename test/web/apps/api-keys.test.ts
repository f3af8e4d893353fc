import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiClient } from '../../support/http.ts';
import { openApi } from '../../support/open-api.ts';
import { onEveryStack, onStack } from '../../support/stacks.ts';
import type { Page } from '../../support/visitor.ts';
import { parseAnswer, paste } from './running.ts';
import {
  ageAnswers,
  codeOf,
  expectDone,
  filledIn,
  makeApp,
  operator,
  type TestApp,
} from './support.ts';

const keysOf = ({ name }: TestApp, client = 'default') =>
  `/apps/${name}/clients/${client}/api-keys`;
const keyOn = ({ text }: Page): string => /writ_ak_\w+/.exec(text)?.[0] ?? '';
const usual = { name: 'Billing', may: 'write', expiry: 'never' };

/** What the form of a page sends once, as it was shown. */
const idempotencyOn = (page: Page) => ({
  idempotency_key: filledIn(page, 'idempotency_key') ?? '',
});

/** Makes a key on its page. */
const make = async (app: TestApp, fields: Record<string, string> = {}) => {
  const { visitor } = app.owner;
  const page = await visitor.get(keysOf(app));
  const made = await visitor.submit(keysOf(app), { ...usual, ...idempotencyOn(page), ...fields });
  return { made, value: keyOn(made) };
};

// The example API is there on the embedded stack, and on no other.
onEveryStack((stack) => {
  beforeAll(() => openApi(stack(), { isDefault: stack().name !== 'embedded' }));

  test.each(['bash', 'sh'])(
    'the code shown with a new key creates, lists and revokes tokens, unchanged, in %s',
    async (shell) => {
      const app = await makeApp(stack());
      const { made } = await make(app);
      const keep = codeOf(made, 'Terminal: the key');
      const run = (label: string, variables = {}) =>
        paste(`${keep}\n${codeOf(made, label)}`, { shell, variables });
      const token = (await run('Terminal: create a token for user 42')).trim();
      expect(token).toMatch(/^writ_tk_/);
      const told = (await stack().introspect(token, app.client)).body;
      expect(told).toMatchObject({
        active: true,
        client_id: app.client.id,
        subject: { type: 'user', id: '42' },
        name: 'Laptop',
        roles: ['Owner'],
        scope: 'things:read things:write',
      });
      expect(
        JSON.parse(await run('Terminal: list the active tokens of user 42')).items,
      ).toMatchObject([{ kind: 'api_token', id: told.jti, state: 'active' }]);
      const label = 'Terminal: call the API with it';
      const hasExample = stack().name === 'embedded';
      expect(made.text.includes(label)).toBe(hasExample);
      const use = async () => parseAnswer(await run(label, { TOKEN: token })).status;
      if (hasExample) expect(await use()).toBe(200);
      expect(JSON.parse(await run('Terminal: revoke them all'))).toEqual({ revoked: 1 });
      if (hasExample) expect(await use()).toBe(401);
      expect((await stack().introspect(token, app.client)).body).toEqual({ active: false });
    },
  );
});

onStack((stack) => {
  let resource: string;
  beforeAll(async () => {
    resource = await openApi(stack(), { isDefault: stack().name !== 'embedded' });
  });

  const listed = ({ name, actor }: TestApp) =>
    stack().domain.appApiKeys.list(actor, name, 'default');
  const idIn = ({ text }: Page): string => /api-keys\/(tok_\w+)/.exec(text)?.[1] ?? '';
  const opens = async (value: string) =>
    (await apiClient(stack().origin, value).call('GET', '/tokens')).status === 200;

  test('a key is made on the page of a client, shown this once, and listed by its end', async () => {
    const app = await makeApp(stack());
    const { made, value } = await make(app);
    expect([made.status, made.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(value).toMatch(/^writ_ak_/);
    const list = await app.owner.visitor.get(keysOf(app));
    expect(list.words).toContain('Billing');
    expect(list.words).toContain(`…${value.slice(-4)}`);
    expect(list.text).not.toContain(value);
    expect(await listed(app)).toMatchObject([
      { name: 'Billing', status: 'active', expiresAt: null, scope: 'tokens:read tokens:write' },
    ]);
    const settings = await app.owner.visitor.get(`/apps/${app.name}/clients/default`);
    expect(settings.text).toContain(`href="${keysOf(app)}"`);
    const activity = await app.owner.visitor.get(`/apps/${app.name}/activity`);
    expect(activity.words).toMatch(/Olive Owner created the API key Billing of \S+:default/);
  });

  test('the list shows the same, with a place for the key', async () => {
    const app = await makeApp(stack());
    const none = await app.owner.visitor.get(keysOf(app));
    expect(none.text).not.toContain('<pre');
    const { value } = await make(app);
    const page = await app.owner.visitor.get(keysOf(app));
    expect(codeOf(page, 'Terminal: the key')).toBe('export API_KEY=YOUR_API_KEY');
    const line = codeOf(page, 'Terminal: create a token for user 42');
    const run = (apiKey: string) => paste(line, { variables: { API_KEY: apiKey } });
    expect((await run(value)).trim()).toMatch(/^writ_tk_/);
    expect(await run('YOUR_API_KEY')).toContain('invalid_token');
  });

  test('a token can be made for an API that is open and not the default one', async () => {
    // Where no other is open, the page names the first that is.
    const { items } = (await stack().api.call('GET', '/resources?limit=500')).body;
    expect(items.map(({ identifier }: { identifier: string }) => identifier)).toContain(resource);
    const app = await makeApp(stack());
    const { value } = await make(app);
    const made = await apiClient(stack().origin, value).call('POST', '/tokens', {
      subject: { type: 'tenant', id: 'a b' },
      name: 'Laptop',
      resource,
      scope: 'things:read',
      expires_at: new Date(Date.now() + 60_000),
    });
    expect(made).toMatchObject({ status: 201, body: { audience: [resource] } });
  });

  test('a form that is sent twice makes one key, and shows it twice', async () => {
    const app = await makeApp(stack());
    const { visitor } = app.owner;
    const fields = { ...usual, ...idempotencyOn(await visitor.get(keysOf(app))) };
    const [one, two] = await Promise.all([
      visitor.submit(keysOf(app), fields),
      visitor.submit(keysOf(app), fields),
    ]);
    expect(keyOn(one)).toMatch(/^writ_ak_/);
    expect(keyOn(two)).toBe(keyOn(one));
    expect(await listed(app)).toHaveLength(1);
  });

  test('a form that is sent again later makes no other key, and shows no value', async () => {
    const app = await makeApp(stack());
    const { visitor } = app.owner;
    const fields = { ...usual, ...idempotencyOn(await visitor.get(keysOf(app))) };
    const made = await visitor.submit(keysOf(app), fields);
    await ageAnswers(stack());
    const again = await visitor.submit(keysOf(app), fields);
    expect([again.status, keyOn(again)]).toEqual([409, '']);
    expect(again.words).toContain('This request was already sent and has succeeded');
    expect(await listed(app)).toHaveLength(1);
    const path = `${keysOf(app)}/${idIn(made)}`;
    const roll = {
      ...idempotencyOn(await visitor.get(`${path}/regenerate`)),
      overlap: '3600',
      expiry: 'keep',
    };
    expect(keyOn(await visitor.submit(`${path}/regenerate`, roll))).toMatch(/^writ_ak_/);
    await ageAnswers(stack());
    const rolled = await visitor.submit(`${path}/regenerate`, roll);
    expect([rolled.status, keyOn(rolled)]).toEqual([409, '']);
    expect(rolled.words).toContain('This request was already sent');
    expect(await listed(app)).toHaveLength(2);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['no name', { name: '  ' }, /name/i],
    ['a long name', { name: 'x'.repeat(101) }, /name/i],
    ['two lines', { name: 'a\nb' }, /name/i],
    ['no access', { may: '' }, /what the key can do/],
    ['an unknown access', { may: 'clients:write' }, /what the key can do/],
    [
      'an expiry that is no date',
      { expiry: 'date', expiry_date: '2030-02-31' },
      /future|yet to come/,
    ],
    ['an expiry in the past', { expiry: 'date', expiry_date: '2020-01-01' }, /future|yet to come/],
  ])('%s makes no key, and what was typed is kept', async (_what, fields, words) => {
    const app = await makeApp(stack());
    const { made } = await make(app, fields);
    expect([made.status, made.words]).toEqual([400, expect.stringMatching(words)]);
    expect(made.text).toMatch(/field-problem/);
    expect(keyOn(made)).toBe('');
    const given = { ...usual, ...fields };
    expect(filledIn(made, 'name')).toBe(given.name);
    if (/^(read|write)$/.test(given.may)) expect(filledIn(made, 'may')).toBe(given.may);
    expect(await listed(app)).toEqual([]);
  });

  describe('a key', () => {
    const made = async () => {
      const app = await makeApp(stack());
      const { made, value } = await make(app);
      const path = `${keysOf(app)}/${idIn(made)}`;
      await app.owner.visitor.get(path);
      return { app, value, path, visitor: app.owner.visitor };
    };

    test('is renamed, and ends when it is told to', async () => {
      const { app, path, visitor } = await made();
      const saved = await visitor.submit(`${path}/settings`, {
        name: 'Invoices',
        expiry: '604800',
      });
      const page = await expectDone(visitor, saved, path, 'The API key is saved');
      expect(page.words).toContain('Invoices');
      const [key] = await listed(app);
      expect(key).toMatchObject({ name: 'Invoices' });
      expect((key?.expiresAt ?? 0) - Date.now() / 1000).toBeGreaterThan(6.9 * 86_400);
      await visitor.submit(`${path}/settings`, { name: 'Invoices', expiry: 'keep' });
      expect((await listed(app))[0]?.expiresAt).toBe(key?.expiresAt);
      const problem = await visitor.submit(`${path}/settings`, { name: '', expiry: 'keep' });
      expect([problem.status, filledIn(problem, 'name')]).toEqual([400, '']);
    });

    test('gets a new value, and the old one goes on as long as was chosen', async () => {
      const { app, value, path, visitor } = await made();
      const page = await visitor.get(`${path}/regenerate`);
      const fields = { ...idempotencyOn(page), overlap: '3600', expiry: 'keep' };
      const next = await visitor.submit(`${path}/regenerate`, fields);
      expect(next.words).toContain('The old value works until');
      expect([await opens(value), await opens(keyOn(next))]).toEqual([true, true]);
      // The same form once more, as by a double click.
      expect(keyOn(await visitor.submit(`${path}/regenerate`, fields))).toBe(keyOn(next));
      expect(await listed(app)).toHaveLength(2);
      expect((await visitor.get(keysOf(app))).words.match(/Billing Replaced/g)).toHaveLength(1);
      const old = await visitor.get(path);
      expect(old.words).toContain('This key was regenerated. Its old value works until');
      expect(old.text).not.toContain(`${path}/regenerate`);
      const again = { ...idempotencyOn(page), overlap: '0', expiry: 'keep', other: '1' };
      expect((await visitor.submit(`${path}/regenerate`, again)).status).toBe(409);
      const nextPath = `${keysOf(app)}/${idIn(next)}`;
      const at = await visitor.get(`${nextPath}/regenerate`);
      const last = await visitor.submit(`${nextPath}/regenerate`, {
        ...idempotencyOn(at),
        overlap: '0',
        expiry: 'never',
      });
      expect(last.words).toContain('The old value no longer works');
      expect([await opens(keyOn(next)), await opens(keyOn(last))]).toEqual([false, true]);
    });

    test('is revoked after a question, and the list says so', async () => {
      const { app, value, path, visitor } = await made();
      const question = await visitor.get(`${path}/revoke`);
      expect(question.words).toMatch(/Revoke Billing ?\?/);
      const gone = await visitor.submit(`${path}/revoke`);
      await expectDone(visitor, gone, keysOf(app), 'It no longer works');
      expect(await opens(value)).toBe(false);
      const page = await visitor.get(path);
      expect([page.status, page.words]).toEqual([200, expect.stringContaining('It was revoked')]);
      for (const form of ['settings', 'regenerate', 'revoke'])
        expect(page.text).not.toContain(`${path}/${form}`);
    });

    test('of another client is not there', async () => {
      const { path, visitor } = await made();
      const other = await made();
      const id = other.path.split('/').at(-1);
      const there = path.replace(/[^/]+$/, String(id));
      expect((await visitor.get(there)).status).toBe(404);
      await visitor.get(path);
      expect((await visitor.submit(`${there}/revoke`)).location).toMatch(/done=/);
      expect(await opens(other.value)).toBe(true);
    });
  });

  test('is for those who manage clients: a Developer sees the keys of an Owner’s client, and makes none', async () => {
    const app = await makeApp(stack());
    const { made } = await make(app);
    const path = `${keysOf(app)}/${idIn(made)}`;
    const developer = await app.member('Developer');
    const seen = await developer.visitor.get(keysOf(app));
    expect([seen.status, seen.words]).toEqual([200, expect.stringContaining('Billing')]);
    expect(seen.text).not.toContain('name="may"');
    expect((await developer.visitor.get(path)).text).not.toContain(`${path}/`);
    const reader = await app.member('Reader');
    const nothing = await reader.visitor.get(keysOf(app));
    expect([nothing.status, nothing.words]).toEqual([200, expect.not.stringContaining('Billing')]);
    expect((await reader.visitor.get(path)).status).toBe(403);
    const client = await reader.visitor.get(`/apps/${app.name}/clients/default`);
    expect(client.text).not.toContain('api-keys');
  });

  test('is for servers: what acts for people has no keys, and no page of them', async () => {
    const app = await makeApp(stack());
    await app.addClient({ name: 'tv', kind: 'device' });
    const { visitor } = app.owner;
    expect((await visitor.get(keysOf(app, 'tv'))).status).toBe(404);
    const client = await visitor.get(`/apps/${app.name}/clients/tv`);
    expect(client.text).not.toContain('api-keys');
    expect((await visitor.submit(keysOf(app, 'tv'), usual)).status).toBe(404);
    expect((await stack().domain.apps.find(operator, app.name)).clients).toBe(2);
  });
});
