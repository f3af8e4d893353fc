import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { grantTypes } from '../../../../src/oauth/grant-types.ts';
import { covers } from '../../../../src/oauth/permissions.ts';
import { scopeTokens } from '../../../../src/oauth/scope.ts';
import type { Credentials } from '../../../support/http.ts';
import { logIn } from '../../../support/login.ts';
import { onEveryStack, unique } from '../../../support/stacks.ts';
import { exchange, makeExchanger, tokenTypes } from './support.ts';

const allScopes = ['things:read', 'things:write', 'things:delete'];

/** A token of a walk, with the tokens that it comes from. */
interface Link {
  value: string;
  type: string;
  comesFrom: Link[];
  client: Credentials;
}

onEveryStack((stack) => {
  let resources: string[];
  let resourceServer: Credentials;
  let clients: Credentials[];
  let app: Credentials;

  const introspect = async (token: string) =>
    (await stack().introspect(token, resourceServer)).body;

  beforeAll(async () => {
    resources = [`https://${unique('one')}.test`, `https://${unique('two')}.test`];
    for (const identifier of resources)
      await stack().api.createResource({
        identifier,
        scopes: allScopes.map((name) => ({ name })),
        access_token_ttl: 3_600,
      });
    const [one = ''] = resources;
    await stack().api.setRole('walker', ['things.*']);
    await stack().api.setRole('reader', ['things.read']);
    app = await stack().api.createClient({
      grant_types: [grantTypes.refreshToken, grantTypes.authorizationCode],
      redirect_uris: ['https://app.test/cb'],
      response_types: ['code'],
      resources,
    });
    resourceServer = await stack().api.createClient({ resource_server_for: resources });
    clients = await Promise.all([
      makeExchanger(stack(), resources),
      makeExchanger(stack(), [one], { roles: ['reader'] }),
      makeExchanger(stack(), resources, { scope: 'things:read things:write' }),
      makeExchanger(stack(), resources, {
        token_exchange_impersonation: true,
        access_token_ttl: 60,
        roles: ['walker'],
      }),
    ]);
  });

  /** Tokens that walks begin with: of a person, of a client itself, and an API token of two resources. */
  const roots = async (): Promise<Link[]> => {
    const [first] = clients;
    if (!first) throw new Error('no client');
    const login = await logIn(stack(), app.id, {
      resource: String(resources[0]),
      scope: `offline_access ${allScopes.join(' ')}`,
      roles: ['walker'],
    });
    const refreshed = await stack().post(
      '/connect/token',
      {
        grant_type: 'refresh_token',
        refresh_token: login.refreshToken,
        scope: 'things:read things:write',
      },
      app,
    );
    const own = await stack().token(first, { resource: String(resources[1]) });
    const named = await stack().api.call('POST', '/tokens', {
      name: 'walk',
      client_id: first.id,
      resource: String(resources[0]),
      scope: allScopes.join(' '),
      subject: { type: 'user', id: '7' },
    });
    const values = [
      [refreshed.body.access_token, app],
      [own.body.access_token, first],
      [named.body.token, first],
    ] as const;
    expect(values.map(([value]) => typeof value)).toEqual(Array(3).fill('string'));
    return values.map(([value, client]) => ({
      value: String(value),
      type: tokenTypes.accessToken,
      comesFrom: [],
      client,
    }));
  };

  const step = fc.record({
    from: fc.nat(30),
    by: fc.nat(3),
    scope: fc.subarray(allScopes),
    resource: fc.option(fc.nat(1), { nil: undefined }),
    actor: fc.option(fc.nat(30), { nil: undefined, freq: 4 }),
  });

  const comesFrom = (link: Link, other: Link): boolean =>
    link.comesFrom.some((source) => source === other || comesFrom(source, other));

  describe('in random walks over exchanges', () => {
    test('no chain gains a scope, a resource, a right or a second, and what is ended ends all after it and nothing else', async () => {
      let exchanged = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 4, maxLength: 14 }),
          fc.nat(30),
          async (steps, ended) => {
            const links = await roots();
            for (const { from, by, scope, resource, actor } of steps) {
              const subject = links[from % links.length];
              const client = clients[by];
              const acting = actor === undefined ? undefined : links[actor % links.length];
              if (!subject || !client) throw new Error('no link');
              const { status, body } = await exchange(stack(), client, subject.value, {
                ...(scope.length > 0 && { scope: scope.join(' ') }),
                ...(resource !== undefined && { resource: String(resources[resource]) }),
                ...(acting && { actor_token: acting.value, actor_token_type: acting.type }),
              });
              if (status !== 200) {
                expect(status).toBe(400);
                continue;
              }
              exchanged += 1;
              const [before, after] = await Promise.all([
                introspect(subject.value),
                introspect(body.access_token),
              ]);
              expect(after.active).toBe(true);
              expect(after.sub).toBe(before.sub);
              expect(after.exp).toBeLessThanOrEqual(before.exp);
              expect([before.aud].flat()).toEqual(expect.arrayContaining([after.aud].flat()));
              expect(scopeTokens(before.scope)).toEqual(
                expect.arrayContaining(scopeTokens(after.scope)),
              );
              expect(before.roles).toEqual(expect.arrayContaining(after.roles));
              expect(covers(before.entitlements, after.entitlements)).toBe(true);
              links.push({
                value: body.access_token,
                type: tokenTypes.accessToken,
                comesFrom: [subject, ...(acting ? [acting] : [])],
                client,
              });
            }
            const link = links[ended % links.length];
            if (!link) throw new Error('no link');
            await stack().revoke(link.value, link.client);
            for (const other of links)
              expect((await introspect(other.value)).active).toBe(
                other !== link && !comesFrom(other, link),
              );
          },
        ),
        { numRuns: 5 },
      );
      expect(exchanged).toBeGreaterThan(2);
    });

    test('a chain has an end: of its actors, and of the tokens that it comes from', async () => {
      const many = await Promise.all(
        Array.from({ length: 7 }, () => makeExchanger(stack(), resources)),
      );
      const [root] = await roots();
      let token = String(root?.value);
      const statuses: number[] = [];
      for (const client of many) {
        const { status, body } = await exchange(stack(), client, token);
        statuses.push(status);
        token = body.access_token ?? token;
      }
      expect(statuses).toEqual([200, 200, 200, 200, 200, 400, 400]);
      const [narrowing = clients[0] as Credentials] = many;
      let last = 200;
      let length = 0;
      let own = String(root?.value);
      for (; last === 200 && length < 20; length += 1) {
        const { status, body } = await exchange(stack(), narrowing, own);
        last = status;
        own = body.access_token ?? own;
      }
      expect({ last, length }).toEqual({ last: 400, length: 13 });
    });
  });
});
