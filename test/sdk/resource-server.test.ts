import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import Koa from 'koa';
import {
  createGuard,
  forExpress,
  forFastify,
  forFetch,
  forHono,
  forKoa,
  type Guard,
  type GuardOptions,
  ResourceNotServed,
} from '../../src/sdk/resource-server/index.ts';
import { serve } from '../support/fetch-server.ts';
import { makeParties, type Parties } from '../support/parties.ts';
import { examplePackagesAreThere } from '../support/published-clients.ts';
import { onStack, type Stack, startStack } from '../support/stacks.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function guardOf(
  { issuer }: Pick<Stack, 'issuer'>,
  { resource, resourceServer }: Parties,
  options: Partial<GuardOptions> = {},
): Guard {
  const guard = createGuard({ issuer, resource, client: resourceServer, ...options });
  closers.push(guard.close);
  return guard;
}

const admit = async (guard: Guard, token: string) => {
  const authorization = `Bearer ${token}`;
  const { caller, refusal } = await guard.admit({ headers: { authorization } });
  return caller ? 200 : refusal?.status;
};

async function refusedWithinASecond(guard: Guard, token: string): Promise<void> {
  const begin = performance.now();
  while ((await admit(guard, token)) === 200) {
    if (performance.now() - begin > 1_000) throw new Error('it is still admitted');
    // A token that is verified offline waits for nothing else.
    await setImmediate();
  }
}

/** Requests that reach Writ, by path, in front of a server. */
async function countingProxy(origin: string) {
  const asked: string[] = [];
  let isAway = false;
  const url = await serve(async (request) => {
    const { pathname, search } = new URL(request.url);
    if (isAway) return new Response('', { status: 502 });
    asked.push(pathname);
    return fetch(origin + pathname + search, {
      method: request.method,
      headers: request.headers,
      signal: request.signal,
      ...(request.method === 'POST' && { body: await request.text() }),
    });
  }, closers);
  return {
    url,
    asked,
    goAway: () => {
      isAway = true;
    },
  };
}

onStack((stack) => {
  test('a JWT that is verified offline is refused within a second of its revocation', async () => {
    const parties = await makeParties(stack(), { format: 'jwt' });
    const guard = guardOf(stack(), parties, { offline: true });
    await guard.feed?.ready();
    const [token, other] = [await parties.issue(), await parties.issue()];
    expect([await admit(guard, token), await admit(guard, other)]).toEqual([200, 200]);
    await stack().revoke(token, parties.client);
    await refusedWithinASecond(guard, token);
    expect(await admit(guard, other)).toBe(200);
    await stack().api.call('POST', `/clients/${parties.client.id}/disable`);
    await refusedWithinASecond(guard, other);
  });

  test('a guard that starts after a revocation knows it', async () => {
    const parties = await makeParties(stack(), { format: 'jwt' });
    const token = await parties.issue();
    await stack().revoke(token, parties.client);
    const guard = guardOf(stack(), parties, { offline: true });
    await guard.feed?.ready();
    expect(await admit(guard, token)).toBe(401);
  });

  test('a guard whose client is not the resource server of its API does not rely on the feed', async () => {
    const parties = await makeParties(stack(), { format: 'jwt' });
    const { resource, otherResourceServer: server } = parties;
    const at = `/clients/${encodeURIComponent(server.id)}`;
    const { body } = await stack().api.call('GET', at);
    const [first, second] = [await parties.issue(), await parties.issue()];
    const errors: unknown[] = [];
    const guard = guardOf(
      stack(),
      { ...parties, resourceServer: server },
      { offline: true, onError: (error) => errors.push(error) },
    );
    while (errors.length === 0) await setImmediate();
    expect(errors[0]).toEqual(new ResourceNotServed(resource));
    expect(guard.feed?.state()).toEqual({ current: false, position: undefined });
    expect(await admit(guard, first)).toBe(401);
    await stack().revoke(first, parties.client);
    const both = { resource_server_for: [...body.resource_server_for, resource] };
    expect((await stack().api.call('PATCH', at, both)).status).toBe(200);
    await guard.feed?.ready();
    expect([await admit(guard, first), await admit(guard, second)]).toEqual([401, 200]);
  });

  test('before the feed is known, and for a lifetime beyond what it covers, a JWT is introspected', async () => {
    const parties = await makeParties(stack(), { format: 'jwt' });
    const token = await parties.issue();
    const { url, asked } = await countingProxy(stack().origin);
    const issuer = stack().issuer;
    const early = guardOf({ issuer: url }, parties, { offline: true });
    expect(await admit(early, token)).toBe(401); // The issuer of the guard is another.
    const short = guardOf({ issuer }, parties, { offline: { longestLifetime: 60 } });
    await short.feed?.ready();
    await stack().revoke(token, parties.client);
    expect(await admit(short, token)).toBe(401);
    expect(asked).toContain('/.well-known/openid-configuration/jwks');
  });

  test('the tokens of one tick are introspected with one request', async () => {
    const parties = await makeParties(stack());
    const { url, asked } = await countingProxy(stack().origin);
    const guard = guardOf({ issuer: url }, parties);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => parties.issue()));
    const all = await Promise.all(
      [...tokens, ...tokens, 'writ_at_nothing'].map((token) => admit(guard, token)),
    );
    expect(all).toEqual([...Array.from({ length: 40 }, () => 200), 401]);
    expect(asked).toEqual(['/connect/guard/introspect']);
    expect(await admit(guard, tokens[0] ?? '')).toBe(200);
    expect(asked).toEqual(['/connect/guard/introspect', '/connect/introspect']);
  });

  test('responses are kept as long as the API says, and not at all without', async () => {
    const parties = await makeParties(stack());
    const { url, asked } = await countingProxy(stack().origin);
    const keeping = guardOf({ issuer: url }, parties, { cacheSeconds: 60 });
    const token = await parties.issue();
    for (let index = 0; index < 3; index++) expect(await admit(keeping, token)).toBe(200);
    expect(asked).toHaveLength(1);
    await stack().revoke(token, parties.client);
    expect(await admit(guardOf({ issuer: url }, parties), token)).toBe(401);
    expect(await admit(keeping, token)).toBe(200);
  });
});

describe('without Writ', () => {
  test('JWTs are introspected, refused or admitted as the API says, and an error tells that the feed is lost', async () => {
    const stack = await startStack('embedded');
    const parties = await makeParties(stack, { format: 'jwt' });
    const token = await parties.issue();
    const errors: unknown[] = [];
    const choices = ['introspect', 'refuse', 'admit'] as const;
    const guards = choices.map((whenLost) =>
      guardOf(stack, parties, {
        offline: { maxLag: 1, whenLost },
        onError: (error) => errors.push((error as Error).name),
      }),
    );
    for (const guard of guards) await guard.feed?.ready();
    for (const guard of guards) expect(await admit(guard, token)).toBe(200);
    await stack.close();
    // A lost feed shows only as time passes.
    while (guards.some((guard) => guard.feed?.state().current)) await setImmediate();
    expect(await Promise.all(guards.map((guard) => admit(guard, token)))).toEqual([503, 503, 200]);
    while (!errors.includes('FeedLost')) await setImmediate();
  });
});

const ofExamples = createRequire(path.resolve(import.meta.dirname, '../clients/package.json'));

/** Listens on a free port; returns the origin. */
async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, 'localhost');
  await once(server, 'listening');
  closers.push(() => server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

type Needs = Parameters<ReturnType<typeof forFetch>>[1];

/** An API in each framework, with one route: it responds with the client that calls. */
const frameworks: Record<string, (guard: Guard, needs: Needs) => Promise<string>> = {
  express: async (guard, needs) => {
    const express = ofExamples('express');
    const { metadata, requires } = forExpress(guard);
    const app = express();
    app.use(metadata);
    // biome-ignore lint/suspicious/noExplicitAny: the types of Express are not installed
    app.get('/things', requires(needs as object), (request: any, response: any) =>
      response.json(request.caller.clientId),
    );
    return listen(app);
  },
  koa: async (guard, needs) => {
    const { metadata, requires } = forKoa(guard);
    const app = new Koa();
    app.use(metadata);
    app.use(requires(needs as object));
    app.use((ctx) => {
      ctx.body = JSON.stringify(ctx.state['caller'].clientId);
    });
    return listen(app.callback());
  },
  fastify: async (guard, needs) => {
    const app = ofExamples('fastify').fastify();
    const { metadata, requires } = forFastify(guard);
    app.addHook('onRequest', metadata);
    app.get(
      '/things',
      { preHandler: requires(needs as object) },
      async (request: { caller: { clientId: string } }) => JSON.stringify(request.caller.clientId),
    );
    await app.listen({ port: 0, host: 'localhost' });
    closers.push(() => app.close());
    return `http://localhost:${app.server.address().port}`;
  },
  hono: async (guard, needs) => {
    const { metadata, requires } = forHono(guard);
    const app = new Hono<{ Variables: { caller: { clientId: string } } }>();
    app.use(metadata);
    app.get('/things', requires(needs), (c) => c.json(c.get('caller').clientId));
    return serve(async (request) => app.fetch(request), closers);
  },
  fetch: async (guard, needs) =>
    serve(
      forFetch(guard)((_request, caller) => Response.json(caller.clientId), needs),
      closers,
    ),
};

onStack((stack) => {
  let parties: Parties;
  let token: string;
  beforeAll(async () => {
    parties = await makeParties(stack());
    token = await parties.issue({ scope: 'things:read' });
  });

  const runnable = Object.keys(frameworks).filter(
    (name) => examplePackagesAreThere() || !['express', 'fastify'].includes(name),
  );
  test.each(runnable)(
    '%s: admits, refuses with a challenge, and serves the metadata',
    async (name) => {
      const guard = guardOf(stack(), parties, { scopes: ['things:read'] });
      const needs = (request: { method?: string; raw?: { method?: string } }) => ({
        scope: (request.method ?? request.raw?.method) === 'GET' ? 'things:read' : 'x',
        permission: 'things.read',
      });
      const origin = await (frameworks[name] as (typeof frameworks)[string])(guard, needs as never);
      const ask = async (pathname: string, headers: Record<string, string> = {}) => {
        const response = await fetch(origin + pathname, { headers });
        return { status: response.status, headers: response.headers, body: await response.json() };
      };
      const mine = await ask('/things', { authorization: `Bearer ${token}` });
      expect([mine.status, mine.body]).toEqual([200, parties.client.id]);
      const none = await ask('/things');
      expect(none).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      expect(none.headers.get('www-authenticate')).toBe(
        `Bearer realm="${parties.resource}", scope="things:read", resource_metadata="${guard.metadata?.url}"`,
      );
      const metadata = await ask(guard.metadata?.path ?? '');
      expect(metadata).toMatchObject({
        status: 200,
        body: { resource: parties.resource, authorization_servers: [stack().issuer] },
      });
      expect(metadata.headers.get('access-control-allow-origin')).toBe('*');
    },
  );
});
