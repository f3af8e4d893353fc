import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { publicId } from '../../../src/domain/tokens/value.ts';
import { openApi } from '../../support/open-api.ts';
import { signedIn } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, type Stack, unique } from '../../support/stacks.ts';
import { createVisitor, type Page, type Visitor } from '../../support/visitor.ts';
import { formsOfApp, pagesOfApp } from './places.ts';
import { ageSignIns, makeApp, operator, secretOf, type TestApp, unescaped } from './support.ts';

/** What stands in addresses and forms. */
type Filled = Pick<TestApp, 'name' | 'owner'> & { apiKey: string };

onStack((stack) => {
  let resource: string;
  beforeAll(async () => {
    resource = await openApi(stack(), { isDefault: true });
  });

  const filled = (text: string, { name, owner, apiKey }: Filled) =>
    text
      .replaceAll('{app}', name)
      .replaceAll('{api_key}', apiKey)
      .replaceAll('{owner}', owner.accountId)
      .replaceAll('{resource}', resource);

  const send = (
    visitor: Visitor,
    app: Filled,
    { path, fields }: { path: string; fields: Record<string, string> },
    more: Record<string, string> = {},
  ) =>
    visitor.submit(filled(path, app), {
      ...Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, filled(value, app)]),
      ),
      ...more,
    });

  /** Everything that is stored of an app and what belongs to it. */
  const contents = async ({ name }: Pick<TestApp, 'name'>, { domain }: Stack = stack()) => {
    const [app, clients, members, roles, invitations] = await Promise.all([
      domain.apps.find(operator, name),
      domain.appClients.list(operator, name),
      domain.appMembers.list(operator, name),
      domain.appRoles.list(operator, name),
      domain.appInvitations.list(operator, name),
    ]);
    const secrets = await domain.appClients.secrets(operator, name, 'default');
    const keys = await domain.appApiKeys.list(operator, name, 'default');
    return { app, clients, members, roles, invitations, secrets, keys };
  };

  const withRole = async () => {
    const app = await makeApp(stack());
    await stack().domain.appRoles.set(operator, app.name, {
      name: 'Helper',
      permissions: ['things.read'],
    });
    const { token, value } = await stack().domain.appApiKeys.create(operator, app.name, 'default', {
      name: 'A key',
    });
    keepSecret('api_key', value);
    return { ...app, apiKey: publicId(token.id) };
  };

  /** What an answer consists of, but for what differs with each request. */
  const whole = ({ status, headers, text }: Page) => {
    const rest = Object.fromEntries(headers);
    // What is left of a limit differs with every request; one that is refused before it is counted has neither field.
    for (const name of ['date', 'x-request-id', 'ratelimit', 'ratelimit-policy']) delete rest[name];
    return { status, headers: rest, text };
  };

  describe('what is not there for somebody', () => {
    let stranger: Visitor;
    let there: TestApp & Filled;
    let deleted: TestApp & Filled;
    let never: string;
    beforeAll(async () => {
      ({ visitor: stranger } = await signedIn(stack()));
      there = await withRole();
      deleted = await withRole();
      await stack().domain.appMembers.set(operator, deleted.name, there.owner.accountId, 'Owner');
      await stack().domain.apps.delete(operator, deleted.name);
      never = unique('never');
    });

    test.each(pagesOfApp)(
      '%s is the same page for an app of others, a deleted one and none',
      async (path) => {
        const answer = async (name: string, visitor = stranger) =>
          whole(await visitor.get(filled(path, { ...there, name })));
        const absent = await answer(never);
        expect(absent.status).toBe(404);
        expect(absent.text).toContain('Page not found');
        expect(absent.text).not.toContain(never);
        expect(await answer(there.name)).toEqual(absent);
        expect(await answer(deleted.name)).toEqual(absent);
        expect(await answer(deleted.name, deleted.owner.visitor)).toEqual(absent);
        expect(await answer('%00')).toEqual(absent);
        expect((await there.owner.visitor.get(filled(path, there))).status).toBe(200);
      },
    );

    test.each(formsOfApp)(
      '$path by POST is answered alike for an app of others and none',
      async (place) => {
        const before = await contents(there);
        const answer = async (name: string) => {
          await stranger.get('/account');
          const page = await send(stranger, { ...there, name }, place);
          const shown = await stranger.follow(page);
          return JSON.parse(
            JSON.stringify([whole(page), whole(shown)]).replaceAll(name, '{app}'),
          ) as unknown;
        };
        const absent = await answer(never);
        expect(JSON.stringify(absent)).toContain('Page not found');
        expect(await answer(there.name)).toEqual(absent);
        expect(await answer(deleted.name)).toEqual(absent);
        expect(await contents(there)).toEqual(before);
      },
    );

    test('clients and roles that are not there are, for a member, as the rest', async () => {
      const { owner, name } = there;
      for (const path of [
        'clients/none',
        'clients/none/connect',
        'clients/none/api-keys',
        'clients/default/api-keys/tok_none',
        'clients/%00',
        'roles/edit?name=None',
        'nothing',
      ]) {
        const page = await owner.visitor.get(`/apps/${name}/${path}`);
        expect([path, page.status]).toEqual([path, 404]);
        expect(page.words).toContain('Page not found');
      }
    });
  });

  /** An app that only calls which are refused are about, a member of each lesser role, and a stranger. */
  let refusing: Awaited<ReturnType<typeof withRole>>;
  const members: Record<string, Visitor> = {};
  let otherVisitor: Visitor;
  beforeAll(async () => {
    refusing = await withRole();
    for (const role of ['Reader', 'Editor', 'Developer'])
      members[role] = (await refusing.member(role)).visitor;
    ({ visitor: otherVisitor } = await signedIn(stack()));
  });

  test.each(['/apps', '/apps/new', ...pagesOfApp, '/apps/invitations/writ_app_x1'])(
    '%s asks who is not signed in to sign in, and leads back',
    async (path) => {
      const app = refusing;
      const visitor = createVisitor(stack().origin);
      const asked = await visitor.get(filled(path, app));
      const location = new URL(asked.location ?? '', stack().origin);
      expect([asked.status, location.pathname]).toEqual([303, '/sign-in']);
      const returnTo = location.searchParams.get('return_to') ?? '';
      expect(returnTo).toBe(filled(path, app));
      const { email, password } = app.owner;
      expect((await visitor.signIn(email, password, returnTo)).location).toBe(returnTo);
    },
  );

  describe.each(formsOfApp)('$path by POST', (place) => {
    afterEach(() => ageSignIns(stack(), 0));

    test('does nothing for a page of another site, or a form from before', async () => {
      const app = refusing;
      const { visitor } = app.owner;
      const before = await contents(app);
      await otherVisitor.get('/account');
      for (const csrf of ['', 'made up', otherVisitor.csrf()]) {
        const page = await send(visitor, app, place, { csrf });
        expect([page.status, page.words]).toEqual([403, expect.stringContaining('out of date')]);
        const [, again = ''] = /<a class="button wide" href="([^"]+)"/.exec(page.text) ?? [];
        expect((await visitor.get(unescaped(again))).status).toBe(200);
      }
      const crossing = createVisitor(stack().origin, { 'sec-fetch-site': 'cross-site' });
      for (const [name, value] of visitor.cookies) crossing.cookies.set(name, value);
      await crossing.get(filled(place.back, app));
      expect((await send(crossing, app, place)).status).toBe(403);
      expect(await contents(app)).toEqual(before);
    });

    test('asks who is not signed in to sign in, and does nothing', async () => {
      const app = refusing;
      const before = await contents(app);
      const page = await send(createVisitor(stack().origin), app, place);
      expect([page.status, page.location]).toEqual([303, expect.stringMatching(/^\/sign-in\?/)]);
      expect(await contents(app)).toEqual(before);
    });

    test(`${place.recent ? 'wants a recent sign-in' : 'takes an old sign-in'}, and loses nothing silently`, async () => {
      const app = await withRole();
      const { visitor, email, password } = app.owner;
      const before = await contents(app);
      await visitor.get('/account');
      await ageSignIns(stack());
      const page = await send(visitor, app, place);
      if (!place.recent) {
        expect(page.location).not.toMatch(/sign-in/);
        return;
      }
      const location = new URL(page.location ?? '', stack().origin);
      expect([location.pathname, location.searchParams.get('again')]).toEqual(['/sign-in', '1']);
      expect(await contents(app)).toEqual(before);
      await visitor.follow(page);
      const returnTo = location.searchParams.get('return_to') ?? '';
      const back = await visitor.follow(
        await visitor.submit('/sign-in', { email, password, return_to: returnTo }),
      );
      const [pathname = '', query = ''] = returnTo.split('?');
      const [path, name] = filled(place.back, app).split('?');
      expect(pathname).toBe(path);
      expect(query).toContain(name ?? 'done=again');
      expect([back.status, back.words]).toEqual([
        200,
        expect.stringContaining('Your last change was not saved'),
      ]);
    });

    test.each(['Reader', 'Editor', 'Developer'])(
      'is refused to a %s where the role is too small',
      async (role) => {
        if (role === 'Developer' && place.least === 'Developer') {
          const app = await withRole();
          const { visitor } = await app.member(role);
          await visitor.get(`/apps/${app.name}`);
          expect((await send(visitor, app, place)).status).toBe(200);
          return;
        }
        const app = refusing;
        const visitor = members[role] as Visitor;
        const before = await contents(app);
        await visitor.get(`/apps/${app.name}`);
        const page = await send(visitor, app, place);
        expect([page.status, page.headers.get('content-type')]).toEqual([
          403,
          expect.stringMatching(/^text\/html/),
        ]);
        expect(page.words).toContain(role);
        expect(secretOf(page)).toBe('');
        expect(await contents(app)).toEqual(before);
      },
    );
  });

  test.each([
    '/apps/invitations/accept',
    '/apps/{app}/delete',
    '/apps/{app}/clients/default/secrets',
    '/apps/{app}/clients/default/api-keys/{api_key}/settings',
    '/apps/{app}/members/invite',
  ])('%s shows a page to who types its address', async (path) => {
    const app = await withRole();
    const page = await app.owner.visitor.get(filled(path, app));
    // What an invitation's link could be is looked up as one.
    expect(page.status).toBe(path.includes('invitations') ? 404 : 405);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  });

  test.each([
    ['Reader', '/clients/new'],
    ['Editor', '/clients/new'],
    ['Developer', '/roles/edit'],
  ])('a %s is told in words that %s is not for them', async (role, path) => {
    const app = await makeApp(stack());
    const { visitor } = await app.member(role);
    const page = await visitor.get(`/apps/${app.name}${path}`);
    expect([page.status, page.words]).toEqual([403, expect.stringContaining(`Your role ${role}`)]);
  });

  test.each(['Reader', 'Editor', 'Developer', 'Owner'])(
    'a %s sees every page, and no form that they may not send',
    async (role) => {
      const app = await withRole();
      const { visitor } = await app.member(role);
      const posts = new Set<string>();
      for (const path of pagesOfApp.filter((path) => !/new|edit|api_key/.test(path))) {
        const page = await visitor.get(filled(path, app));
        expect([path, page.status]).toEqual([path, 200]);
        expect(secretOf(page)).toBe('');
        expect(page.headers.get('cache-control')).toBe('no-store');
        expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
        expect(page.text).not.toMatch(
          /<script(?! src="\/assets\/(copy|times)-\w+\.js" defer><\/script>)|\son[a-z]+=|\sstyle=/i,
        );
        for (const [, action = ''] of page.text.matchAll(/<form method="post" action="([^"]+)"/g))
          posts.add(action.replace(app.name, '{app}'));
      }
      posts.delete('/sign-out');
      const may = formsOfApp.map(({ path }) => path);
      if (role === 'Owner') expect(posts.size).toBeGreaterThan(8);
      else expect([...posts]).toEqual(['/apps/{app}/members/leave']);
      for (const path of posts) expect([...may, '/apps/{app}/members/leave']).toContain(path);
    },
  );
});
