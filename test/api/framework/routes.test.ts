import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { apiScopes } from '../../../config/scopes.ts';
import type { Operation } from '../../../src/api/framework/operation.ts';
import { createRouter } from '../../../src/api/framework/router.ts';
import { createOperations } from '../../../src/api/index.ts';
import { onStack } from '../../support/stacks.ts';
import {
  call,
  nameOf,
  pathOf,
  type Route,
  refusedHere,
  routes,
  sharedThings,
  type Things,
  thingsFor,
  tokenFor,
  tokenWith,
} from '../routes.ts';

test('these tests cover every route of the router', () => {
  const operations = createOperations({ database: {} } as never);
  const mounted = createRouter(operations, {} as never).stack.flatMap(({ methods, path }) =>
    methods
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${String(path).replace(/^\/api\/v1/, '')}`),
  );
  const listed = routes.map((route) => nameOf(route).replaceAll(/\{(\w+)\}/g, ':$1'));
  expect(mounted.toSorted()).toEqual(listed.toSorted());
  for (const operation of operations) {
    const method = operation.method.toUpperCase();
    expect(routes).toContainEqual(
      expect.objectContaining({
        path: operation.path,
        method,
        success: refusedHere.includes(`${method} ${operation.path}`) ? 409 : operation.success,
        ...(operation.scope && { scope: operation.scope }),
        ...(operation.access && { access: operation.access }),
      }),
    );
  }
});

/** Fields of responses that contain a secret. */
const secretMembers = ['client_secret', 'token', 'api_key', 'secret', 'invitation_uri'];
/** It returns the token of the request. */
const showsNoNew = ['checkToken'];

const showsSecret = ({ operationId, method, response }: Operation): boolean => {
  if (!response || method === 'get' || showsNoNew.includes(operationId)) return false;
  const shape = JSON.stringify(z.toJSONSchema(response, { io: 'input', unrepresentable: 'any' }));
  return (
    /returned only here/.test(shape) || secretMembers.some((name) => shape.includes(`"${name}":{`))
  );
};

test('every operation that returns a secret supports Idempotency-Key, so that a lost response can be requested again', () => {
  const operations = createOperations({ database: {} } as never).filter(showsSecret);
  expect(operations.map(({ operationId }) => operationId)).toEqual(
    expect.arrayContaining(['createClient', 'createApp', 'createClientSecret', 'inviteAccount']),
  );
  for (const { operationId, idempotency } of operations)
    expect({ operationId, idempotency }).toEqual({ operationId, idempotency: true });
});

/** Whether a path matches a route: `/keys/rotate` also matches that of a key. */
const isAt = ({ path: template }: Route, path: string): boolean =>
  new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);

onStack((stack) => {
  let everything: string;
  beforeAll(async () => {
    everything = await tokenWith(stack(), Object.keys(apiScopes));
  });

  describe.each(routes.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
    test(`answers ${route.success}, and says that it must not be stored`, async () => {
      const things = await thingsFor(stack(), route);
      const token = await tokenFor(stack(), route, everything);
      const answer = await call(stack(), route, things, { authorization: `Bearer ${token}` });
      expect(answer.status).toBe(route.success);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    const isOnce = createOperations({ database: {} } as never).some(
      ({ idempotency, path, method }) =>
        idempotency && path === route.path && method.toUpperCase() === route.method,
    );
    (isOnce ? test : test.skip)(
      'a lost answer is given again to the same Idempotency-Key, secret and all',
      async () => {
        const things = await thingsFor(stack(), route);
        const token = await tokenFor(stack(), route, everything);
        const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() };
        const body = route.body?.(things) ?? {};
        const ask = () => call(stack(), { ...route, body: () => body }, things, headers);
        const first = await ask();
        expect(first.status).toBe(route.success);
        const again = await ask();
        expect([again.status, again.text]).toEqual([first.status, first.text]);
      },
    );

    test('other methods are refused, with those that the path accepts', async () => {
      const path = pathOf(route, await sharedThings(stack()));
      const taken = [
        ...new Set(routes.filter((other) => isAt(other, path)).map(({ method }) => method)),
      ];
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

  test.each(['/', '', '/nothing', '/clients/a/b/c', '/keys/a/b'])(
    '/api/v1%s does not exist, and does not reach the engine',
    async (path) => {
      const answer = await stack().api.call('GET', path);
      expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
    },
  );

  test('without a token nothing is revealed', async () => {
    const things = await sharedThings(stack());
    const absent = Object.fromEntries(Object.keys(things).map((name) => [name, 'nobody']));
    for (const route of routes) {
      const [there, gone] = [
        await call(stack(), route, things, {}),
        await call(stack(), route, absent as unknown as Things, {}),
      ];
      expect(gone.text).toBe(there.text);
    }
  });
});
