// Personal access tokens: making, changing, rolling and revoking them on the pages of an account.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { defaultPersonalPolicy } from '../../../src/domain/resources/resources.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onlyField } from '../../../views/tokens/new.ts';
import {
  checkAccessibility,
  chromiumPath,
  openBrowser,
  openPage,
  screenshot,
  sidewaysOverflow,
} from '../../support/browser.ts';
import type { Credentials } from '../../support/http.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, unique } from '../../support/stacks.ts';
import type { Page, Visitor } from '../../support/visitor.ts';
import { ageAnswers, ageSignIns, expectDone, filledIn, unescaped } from '../apps/support.ts';

const day = 86_400;
const scopes = [
  { name: 'things:read', description: 'See your things' },
  { name: 'things:write', description: 'Create, change and delete your things' },
];

let browser: Browser | undefined;
beforeAll(async () => {
  if (chromiumPath) browser = await openBrowser();
});
afterAll(() => browser?.close());

onStack((stack) => {
  /** An API whose tokens live 366 days at most, and one whose tokens may live for ever and be limited. */
  let api: string;
  let endless: string;
  /** One that nobody opened to people. */
  let closed: string;
  let resourceServer: Credentials;

  beforeAll(async () => {
    const { domain } = stack();
    const make = async (given: Partial<Parameters<typeof domain.resources.create>[0]>) => {
      const { identifier } = await domain.resources.create({
        identifier: `https://${unique('api')}.test`,
        name: unique('Things API'),
        scopes,
        tokenFormat: 'opaque',
        signingAlg: 'ES256',
        accessTokenTtl: null,
        isDefault: false,
        appPolicy: null,
        personalPolicy: defaultPersonalPolicy,
        ...given,
      });
      return identifier;
    };
    api = await make({});
    endless = await make({
      personalPolicy: { longest_ttl: null },
      detailsTypes: [
        { type: 'database', description: 'A database', actions: ['read', 'drop'] },
        { type: 'a:b', description: 'A table', actions: [] },
      ],
    });
    closed = await make({ personalPolicy: null });
    resourceServer = await stack().api.createClient({ resource_server_for: [api, endless] });
  });

  const introspect = async (value: string) =>
    (await stack().introspect(value, resourceServer)).body;

  const idempotencyOf = ({ text }: Page): string =>
    /name="idempotency_key" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const shownValue = ({ text }: Page): string => /writ_pat_[A-Za-z0-9]+/.exec(text)?.[0] ?? '';
  /** The path of a token's page, by the token's name. */
  const pathOf = async (visitor: Visitor, name: string): Promise<string> => {
    const { text } = await visitor.get('/account/tokens');
    const found = text
      .split(`<bdi>${name}</bdi>`)[0]
      ?.match(/\/account\/tokens\/tok_\w+/g)
      ?.at(-1);
    if (!found) throw new Error(`there is no token ${name}`);
    return found;
  };

  const fill = async (visitor: Visitor, fields: Record<string, string> = {}) => {
    const resource = fields['resource'] ?? api;
    const form = await visitor.get(`/account/tokens/new?resource=${encodeURIComponent(resource)}`);
    return {
      idempotency_key: idempotencyOf(form),
      resource,
      name: unique('token'),
      'scope:things:read': 'on',
      expiry: String(30 * day),
      ...fields,
    };
  };

  /** Makes a token as its page has the form; gives its value, its page and its name. */
  const make = async (visitor: Visitor, fields: Record<string, string> = {}) => {
    const filled = await fill(visitor, fields);
    const page = await visitor.submit('/account/tokens', filled);
    if (page.status !== 200) throw new Error(`no token was made: ${page.status} ${page.words}`);
    const { name } = filled;
    return { value: shownValue(page), name, page, path: await pathOf(visitor, name) };
  };

  const settingsOf = (name: string, rest: Record<string, string> = {}) => ({
    name,
    'scope:things:read': 'on',
    expiry: 'keep',
    ...rest,
  });

  describe('making a token', () => {
    test('a value is shown once, and does what was chosen, as the person who made it', async () => {
      const { visitor, accountId } = await signedIn(stack());
      const { value, page, path, name } = await make(visitor);
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.words).toContain('Copy the token now: it is shown only once');
      const state = await introspect(value);
      expect(state).toMatchObject({ active: true, scope: 'things:read', sub: accountId });
      expect(Math.abs(state.exp - Date.now() / 1000 - 30 * day)).toBeLessThan(60);
      for (const shown of [await visitor.get('/account/tokens'), await visitor.get(path)]) {
        expect(shown.text).not.toContain(value);
        expect(shown.words).toContain(name);
        expect(shown.words).toContain(`…${value.slice(-4)}`);
      }
    });

    test('nothing is chosen for a person but a life of 30 days', async () => {
      const { visitor } = await signedIn(stack());
      const { text } = await visitor.get(
        `/account/tokens/new?resource=${encodeURIComponent(endless)}`,
      );
      expect(text.match(/type="checkbox"[^>]*checked/g)).toBeNull();
      expect(filledIn({ text }, 'expiry')).toBe(String(30 * day));
      expect(text).not.toContain('<details class="limits" open');
    });

    test('of several APIs one is chosen first, and nobody is offered more of one than they may have', async () => {
      const { visitor } = await signedIn(stack());
      const choosing = await visitor.get('/account/tokens/new');
      expect(choosing.words).toContain('Choose the API');
      expect(choosing.text).not.toContain('name="name"');
      const { words } = await visitor.get(
        `/account/tokens/new?resource=${encodeURIComponent(stack().apiResource)}`,
      );
      expect(words).toContain('apps:read');
      expect(words).not.toMatch(/apps:write|clients:read/);
    });

    test('a form that is sent twice at once makes one token, and shows its value both times', async () => {
      const { visitor } = await signedIn(stack());
      const filled = await fill(visitor);
      const answers = await Promise.all(
        [1, 2].map(() => visitor.submit('/account/tokens', filled)),
      );
      const values = answers.map(shownValue);
      expect(values[0]).toMatch(/^writ_pat_/);
      expect(values[1]).toBe(values[0]);
      const { text } = await visitor.get('/account/tokens');
      expect(text.split(`<bdi>${filled.name}</bdi></a> `)).toHaveLength(2);
    });

    test('a form that is sent again later shows no value and makes no token', async () => {
      const { visitor } = await signedIn(stack());
      const filled = await fill(visitor);
      expect((await visitor.submit('/account/tokens', filled)).status).toBe(200);
      await ageAnswers(stack());
      const again = await visitor.submit('/account/tokens', filled);
      expect([again.status, shownValue(again)]).toEqual([409, '']);
      expect(again.words).toContain('This request was already sent and has succeeded');
      const { text } = await visitor.get('/account/tokens');
      expect(text.split(`<bdi>${filled.name}</bdi></a> `)).toHaveLength(2);
    });

    test('an empty name, no scope and a day in the past are reported together, each at its field', async () => {
      const { visitor } = await signedIn(stack());
      const page = await visitor.submit(
        '/account/tokens',
        await fill(visitor, {
          name: '',
          'scope:things:read': '',
          expiry: 'date',
          expiry_date: '2020-01-01',
        }),
      );
      expect(page.status).toBe(400);
      const problems = [...page.text.matchAll(/id="(\w+)-problem"[^>]*>([^<]+)</g)];
      expect(problems.map(([, field, words]) => [field, words])).toEqual([
        ['name', 'Enter a name.'],
        ['scope', 'Choose at least one scope.'],
        ['expiry', 'Must be a time in the future.'],
      ]);
    });

    test('a name that is taken is told at its field, and makes no token', async () => {
      const { visitor } = await signedIn(stack());
      const { name } = await make(visitor);
      const page = await visitor.submit('/account/tokens', await fill(visitor, { name }));
      expect([page.status, shownValue(page)]).toEqual([409, '']);
      expect(page.words).toContain('Choose another name');
      expect(page.text).toContain('id="name-problem"');
    });

    test('whoever has to sign in again first comes back to the API that they chose', async () => {
      const { visitor } = await signedIn(stack());
      const filled = await fill(visitor);
      await ageSignIns(stack());
      const chosen = `/account/tokens/new?resource=${encodeURIComponent(api)}`;
      for (const [page, path] of [
        [await visitor.get(chosen), chosen],
        [await visitor.submit('/account/tokens', filled), `${chosen}&done=again`],
      ] as const) {
        const { searchParams } = new URL(page.location ?? '', 'http://x');
        expect([page.status, searchParams.get('return_to')]).toEqual([303, path]);
      }
    });

    const yesterday = new Date(Date.now() - day * 1000).toISOString().slice(0, 10);
    const never = 'at most 366 days from now';
    test.each<[what: string, fields: Record<string, string>, words: RegExp, field: string]>([
      ['no name', { name: ' ' }, /Enter a name\./, 'name'],
      ['no scope', { 'scope:things:read': '' }, /Choose at least one scope/, 'scope'],
      [
        'a scope that is not offered',
        { 'scope:tokens:write': 'on' },
        /cannot choose the scope/,
        'scope',
      ],
      ['no expiry', { expiry: '' }, /Must be a time in the future/, 'expiry'],
      ['never, where that is not offered', { expiry: 'never' }, RegExp(never, 'i'), 'expiry'],
      ['too long a life', { expiry: String(400 * day) }, RegExp(never, 'i'), 'expiry'],
      ['no date', { expiry: 'date' }, /Must be a time in the future/, 'expiry'],
      [
        'a day that there is not',
        { expiry: 'date', expiry_date: '2030-02-30' },
        /Must be a time in the future/,
        'expiry',
      ],
      ['a day that is over', { expiry: 'date', expiry_date: yesterday }, /in the future/, 'expiry'],
      ['a limit that is not offered', { [onlyField('car')]: 'x' }, /has no type/, ''],
    ])('%s is told at its field, and what was typed stays', async (_what, fields, words, field) => {
      const { visitor } = await signedIn(stack());
      const filled = await fill(visitor, { name: 'Kept', ...fields });
      const page = await visitor.submit('/account/tokens', filled);
      expect([page.status, shownValue(page)]).toEqual([400, '']);
      expect(page.words).toMatch(words);
      if (field) expect(page.text).toContain(`id="${field}-problem"`);
      expect(filledIn(page, 'name')).toBe(filled.name.trim() === '' ? ' ' : 'Kept');
      expect(page.text.includes('name="scope:things:read" checked')).toBe(
        filled['scope:things:read'] !== '',
      );
      expect((await visitor.get('/account/tokens')).words).toContain('You have no tokens yet');
    });

    test('an API that is none, or is not open to people, gives no token', async () => {
      const { visitor } = await signedIn(stack());
      expect((await visitor.get('/account/tokens/new')).text).not.toContain(closed);
      for (const resource of [closed, 'https://nowhere.test', '', 'x'.repeat(3000)]) {
        const page = await visitor.submit('/account/tokens', await fill(visitor, { resource }));
        expect([page.status, shownValue(page)]).toEqual([400, '']);
      }
    });

    test('a token lives until the end of the day that was chosen, or for ever where that is offered', async () => {
      const { visitor } = await signedIn(stack());
      const date = new Date(Date.now() + 100 * day * 1000).toISOString().slice(0, 10);
      const dated = await make(visitor, { expiry: 'date', expiry_date: date });
      const end = Date.parse(`${date}T23:59:59Z`) / 1000;
      expect((await introspect(dated.value)).exp).toBe(end);
      const endlessly = await make(visitor, { resource: endless, expiry: 'never' });
      expect(await introspect(endlessly.value)).not.toHaveProperty('exp');
    });

    test('a token is limited to the single things that were named, and to nothing where none were', async () => {
      const { visitor } = await signedIn(stack());
      const limited = await make(visitor, {
        resource: endless,
        [onlyField('database')]: 'sales\r\n stock \r\n\r\nsales',
        [onlyField('database', 'read')]: 'on',
        [onlyField('a:b')]: 'prices',
      });
      expect((await introspect(limited.value)).authorization_details).toEqual([
        { type: 'database', actions: ['read'], identifier: 'sales' },
        { type: 'database', actions: ['read'], identifier: 'stock' },
        { type: 'a:b', identifier: 'prices' },
      ]);
      expect((await visitor.get(limited.path)).words).toMatch(/database sales : read/);
      const all = await make(visitor, { resource: endless });
      expect(await introspect(all.value)).not.toHaveProperty('authorization_details');
    });

    test.each(['only:%', 'only:%E0%A4%A', 'only', 'only:a:b:c', 'scope:', '__proto__'])(
      'a field called %j breaks nothing',
      async (field) => {
        const { visitor } = await signedIn(stack());
        const page = await visitor.submit('/account/tokens', await fill(visitor, { [field]: 'x' }));
        expect([200, 400]).toContain(page.status);
      },
    );
  });

  describe('the list', () => {
    test('it is searched by name and scope in any case, and sorted either way', async () => {
      const { visitor } = await signedIn(stack());
      const [a, b, c] = [unique('Alpha'), unique('beta'), unique('Gamma')];
      await make(visitor, { name: b, expiry: String(7 * day) });
      await make(visitor, { name: a, expiry: String(90 * day), 'scope:things:write': 'on' });
      await make(visitor, { name: c });
      const order = async (query: string) => {
        const { words } = await visitor.get(`/account/tokens?${query}`);
        return [a, b, c]
          .filter((name) => words.includes(name))
          .sort((one, other) => words.indexOf(one) - words.indexOf(other));
      };
      expect(await order('')).toEqual([c, a, b]);
      expect(await order('sort=name')).toEqual([a, b, c]);
      expect(await order('sort=-name')).toEqual([c, b, a]);
      expect(await order('sort=expires')).toEqual([b, c, a]);
      expect(await order('sort=nonsense')).toEqual([c, a, b]);
      expect(await order('q=BETA')).toEqual([b]);
      expect(await order('q=Things:Write')).toEqual([a]);
      expect(await order('q=things:read&sort=-created')).toEqual([b, a, c]);
      const none = await visitor.get('/account/tokens?q=%3Cb%3E');
      expect(none.text).toContain('&lt;b&gt;');
      expect(none.text).toContain('value="&lt;b&gt;"');
      const { text } = await visitor.get('/account/tokens?sort=-name&q=a');
      expect(text).toContain('aria-sort="descending"');
      expect(unescaped(text)).toContain('href="/account/tokens?q=a&sort=name"');
    });
  });

  describe('changing a token', () => {
    test('it is renamed, loses a scope and gets another end, which introspection shows at once', async () => {
      const { visitor } = await signedIn(stack());
      const { value, path } = await make(visitor, { 'scope:things:write': 'on' });
      await visitor.get(path);
      const name = unique('renamed');
      const answer = await visitor.submit(
        `${path}/settings`,
        settingsOf(name, { expiry: String(7 * day) }),
      );
      const page = await expectDone(visitor, answer, path, /The token is saved/);
      expect(page.words).toContain(name);
      const state = await introspect(value);
      expect(state).toMatchObject({ active: true, scope: 'things:read' });
      expect(Math.abs(state.exp - Date.now() / 1000 - 7 * day)).toBeLessThan(60);
    });

    test('it gets no scope, keeps at least one, and takes nobody’s name', async () => {
      const { visitor } = await signedIn(stack());
      const other = await make(visitor);
      const { value, path, name } = await make(visitor);
      await visitor.get(path);
      const send = (fields: Record<string, string>) => visitor.submit(`${path}/settings`, fields);
      const before = await introspect(value);
      const more = await send(settingsOf(name, { 'scope:things:write': 'on' }));
      expect([more.status, more.words]).toEqual([
        403,
        expect.stringContaining('cannot gain scopes'),
      ]);
      await visitor.get(path);
      const none = await send(settingsOf(name, { 'scope:things:read': '' }));
      expect([none.status, none.text]).toEqual([
        400,
        expect.stringContaining('id="scope-problem"'),
      ]);
      const taken = await send(settingsOf(other.name.toUpperCase()));
      expect([taken.status, taken.text]).toEqual([409, expect.stringContaining('name-problem')]);
      expect(filledIn(taken, 'name')).toBe(other.name.toUpperCase());
      const forever = await send(settingsOf(name, { expiry: 'never' }));
      expect([forever.status, forever.text]).toEqual([
        400,
        expect.stringContaining('expiry-problem'),
      ]);
      expect(await introspect(value)).toEqual(before);
    });
  });

  describe('a new value', () => {
    const roll = async (visitor: Visitor, path: string, fields: Record<string, string> = {}) => {
      const form = await visitor.get(`${path}/regenerate`);
      const filled = {
        idempotency_key: idempotencyOf(form),
        overlap: '0',
        expiry: 'keep',
        ...fields,
      };
      return visitor.submit(`${path}/regenerate`, filled);
    };

    test('the old value goes on for the overlap that was chosen, and both pages say so', async () => {
      const { visitor } = await signedIn(stack());
      const { value, path, name } = await make(visitor, { expiry: String(7 * day) });
      const page = await roll(visitor, path, { overlap: '3600' });
      const next = shownValue(page);
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(page.words).toContain('The old value works until');
      expect(next).not.toBe(value);
      const [old, fresh] = [await introspect(value), await introspect(next)];
      expect([old.active, fresh.active]).toEqual([true, true]);
      expect(old.exp - Date.now() / 1000).toBeLessThan(3601);
      expect(Math.abs(fresh.exp - Date.now() / 1000 - 7 * day)).toBeLessThan(60);
      const before = await visitor.get(path);
      expect(before.words).toMatch(/old value works until .* the new value, ending in/);
      expect(before.text).not.toContain(`${path}/regenerate`);
      const { text, words } = await visitor.get('/account/tokens');
      expect(text.split(`<bdi>${name}</bdi></a> `)).toHaveLength(3);
      expect(words).toMatch(/replaced by/);
      const again = await roll(visitor, path);
      expect([again.status, shownValue(again)]).toEqual([409, '']);
    });

    test('the page says when a new value ends: as late as the API lets it by now, where that is sooner', async () => {
      const { visitor } = await signedIn(stack());
      const longest_ttl = 30 * day;
      const { resources } = stack().domain;
      const { identifier } = await resources.create({
        identifier: `https://${unique('api')}.test`,
        name: unique('Stricter API'),
        scopes,
        tokenFormat: 'opaque',
        signingAlg: 'ES256',
        accessTokenTtl: null,
        isDefault: false,
        appPolicy: null,
        personalPolicy: defaultPersonalPolicy,
      });
      const { path } = await make(visitor, { resource: identifier, expiry: String(90 * day) });
      const page = `${path}/regenerate`;
      expect((await visitor.get(page)).words).toContain('In 90 days, as before');
      await resources.update(identifier, { personalPolicy: { longest_ttl } });
      const { words } = await visitor.get(page);
      expect(words).toContain('After the maximum, in 30 days');
      expect(words).not.toContain('as before');
      const reader = await stack().api.createClient({ resource_server_for: [identifier] });
      const { body } = await stack().introspect(shownValue(await roll(visitor, path)), reader);
      expect(Math.abs(body.exp - Date.now() / 1000 - longest_ttl)).toBeLessThan(60);
    });

    test('at once means at once, and the new one lives as long as was chosen', async () => {
      const { visitor } = await signedIn(stack());
      const { value, path } = await make(visitor);
      const page = await roll(visitor, path, { expiry: String(90 * day) });
      expect(page.words).toContain('The old value no longer works');
      expect((await introspect(value)).active).toBe(false);
      const fresh = await introspect(shownValue(page));
      expect(Math.abs(fresh.exp - Date.now() / 1000 - 90 * day)).toBeLessThan(60);
    });

    test('a form that is sent twice makes one new value, and shows it both times', async () => {
      const { visitor } = await signedIn(stack());
      const { path, name } = await make(visitor);
      const filled = {
        idempotency_key: idempotencyOf(await visitor.get(`${path}/regenerate`)),
        overlap: '86400',
        expiry: 'keep',
      };
      const answers = await Promise.all(
        [1, 2].map(() => visitor.submit(`${path}/regenerate`, filled)),
      );
      expect(shownValue(answers[0] as Page)).toMatch(/^writ_pat_/);
      expect(shownValue(answers[1] as Page)).toBe(shownValue(answers[0] as Page));
      const { text } = await visitor.get('/account/tokens');
      expect(text.split(`<bdi>${name}</bdi></a> `)).toHaveLength(3);
    });

    test.each([{ overlap: '' }, { overlap: '5' }, { overlap: 'x' }, { expiry: 'never' }])(
      'what is not offered is refused, and the token stays as it is: %j',
      async (fields: Record<string, string>) => {
        const { visitor } = await signedIn(stack());
        const { value, path } = await make(visitor);
        const page = await roll(visitor, path, fields);
        expect([page.status, shownValue(page)]).toEqual([400, '']);
        expect(page.text).toMatch(/id="(overlap|expiry)-problem"/);
        expect((await introspect(value)).active).toBe(true);
      },
    );
  });

  describe('revoking', () => {
    test('it ends a token at once, without a recent sign-in, and what it was stays to be seen', async () => {
      const { visitor } = await signedIn(stack());
      const { value, path, name } = await make(visitor);
      await ageSignIns(stack());
      await visitor.get(path);
      const answer = await visitor.submit(`${path}/revoke`);
      expect((await introspect(value)).active).toBe(false);
      const list = await expectDone(visitor, answer, '/account/tokens', /The token is revoked/);
      expect(list.words).toMatch(new RegExp(`Expired and revoked .*${name}.*Revoked`));
      expect((await visitor.get(path)).words).toMatch(/It was revoked .*It no longer works/);
      expect((await visitor.submit(`${path}/revoke`)).status).toBe(303);
    });

    test('a token that ended meanwhile is not changed, and the page says why', async () => {
      const { visitor } = await signedIn(stack());
      const { path, name } = await make(visitor);
      await visitor.get(path);
      await visitor.submit(`${path}/revoke`);
      const changed = await visitor.submit(`${path}/settings`, settingsOf(name));
      expect([changed.status, changed.words]).toEqual([
        409,
        expect.stringContaining('no longer active'),
      ]);
      expect(changed.words).toContain('It was revoked');
      const rolled = await visitor.submit(`${path}/regenerate`, { overlap: '0', expiry: 'keep' });
      expect([rolled.status, shownValue(rolled)]).toEqual([409, '']);
    });
  });

  test('what makes or changes a token asks for the password again where it was given long ago', async () => {
    const { visitor } = await signedIn(stack());
    const { path, name, value } = await make(visitor);
    const filled = await fill(visitor);
    await ageSignIns(stack());
    const before = await introspect(value);
    expect((await visitor.get('/account/tokens')).status).toBe(200);
    expect((await visitor.get(path)).status).toBe(200);
    for (const page of [
      await visitor.get('/account/tokens/new'),
      await visitor.submit('/account/tokens', filled),
      await visitor.submit(`${path}/settings`, settingsOf(name, { expiry: String(7 * day) })),
      await visitor.submit(`${path}/regenerate`, { overlap: '0', expiry: 'keep' }),
    ]) {
      const { pathname, searchParams } = new URL(page.location ?? '', 'http://x');
      expect([page.status, pathname, searchParams.get('again')]).toEqual([303, '/sign-in', '1']);
      expect(searchParams.get('return_to')).toMatch(/^\/account\/tokens/);
    }
    expect(await introspect(value)).toEqual(before);
    expect((await visitor.get('/account/tokens')).words).not.toContain(filled.name);
  });

  test('somebody else’s token is not there, whatever is asked of it', async () => {
    const owner = await signedIn(stack());
    const { path, value } = await make(owner.visitor);
    const { visitor } = await signedIn(stack());
    const asked = [
      await visitor.get(path),
      await visitor.get('/account/tokens/tok_x'),
      await visitor.get('/account/tokens/%00'),
    ];
    await visitor.get('/account');
    for (const [rest, fields] of [
      ['settings', settingsOf('stolen')],
      ['regenerate', { overlap: '0', expiry: 'keep' }],
      ['revoke', {}],
    ] as const) {
      asked.push(await visitor.submit(`${path}/${rest}`, fields));
      await visitor.get('/account');
    }
    for (const page of asked)
      expect([page.status, page.words]).toEqual([404, expect.stringContaining('Page not found')]);
    expect(await introspect(value)).toMatchObject({ active: true });
    expect((await owner.visitor.get(path)).words).not.toContain('stolen');
  });

  test('the tokens of a person who is disabled open nothing', async () => {
    const { visitor, accountId } = await signedIn(stack());
    const { value } = await make(visitor);
    await stack().domain.accounts.disable(serverActor, accountId);
    expect((await introspect(value)).active).toBe(false);
  });

  test('pages load only scripts of this server, and one without any forbids them', async () => {
    const { visitor } = await signedIn(stack());
    const { page, path } = await make(visitor);
    for (const shown of [
      page,
      await visitor.get(path),
      await visitor.get('/account/tokens'),
      await visitor.get(`${path}/regenerate`),
      await visitor.get('/account/tokens/new'),
    ]) {
      const tags = [...shown.text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
      for (const tag of tags) expect(tag).toMatch(/^<script src="\/assets\/[\w-]+\.js" defer>$/);
      const policy = shown.headers.get('content-security-policy') ?? '';
      expect(policy.includes('script-src')).toBe(tags.length > 0);
      expect(policy).toMatch(tags.length > 0 ? /script-src 'self';/ : /^default-src 'none';/);
    }
    const [, src = ''] = /<script src="([^"]+)" defer><\/script>/.exec(page.text) ?? [];
    const script = await stack().get(src);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  describe.each([true, false])('in Chromium, with JavaScript: %s', (javaScriptEnabled) => {
    (chromiumPath ? test : test.skip)(
      'a newcomer makes a token, copies it, changes it, gives it a new value, and revokes it',
      async () => {
        const { issuer } = stack();
        const person = await makePerson(stack());
        const { page, complaints, close } = await openPage(browser as Browser, {
          javaScriptEnabled,
        });
        await page
          .context()
          .grantPermissions(['clipboard-read', 'clipboard-write'], { origin: issuer });
        const main = page.locator('main');
        const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
        const follow = (name: string) =>
          page.getByRole('link', { name, exact: true }).first().click();
        const readValue = async () => {
          const [value = ''] = /writ_pat_\w+/.exec((await main.textContent()) ?? '') ?? [];
          keepSecret('personal_access_token', value);
          return value;
        };

        await page.goto(`${issuer}/account`);
        await page.getByLabel(/^E-?mail/).fill(person.email);
        await page.getByLabel('Password').fill(person.password);
        await press('Sign in');
        await follow('Tokens');
        await follow('Create a token');
        await page.getByRole('heading', { name: 'Choose the API' }).waitFor();
        await page.locator(`a[href$="${encodeURIComponent(api)}"]`).click();
        await page.getByLabel('Name').fill('Nightly report');
        await page.getByLabel('See your things').check();
        await page.getByLabel('Create, change and delete your things').check();
        await page.getByLabel('Expires').selectOption(String(7 * day));
        await page.getByRole('button', { name: 'Create the token' }).dblclick();
        await page.getByRole('heading', { name: 'Token created' }).waitFor();
        const value = await readValue();
        expect(await introspect(value)).toMatchObject({ active: true, sub: person.accountId });
        const copy = page.getByRole('button', { name: /^Copy\s*token$/ });
        if (javaScriptEnabled) {
          await copy.click();
          await page.getByRole('status').getByText('Copied').waitFor();
          expect(await page.evaluate('navigator.clipboard.readText()')).toBe(value);
          // A browser that keeps its clipboard to itself.
          await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error())');
          await page.locator('button.copy').click();
          await page.getByRole('status').getByText('Selected').waitFor();
          expect(await page.evaluate('String(getSelection())')).toBe(value);
        } else expect(await copy.isVisible()).toBe(false);

        await follow('Done');
        await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor();
        // The browser asks whether to send the form again, where it shows anything.
        for (const move of [page.goBack, page.goForward]) {
          await move.call(page).catch(() => undefined);
          expect(await page.content()).not.toContain(value);
        }

        await page.goto(`${issuer}/account/tokens?q=NIGHTLY`);
        await follow('Nightly report');
        await page.getByLabel('Name').fill('Weekly report');
        await page.getByLabel('Create, change and delete your things').uncheck();
        await press('Save');
        await page.getByText('The token is saved').waitFor();
        expect(await introspect(value)).toMatchObject({ active: true, scope: 'things:read' });

        await follow('Regenerate…');
        await page.getByText('In 1 hour').click();
        await page.getByRole('button', { name: 'Regenerate' }).dblclick();
        await page.getByRole('heading', { name: 'Token regenerated' }).waitFor();
        const next = await readValue();
        expect(next).not.toBe(value);
        for (const each of [value, next])
          expect(await introspect(each)).toMatchObject({ active: true, scope: 'things:read' });

        await follow('Open the token');
        await follow('Revoke…');
        await page.getByRole('heading', { name: 'Revoke Weekly report?' }).waitFor();
        await press('Revoke the token');
        await page.getByText('The token is revoked').waitFor();
        expect((await introspect(next)).active).toBe(false);
        expect((await introspect(value)).active).toBe(true);
        expect(complaints).toEqual([]);
        await close();
      },
    );

    (chromiumPath ? test : test.skip)(
      'a token lives until a date that is chosen, and is limited to what is named',
      async () => {
        const { issuer } = stack();
        const person = await makePerson(stack());
        const { page, complaints, close } = await openPage(browser as Browser, {
          javaScriptEnabled,
          width: 390,
          theme: 'dark',
        });
        const look = async (name: string) => {
          // The search for barriers is a script.
          if (!javaScriptEnabled) return;
          expect([name, await checkAccessibility(page), await sidewaysOverflow(page)]).toEqual([
            name,
            [],
            0,
          ]);
          await screenshot(page, `tokens-${stack().name.replaceAll(/\W+/g, '-')}-${name}`);
        };
        await page.goto(`${issuer}/account/tokens/new?resource=${encodeURIComponent(endless)}`);
        await page.getByLabel(/^E-?mail/).fill(person.email);
        await page.getByLabel('Password').fill(person.password);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.getByLabel('Name').fill('One database');
        await page.getByText('Limit it to single objects').click();
        await page.getByLabel('Only these, one per line').first().fill('sales\nstock');
        const date = page.getByLabel('Last day, until its end in UTC');
        expect(await date.isVisible()).toBe(false);
        await page.getByLabel('Expires').selectOption('date');
        await date.fill('2099-12-31');
        await page.getByRole('button', { name: 'Create the token' }).click();
        await page.getByText('Choose at least one scope').waitFor();
        await look('1-problem');
        expect(await date.inputValue()).toBe('2099-12-31');
        expect(await page.getByLabel('Only these, one per line').first().inputValue()).toBe(
          'sales\nstock',
        );
        await page.getByLabel('See your things').check();
        await page.getByRole('button', { name: 'Create the token' }).click();
        await page.getByRole('heading', { name: 'Token created' }).waitFor();
        await look('2-created');
        const [value = ''] =
          /writ_pat_\w+/.exec((await page.locator('main').textContent()) ?? '') ?? [];
        keepSecret('personal_access_token', value);
        expect(await introspect(value)).toMatchObject({
          exp: Date.parse('2099-12-31T23:59:59Z') / 1000,
          authorization_details: [
            { type: 'database', identifier: 'sales' },
            { type: 'database', identifier: 'stock' },
          ],
        });
        await page.getByRole('link', { name: 'Open the token' }).click();
        await page.getByText('31 December 2099').first().waitFor();
        await look('3-token');
        await page.goto(`${issuer}/account/tokens`);
        await look('4-list');
        // A form that the server refuses is noted by the browser.
        expect(complaints.filter((each) => !/400 \(Bad Request\)/.test(each))).toEqual([]);
        await close();
      },
    );
  });
});
