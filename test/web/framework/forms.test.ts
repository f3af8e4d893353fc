import * as http from 'node:http';
import { expect, test } from '@jest/globals';
import { makeDevice } from '../../support/device.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';

/** fetch sends the Host that it thinks right. */
const statusWithHost = (origin: string, path: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    http
      .get(origin + path, { headers: { host }, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
      .once('error', reject);
  });

/** Every form that does something for who is signed in, and what it is filled with. */
const forms: [path: string, fields: Record<string, string>][] = [
  ['/device/decision', { user_code: 'BCDF-GHJK', decision: 'approve' }],
  ['/account/profile', { name: 'Somebody else' }],
  ['/account/password', { current: 'a', password: 'b', repeat: 'b' }],
  ['/account/connected/revoke', { grant_id: '0198c0de-0000-7000-8000-000000000000' }],
  ['/account/keys/end-tokens', { key_id: '0198c0de-0000-7000-8000-000000000000' }],
  ['/account/keys/delete', { key_id: '0198c0de-0000-7000-8000-000000000000' }],
  ['/account/sessions/end', { session_id: '0198c0de-0000-7000-8000-000000000000' }],
  ['/account/sessions/end-others', {}],
  ['/account/tokens', { name: 'x', expiry: '604800' }],
  ['/account/tokens/tok_x/settings', { name: 'x', expiry: 'keep' }],
  ['/account/tokens/tok_x/regenerate', { overlap: '0', expiry: 'keep' }],
  ['/account/tokens/tok_x/revoke', {}],
];

const pages = [
  '/device',
  '/account',
  '/account/tokens',
  '/account/tokens/new',
  '/account/connected',
  '/account/password',
];

onStack((stack) => {
  test.each(forms)('%s does nothing for a page of another site', async (path, fields) => {
    const { visitor, accountId, name } = await signedIn(stack());
    const other = createVisitor(stack().origin);
    await other.signIn((await makePerson(stack())).email, 'wrong');
    for (const csrf of ['', 'made up', other.csrf()]) {
      const page = await visitor.submit(path, { ...fields, csrf });
      expect([page.status, page.words]).toEqual([403, expect.stringContaining('out of date')]);
    }
    expect((await stack().domain.accounts.describe(accountId))?.name).toBe(name);
    expect((await visitor.get('/account')).status).toBe(200);
  });

  test.each(forms)(
    '%s does nothing where the browser says that another site sent it',
    async (path, fields) => {
      const { visitor, email, password } = await signedIn(stack());
      const crossing = createVisitor(stack().origin, { 'sec-fetch-site': 'cross-site' });
      for (const [name, value] of visitor.cookies) crossing.cookies.set(name, value);
      await crossing.get('/account');
      expect((await crossing.submit(path, fields)).status).toBe(403);
      expect((await crossing.signIn(email, password)).status).toBe(403);
    },
  );

  test.each(forms)('%s asks who is not signed in to sign in', async (path, fields) => {
    const page = await createVisitor(stack().origin).submit(path, fields);
    expect([page.status, page.location]).toEqual([303, expect.stringMatching(/^\/sign-in/)]);
  });

  /** The address of a form that has a page of its own. */
  const isPage = (path: string) =>
    pages.includes(path) || /^\/account\/tokens\/tok_x\/(regenerate|revoke)$/.test(path);

  test.each(forms.filter(([path]) => !isPage(path)))(
    '%s shows a page to who types its address',
    async (path) => {
      const { visitor } = await signedIn(stack());
      const page = await visitor.get(path);
      expect([page.status, page.headers.get('allow')]).toEqual([
        405,
        expect.stringMatching(/POST/),
      ]);
      expect(page.words).toContain('start again');
    },
  );

  test.each(pages)('%s asks who is not signed in to sign in', async (path) => {
    const page = await createVisitor(stack().origin).get(path);
    expect([page.status, page.location]).toEqual([303, expect.stringMatching(/^\/sign-in/)]);
  });

  test.each([...pages, '/sign-in', '/nothing/here'])(
    '%s is kept by no cache, in no frame, and runs no script but our own',
    async (path) => {
      const { visitor } = await signedIn(stack());
      const signedOut = createVisitor(stack().origin);
      const page = await (path === '/sign-in' ? signedOut : visitor).get(path);
      expect(page.headers.get('cache-control')).toBe('no-store');
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      const own = /<script src="\/assets\/(?:times|passkeys)-[0-9a-f]{16}\.js" defer><\/script>/g;
      expect(policy.replace(own.test(page.text) ? "script-src 'self'; " : '', '')).not.toMatch(
        /script-src|unsafe/,
      );
      expect(page.text.replace(own, '')).not.toMatch(/<script|\son[a-z]+=|\sstyle=/i);
    },
  );

  test('a form from before another person signed in in this browser does nothing for them', async () => {
    const device = await makeDevice(stack());
    const started = await device.start();
    const { visitor } = await signedIn(stack());
    await visitor.get(`/device?user_code=${started.user_code}`);
    const stale = visitor.csrf();
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    const second = await makePerson(stack());
    await visitor.signIn(second.email, second.password);
    const page = await visitor.submit('/device/decision', {
      csrf: stale,
      user_code: started.user_code,
      decision: 'approve',
    });
    expect([page.status, page.words]).toEqual([403, expect.stringContaining('out of date')]);
    expect((await device.poll(started)).body.error).toBe('authorization_pending');
  });

  test('of two sign-in pages side by side, both sign in', async () => {
    const { email, password } = await makePerson(stack());
    const visitor = createVisitor(stack().origin);
    await visitor.get('/sign-in');
    const first = visitor.csrf();
    await visitor.get('/sign-in');
    const fields = { email, password, return_to: '/account' };
    expect((await visitor.submit('/sign-in', fields)).status).toBe(303);
    expect((await visitor.submit('/sign-in', { ...fields, csrf: first })).status).toBe(303);
  });

  test('a sign-in page that another site fills in signs nobody in', async () => {
    const { email, password } = await makePerson(stack());
    const page = await createVisitor(stack().origin).submit('/sign-in', {
      email,
      password,
      csrf: 'x',
    });
    expect([page.status, page.words]).toEqual([403, expect.stringContaining('out of date')]);
    expect(page.headers.getSetCookie().join()).not.toContain('writ_session');
  });

  test('what makes a form ours is compared whatever it is', async () => {
    const visitor = createVisitor(stack().origin);
    await visitor.get('/sign-in');
    for (const [csrf, status] of [
      ['é'.repeat(43), 403],
      ['x'.repeat(43), 403],
      ['😀'.repeat(22), 403],
      ['\0', 400],
    ] as const)
      expect((await visitor.submit('/sign-in', { email: 'a', password: 'b', csrf })).status).toBe(
        status,
      );
  });

  test.each(['x:99999', '[', 'a b', '%00'])(
    'a Host that is none, %j, changes nothing',
    async (host) => {
      for (const [path, status] of [
        ['/sign-in', 200],
        ['/device', 303],
        ['/device/qr.svg?user_code=BCDF-GHJK', 200],
      ] as const)
        expect(await statusWithHost(stack().origin, path, host)).toBe(status);
    },
  );

  test('a browser is shown a page where there is nothing, a program JSON', async () => {
    const page = await createVisitor(stack().origin).get('/nothing/here');
    expect([page.status, page.words]).toEqual([404, expect.stringContaining('Page not found')]);
    expect(page.words).toContain('Go to the start page');
    const { visitor } = await signedIn(stack());
    for (const path of ['/nothing/here', '/account/tokens/nothing'])
      expect(await visitor.get(path)).toMatchObject({
        status: 404,
        words: expect.stringContaining('Go to your account'),
      });
    const { status, body } = await stack().get('/nothing/here');
    expect([status, body.error]).toEqual([404, 'not_found']);
  });

  test('what an app asks for wrongly is told to its user on a page, to a program in JSON', async () => {
    const path = '/connect/authorize?client_id=none&response_type=code';
    const page = await createVisitor(stack().origin).get(path);
    expect(page.status).toBe(400);
    expect(page.words).toContain('Go back to the app and try again');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await stack().get(path)).body.error).toBe('invalid_client');
  });

  test.each(['email=a&email=b', 'x'.repeat(70_000), 'email=%00&password=%00', '%', 'email[]=a'])(
    'a form that is none is refused on a page: %#',
    async (body) => {
      const page = await stack().request('POST', '/sign-in', {
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([400, 403, 413]).toContain(page.status);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    },
  );
});
