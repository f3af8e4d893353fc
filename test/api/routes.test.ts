import { describe, expect, test } from '@jest/globals';
import { createRouter } from '../../src/api/index.ts';
import { onEveryStack } from '../support/stacks.ts';
import { call, makeThings, nameOf, pathOf, routes } from './routes.ts';

test('the list that these tests go through is the router’s own', () => {
  const { stack } = createRouter({} as never);
  const mounted = stack.flatMap(({ methods, path }) =>
    methods
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${String(path).replace(/^\/api\/v1/, '')}`),
  );
  expect(mounted.toSorted()).toEqual(routes.map(nameOf).toSorted());
});

onEveryStack((stack) => {
  describe.each(routes.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
    test(`answers ${route.success}, and says that it must not be stored`, async () => {
      const answer = await stack().api.call(
        route.method,
        pathOf(route, await makeThings(stack())),
        route.body?.(),
      );
      expect(answer.status).toBe(route.success);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    test('takes no other method than its path does, and names those', async () => {
      const path = pathOf(route, await makeThings(stack()));
      const taken = routes.filter((other) => other.path === route.path).map(({ method }) => method);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        if ((taken as string[]).includes(method)) continue;
        const { status, body, headers } = await stack().api.call(method, path);
        expect({ method, status, error: body.error }).toEqual({
          method,
          status: 405,
          error: 'invalid_request',
        });
        const allowed = headers.get('allow')?.split(', ') ?? [];
        expect(allowed.filter((name) => name !== 'HEAD').toSorted()).toEqual(taken.toSorted());
      }
    });
  });

  test.each(['/', '', '/nothing', '/clients/a/b/c', '/tokens'])(
    'there is nothing at /api/v1%s, and nothing of the engine’s',
    async (path) => {
      const answer = await stack().api.call('GET', path);
      expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
    },
  );

  test('without a token nothing is told that a stranger should not know', async () => {
    const things = await makeThings(stack());
    const absent = { clientId: 'nobody', secretId: 'none', tokenId: 'none' };
    for (const route of routes) {
      const [there, gone] = [
        await call(stack(), route, things, {}),
        await call(stack(), route, absent, {}),
      ];
      expect(gone.text).toBe(there.text);
    }
  });
});
