import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { grantTypes } from '../../../../src/oauth/grant-types.ts';
import { covers } from '../../../../src/oauth/permissions.ts';
import { scopeTokens } from '../../../../src/oauth/scope.ts';
import type { Credentials } from '../../../support/http.ts';
import { logIn } from '../../../support/login.ts';
import { makePerson } from '../../../support/people.ts';
import { onEveryStack, unique } from '../../../support/stacks.ts';
import { type IssuerKey, issuerKey } from '../../../support/trusted-issuer.ts';
import { now } from '../support.ts';
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
  let key: IssuerKey;
  const issuers = ['people', 'programs'].map((kind) => {
    const id = unique(kind);
    return { id, iss: `https://${id}.example`, subject: unique('ada') };
  });

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
    key = await issuerKey();
    const { accountId } = await makePerson(stack(), { roles: ['walker'] });
    for (const [index, { id, iss, subject }] of issuers.entries()) {
      const hasAccounts = index === 0;
      if (hasAccounts) {
        await stack().api.call('POST', '/identity-providers', { id, issuer: iss, client_id: 'x' });
        await stack()
          .database.kysely.insertInto('linked_identity')
          .values({
            provider_id: id,
            issuer: iss,
            subject,
            account_id: accountId,
            email: null,
            username: null,
          })
          .execute();
      }
      const created = await stack().api.call('POST', '/trusted-issuers', {
        id,
        issuer: iss,
        jwks: { keys: [key.jwk] },
        uses: ['token_exchange'],
        ...(hasAccounts && { provider_id: id }),
        rules: [
          {
            name: 'walk',
            claims: { iss: [iss] },
            client: clients[3]?.id,
            scopes: ['things:read', 'things:write'],
            roles: ['walker'],
          },
        ],
      });
      expect(created.status).toBe(201);
    }
  });

  /** What the tokens of trusted issuers can become at most: of a person with an account here, and of a program. */
  const issuedRoots = async (): Promise<Link[]> => {
    const [, , , client] = clients;
    if (!client) throw new Error('no client');
    const links: Link[] = [];
    for (const { iss, subject } of issuers) {
      const exp = now() + 600;
      const value = await key.sign({
        iss,
        sub: subject,
        aud: stack().issuer,
        jti: unique('jti'),
        iat: now(),
        exp,
        scope: 'things:read things:write things:delete',
      });
      const { status, body } = await exchange(stack(), client, value, {
        subject_token_type: tokenTypes.jwt,
        resource: String(resources[1]),
      });
      expect(status).toBe(200);
      const introspected = await introspect(body.access_token);
      expect(introspected.exp).toBeLessThanOrEqual(exp);
      expect(introspected.aud).toBe(resources[1]);
      expect(introspected.scope).toBe('things:read things:write');
      expect(introspected.roles).toEqual(['walker']);
      links.push({
        value: body.access_token,
        type: tokenTypes.accessToken,
        comesFrom: [],
        client,
      });
    }
    return links;
  };

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
            const links = [...(await roots()), ...(await issuedRoots())];
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
