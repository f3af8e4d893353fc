import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Koa from 'koa';
import { readObject } from '../../src/dialects/framework/body.ts';
import type {
  Dialect,
  DialectRoute,
  Handler,
  RouteKey,
} from '../../src/dialects/framework/dialect.ts';
import { claimOf, mountDialects } from '../../src/dialects/framework/mount.ts';
import { answerErrors } from '../../src/http/errors.ts';
import { OAuthError } from '../../src/oauth/errors.ts';

const product = (
  title: string,
  routes: Record<RouteKey, Partial<DialectRoute> & { handler: Handler }>,
): Dialect => ({
  name: 'bloq',
  title,
  resource: {} as never,
  features: [],
  moving: { set: '', point: '', differs: [] },
  routes: Object.fromEntries(
    Object.entries(routes).map(([key, route]) => [
      key,
      { features: ['X1'], limit: ['bearer.network'], ...route },
    ]),
  ),
  handlers: Object.fromEntries(
    Object.entries(routes).map(([key, { handler }]) => [key, handler]),
  ) as Dialect['handlers'],
  describeError: ({ status, message }) => ({
    status: status === 400 ? 422 : status,
    body: `${title}: ${message}`,
    type: 'text/plain',
  }),
});

const one = product('One', {
  'POST /shared': {
    claims: (body) => (body as { one?: unknown } | undefined)?.one !== undefined,
    handler: async (ctx) => {
      ctx.body = { by: 'one', body: await readObject(ctx) };
    },
  },
  'GET /one/:id/parts/:part': {
    handler: (ctx, parameters) => {
      ctx.body = parameters;
    },
  },
  'DELETE /one/:id/parts/:part': {
    cors: true,
    handler: () => {
      throw new OAuthError('conflict', 'not now.');
    },
  },
});
const other = product('Other', {
  'POST /shared': {
    handler: async (ctx) => {
      ctx.body = { by: 'other', body: await readObject(ctx) };
    },
  },
  'GET /other': {
    handler: (ctx) => {
      ctx.body = claimOf(ctx)?.dialect.title;
    },
  },
});

let origin: string;
let close: () => void;
beforeAll(async () => {
  const { claim, answer } = mountDialects([one, other]);
  const app = new Koa();
  app.use(answerErrors({ error: () => {} } as never, () => {}));
  app.use(claim).use(answer);
  app.use((ctx) => {
    ctx.body = 'native';
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => server.close();
});
afterAll(() => close());

const post = (body: string) => fetch(`${origin}/shared`, { method: 'POST', body });

test('if two products share a path, the body decides, and the handler can still read it', async () => {
  expect(await (await post('{"one":1}')).json()).toEqual({ by: 'one', body: { one: 1 } });
  expect(await (await post('{"two":2}')).json()).toEqual({ by: 'other', body: { two: 2 } });
  const broken = await post('no JSON');
  expect([broken.status, await broken.text()]).toEqual([422, 'Other: The body is not valid JSON.']);
});

test('parameters of a path are decoded, and a segment is never empty', async () => {
  const found = await fetch(`${origin}/one/a%2Fb/parts/c%20d`);
  expect(await found.json()).toEqual({ id: 'a/b', part: 'c d' });
  expect(await (await fetch(`${origin}/one//parts/x`)).text()).toBe('native');
  expect(await (await fetch(`${origin}/one/a/parts/x/`)).text()).toBe('native');
});

test('every error has the form of the product, also for a wrong method, and names the request', async () => {
  const refused = await fetch(`${origin}/one/a/parts/b`, { method: 'DELETE' });
  expect([refused.status, await refused.text()]).toEqual([409, 'One: not now.']);
  expect(refused.headers.get('x-request-id')).toBeTruthy();
  const wrong = await fetch(`${origin}/one/a/parts/b`, { method: 'PUT' });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, DELETE, OPTIONS']);
  expect(await wrong.text()).toMatch(/^One: /);
});

test('pages of any origin can call routes that allow it, and read errors', async () => {
  const path = `${origin}/one/a/parts/b`;
  const headers = { origin: 'https://page.example', 'access-control-request-method': 'DELETE' };
  const preflight = await fetch(path, { method: 'OPTIONS', headers });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
  const refused = await fetch(path, { method: 'DELETE', headers });
  expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  const closed = await fetch(`${origin}/other`, { headers });
  expect(closed.headers.get('access-control-allow-origin')).toBeNull();
  expect(await closed.text()).toBe('Other');
});
