// Who sees which page of the console, and who can send which form: read from the declarations of all pages.
import { beforeAll, expect, test } from '@jest/globals';
import { type ApiScope, apiScopes } from '../../../config/scopes.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { createVisitor, type Visitor } from '../../support/visitor.ts';
import { consoleRoutes } from './support.ts';

/** The path of a route, of something that does not exist. */
const pathOf = (path: string) => path.replaceAll(/:\w+/g, () => unique('none'));

const label = ({ method, path }: (typeof consoleRoutes)[number]) => `${method} ${path}`;

const routes = consoleRoutes.map((route) => [label(route), route] as const);

async function sendTo(visitor: Visitor, method: 'GET' | 'POST', address: string) {
  if (method === 'GET') return visitor.get(address);
  // With a form's CSRF value.
  await visitor.get('/account');
  return visitor.submit(address, {});
}

onStack((stack) => {
  let stranger: Visitor;
  let ordinary: Visitor;
  /** By scope: a person whose role gives every scope but this one, and one whose role gives only this one. */
  const people = new Map<ApiScope, { without: Visitor; only: Visitor }>();

  const personWith = async (scopes: readonly string[]): Promise<Visitor> => {
    const name = unique('role');
    const made = await stack().api.call('PUT', `/roles/${name}`, {
      permissions: [],
      api_scopes: scopes,
    });
    if (made.status >= 300) throw new Error(made.text);
    const { visitor } = await signedIn(stack(), { roles: [name] });
    await visitor.get('/account');
    return visitor;
  };

  beforeAll(async () => {
    stranger = createVisitor(stack().origin);
    ({ visitor: ordinary } = await signedIn(stack()));
    await ordinary.get('/account');
    const all = Object.keys(apiScopes) as ApiScope[];
    const implying: Partial<Record<ApiScope, ApiScope>> = {
      'accounts:support': 'accounts:write',
      'tokens:revoke': 'tokens:write',
    };
    for (const scope of new Set(consoleRoutes.map(({ needs }) => needs)))
      if (scope !== 'console')
        people.set(scope, {
          without: await personWith(all.filter((one) => one !== scope && one !== implying[scope])),
          only: await personWith([scope]),
        });
  });

  test.each(routes)(
    '%s: strangers sign in first, and for other people it does not exist',
    async (_label, { method, path }) => {
      const address = pathOf(path);
      const send = (visitor: Visitor) => sendTo(visitor, method, address);
      expect((await send(stranger)).location).toMatch(/^\/sign-in/);
      expect((await send(ordinary)).status).toBe(404);
    },
  );

  test.each(routes.filter(([, { needs }]) => needs !== 'console'))(
    '%s: only people whose roles give its scope get through',
    async (_label, { method, path, needs }) => {
      const { without, only } = people.get(needs as ApiScope) ?? {};
      if (!without || !only) throw new Error('no such people');
      const address = pathOf(path);
      const send = (visitor: Visitor) => sendTo(visitor, method, address);
      const refused = await send(without);
      expect([403, 404]).toContain(refused.status);
      if (refused.status === 403) expect(refused.words).toContain(`It needs ${needs}`);
      // A scope that only writes shows no section, and therefore no console.
      if (!/:(write|support|revoke)$/.test(needs)) expect((await send(only)).status).not.toBe(403);
    },
  );

  test('the navigation leads to the console only for people who see a section', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    expect((await visitor.get('/account')).text).toContain('href="/admin"');
    expect((await ordinary.get('/account')).text).not.toContain('href="/admin"');
  });

  test('a refused form shows no page that its sender may not see', async () => {
    const role = unique('sender');
    const api_scopes = ['accounts:read', 'accounts:support', 'keys:write', 'tokens:revoke'];
    await stack().api.call('PUT', `/roles/${role}`, { permissions: [], api_scopes });
    const { visitor } = await signedIn(stack(), { roles: [role] });
    for (const [path, needs] of [
      ['/admin/mail/trial', 'diagnostics:read'],
      ['/admin/mail/retry', 'diagnostics:read'],
      ['/admin/keys/rotate', 'keys:read'],
    ] as const) {
      await visitor.get('/admin');
      const refused = await visitor.submit(path, { alg: 'none' });
      expect([path, refused.status]).toEqual([path, 403]);
      expect(refused.words).toContain(`It needs ${needs}`);
    }
  });

  test('a role that is taken away ends the sight of the console at once', async () => {
    const { visitor, accountId } = await signedIn(stack(), { roles: ['auditor'] });
    expect((await visitor.get('/admin/trusted-issuers')).status).toBe(200);
    await stack().api.call('PATCH', `/accounts/${accountId}`, { roles: [] });
    expect((await visitor.get('/admin/trusted-issuers')).status).toBe(404);
  });
});
