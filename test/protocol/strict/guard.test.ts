import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import {
  createGuard,
  type Guard,
  type NeededSignIn,
  resourceMetadataUrl,
} from '../../../src/sdk/resource-server/index.ts';
import type { Credentials } from '../../support/http.ts';
import { makeParties } from '../../support/parties.ts';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { allow, makeLoginClient } from '../authorization/support.ts';
import { ath, createDpopKey, type DpopKey } from './support.ts';

onStack((stack) => {
  let guard: Guard;
  let key: DpopKey;
  let bound: string;
  let bearer: string;
  let resource: string;
  let client: Credentials;
  const url = 'https://api.example.com/v1/things';

  beforeAll(async () => {
    const parties = await makeParties(stack());
    resource = parties.resource;
    client = parties.client;
    guard = createGuard({
      issuer: stack().issuer,
      resource,
      client: parties.resourceServer,
      url: 'https://api.example.com/v1/',
      scopes: ['things:read', 'things:write'],
      name: 'Things',
      reportSeconds: 3_600,
    });
    key = await createDpopKey();
    bearer = await parties.issue();
    const { body } = await stack().post(
      '/connect/token',
      { grant_type: 'client_credentials' },
      parties.client,
      { DPoP: await key.prove('POST', `${stack().issuer}/connect/token`) },
    );
    bound = body.access_token;
  });
  afterAll(() => guard.close());

  const admit = (authorization: string, dpop?: string, path = '/things?page=2') =>
    guard.admit({
      method: 'GET',
      url: path,
      headers: { authorization, ...(dpop !== undefined && { dpop }) },
    });
  const prove = (changes: Record<string, unknown> = {}, from = key) =>
    from.prove('GET', url, { ath: ath(bound), ...changes });

  test('the guard admits a bound token with a proof of its key, once', async () => {
    const proof = await prove();
    expect((await admit(`DPoP ${bound}`, proof)).caller).toBeDefined();
    expect((await admit(`DPoP ${bound}`, proof)).refusal).toMatchObject({
      status: 401,
      body: { error: 'invalid_dpop_proof' },
      headers: { 'WWW-Authenticate': expect.stringMatching(/^DPoP realm="[^"]+".*algs="/) },
    });
  });

  test('the guard challenges with its resource as realm (RFC 6750 §3)', async () => {
    const challengeTo = async (headers: Record<string, string>) =>
      (await guard.admit({ url: '/things', headers })).refusal?.headers['WWW-Authenticate'];
    const metadata = `resource_metadata="${guard.metadata?.url}"`;
    expect(await challengeTo({})).toBe(`Bearer realm="${resource}", ${metadata}`);
    expect(await challengeTo({ authorization: 'Bearer writ_at_nobody' })).toBe(
      `Bearer realm="${resource}", error="invalid_token", error_description="The token is not active or not for this API.", ${metadata}`,
    );
  });

  test('a handler that fails ends its request, and not the process', async () => {
    const server = http.createServer(
      guard.protect(async () => {
        throw new Error('a bug of the API');
      }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/things`, {
        headers: { authorization: `Bearer ${bearer}` },
      });
      expect(response.status).toBe(500);
      expect(await response.json()).toEqual({ error: 'server_error' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  describe('with a scope that the request needs,', () => {
    const admitFor = (scope: string | string[], headers: Record<string, string> = {}) =>
      guard.admit({ method: 'GET', url: '/things', headers }, { scope });

    test('the guard names it to a client without a token, and admits a token that has it', async () => {
      const { refusal } = await admitFor('things:read');
      expect(refusal).toMatchObject({ status: 401 });
      expect(refusal?.headers['WWW-Authenticate']).toMatch(/", scope="things:read", resource_/);
      const token = (
        await stack().post(
          '/connect/token',
          { grant_type: 'client_credentials', scope: 'things:read' },
          client,
        )
      ).body.access_token;
      const { caller } = await admitFor('things:read', { authorization: `Bearer ${token}` });
      expect(caller?.scope).toEqual(['things:read']);
    });

    test.each([
      ['one', 'things:read', 'things:read'],
      ['several at once', ['things:read', 'things:write'], 'things:read things:write'],
    ])(
      'the guard refuses a token that lacks it with 403: %s (RFC 6750 §3.1)',
      async (_how, scope, named) => {
        const { refusal } = await admitFor(scope, { authorization: `Bearer ${bearer}` });
        expect(refusal).toMatchObject({
          status: 403,
          body: {
            error: 'insufficient_scope',
            error_description: `The token lacks the scope ${named}.`,
          },
        });
        expect(refusal?.headers['WWW-Authenticate']).toBe(
          `Bearer realm="${resource}", error="insufficient_scope", error_description="The token lacks the scope ${named}.", scope="${named}", resource_metadata="${guard.metadata?.url}"`,
        );
      },
    );
  });

  test.each(['opaque', 'jwt'] as const)(
    'with a sign-in that the request needs, the guard asks for a second factor and a recent one, of %s tokens (RFC 9470 §3)',
    async (format) => {
      const app = await makeLoginClient(stack());
      await stack().domain.resources.update(app.resource, { tokenFormat: format });
      const own = createGuard({
        issuer: stack().issuer,
        resource: app.resource,
        client: app.resourceServer,
        reportSeconds: 3_600,
      });
      const { visitor, accountId } = await signedIn(stack());
      const logIn = async (changed: Record<string, string> = {}): Promise<string> => {
        const begun = app.begin(changed);
        return (await app.redeem(begun, await allow(visitor, begun))).body.access_token;
      };
      const admitFor = (signIn: NeededSignIn, token: string) =>
        own.admit({ url: '/', headers: { authorization: `Bearer ${token}` } }, { signIn });
      const first = await logIn();
      expect(first.startsWith('ey')).toBe(format === 'jwt');
      const need = { acr: ['2'], maxAge: 600 };
      const { refusal } = await admitFor(need, first);
      expect(refusal).toMatchObject({
        status: 401,
        body: { error: 'insufficient_user_authentication' },
      });
      expect(refusal?.headers['WWW-Authenticate']).toMatch(
        /error="insufficient_user_authentication", error_description="[^"]+", acr_values="2", max_age="600", resource_/,
      );
      const { caller } = await admitFor({ acr: '1', maxAge: 600 }, first);
      expect(caller?.signIn).toEqual({ acr: '1', amr: ['pwd'], at: expect.any(Date) });

      await stack()
        .database.kysely.updateTable('session')
        .set({ factor_at: sql<Date>`now()`, amr: ['pwd', 'otp', 'mfa'] })
        .where('account_id', '=', accountId)
        .execute();
      const second = await logIn({ prompt: 'consent' });
      expect((await admitFor(need, second)).caller).toBeDefined();
      // Two factors are also one.
      expect((await admitFor({ acr: '1' }, second)).caller).toBeDefined();
      await stack()
        .database.kysely.updateTable('session')
        .set({ signed_in_at: sql<Date>`now() - interval '11 minutes'` })
        .where('account_id', '=', accountId)
        .execute();
      const late = await admitFor(need, await logIn({ prompt: 'consent' }));
      expect(late.refusal?.body.error_description).toContain('at most 600 seconds ago');
      await own.close();
    },
  );

  test('a token without a login has no sign-in that the guard could accept (RFC 9470 §3)', async () => {
    const headers = { authorization: `Bearer ${bearer}` };
    const { caller } = await guard.admit({ url: '/', headers });
    expect(caller?.signIn).toBeUndefined();
    for (const signIn of [{ acr: '1' }, { maxAge: 3_600 }])
      expect((await guard.admit({ url: '/', headers }, { signIn })).refusal?.status).toBe(401);
  });

  test('the guard serves the metadata of its API to everyone, and only that (RFC 9728)', async () => {
    const { metadata } = guard;
    expect(metadata).toMatchObject({
      url: `${new URL(resource).origin}/.well-known/oauth-protected-resource`,
      path: '/.well-known/oauth-protected-resource',
      document: {
        resource,
        authorization_servers: [stack().issuer],
        scopes_supported: ['things:read', 'things:write'],
        resource_name: 'Things',
      },
    });
    const server = http.createServer(guard.protect((_request, response) => response.end('in')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const ask = (path: string, method = 'GET') =>
        fetch(`http://127.0.0.1:${port}${path}`, { method });
      const answer = await ask(metadata?.path ?? '');
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(await answer.json()).toEqual(metadata?.document);
      for (const [path, method] of [
        [metadata?.path, 'POST'],
        [`${metadata?.path}/`],
        [`${metadata?.path}?x`],
      ] as const)
        expect((await ask(path ?? '', method)).status).toBe(401);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test.each([
    ['https://api.example.com', '/.well-known/oauth-protected-resource'],
    ['https://api.example.com/', '/.well-known/oauth-protected-resource'],
    ['https://api.example.com/v1/mcp', '/.well-known/oauth-protected-resource/v1/mcp'],
    ['https://api.example.com/v1?a=b', '/.well-known/oauth-protected-resource/v1?a=b'],
    ['urn:example:api', undefined],
  ])('the metadata of %s is at %s (RFC 9728 §3.1)', (identifier, path) => {
    expect(resourceMetadataUrl(identifier)).toBe(path && `https://api.example.com${path}`);
  });

  test('the guard refuses a bound token as Bearer, and a token that is not bound with a proof', async () => {
    expect((await admit(`Bearer ${bound}`)).refusal?.status).toBe(401);
    expect((await admit(`Bearer ${bound}`, await prove())).refusal?.status).toBe(401);
    const proof = await prove({ ath: ath(bearer) });
    expect((await admit(`DPoP ${bearer}`, proof)).refusal?.status).toBe(401);
    expect((await admit(`Bearer ${bearer}`)).caller).toBeDefined();
  });

  test('the guard refuses proofs for another method, URL, token or key', async () => {
    const proofs = [
      undefined,
      'x',
      await prove({ htm: 'POST' }),
      await prove({ htu: 'https://api.example.com/things' }),
      await prove({ htu: 'https://other.example.com/v1/things' }),
      await prove({ ath: ath(bearer) }),
      await prove({ iat: 1 }),
      await prove({}, await createDpopKey()),
      `${await prove()}, ${await prove()}`,
    ];
    for (const proof of proofs)
      expect((await admit(`DPoP ${bound}`, proof)).refusal?.status).toBe(401);
  });
});
