import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { personalClientId } from '../../../config/clients.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import type { NewNamedToken } from '../../../src/domain/tokens/named/insert.ts';
import { parsePublicId, parseToken, type TokenId } from '../../../src/domain/tokens/value.ts';
import { noCertificates } from '../../../src/http/client-certificate.ts';
import { formType } from '../../../src/http/form.ts';
import { tokenExpirationHeader } from '../../../src/http/token-expiration.ts';
import { createAuthenticate } from '../../../src/protocol/client-authentication.ts';
import { createClientForms } from '../../../src/protocol/client-form.ts';
import { createIntrospection } from '../../../src/protocol/introspection.ts';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { type Answer, type Credentials, createHttp } from '../../support/http.ts';
import { makeNamedToken } from '../../support/named-tokens.ts';
import { makeParties, type Parties } from '../../support/parties.ts';
import { makePerson } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { statementsOf } from '../../support/statements.ts';

const operator = { kind: 'operator' } as const;
const inactive = { active: false };
const subject = { type: 'user', id: '42' };

onStack((stack) => {
  const shownTo = async (token: string, asker: Credentials) =>
    (await stack().introspect(token, asker)).body;

  /** A personal access token of a person with a role of their own. */
  const personal = async (
    { resource }: Pick<Parties, 'resource'>,
    more: Partial<NewNamedToken> = {},
  ) => {
    const role = unique('role');
    await stack().api.setRole(role, ['things.own']);
    const { accountId } = await makePerson(stack(), { roles: [role] });
    const made = await makeNamedToken(stack(), {
      kind: 'personal_access_token',
      clientId: personalClientId,
      accountId,
      name: 'backup script',
      scope: ['things:read'],
      resource,
      ...more,
    });
    return { ...made, accountId, role };
  };

  const apiToken = (
    { client, resource, role }: Pick<Parties, 'client' | 'resource'> & { role: string },
    more: Partial<NewNamedToken> = {},
  ) =>
    makeNamedToken(stack(), {
      kind: 'api_token',
      clientId: client.id,
      name: 'laptop of 42',
      scope: ['things:read'],
      resource,
      subject,
      payload: { roles: [role] },
      ...more,
    });

  describe('a personal access token', () => {
    test('shows the resource server of its audience its owner and their current permissions, but not its name', async () => {
      const parties = await makeParties(stack());
      const rar = [{ type: 'thing', identifier: 'a', actions: ['read'] }];
      const { value, id, accountId, role } = await personal(parties, { payload: { rar } });
      expect(await stack().introspect(value, parties.resourceServer)).toMatchObject({
        status: 200,
      });
      expect(await shownTo(value, parties.resourceServer)).toEqual({
        active: true,
        iss: stack().issuer,
        client_id: personalClientId,
        sub: accountId,
        aud: parties.resource,
        scope: 'things:read',
        token_type: 'Bearer',
        roles: [role],
        entitlements: ['things.own'],
        authorization_details: rar,
        iat: expect.any(Number),
        jti: id,
      });
    });

    test.each(['otherResourceServer', 'otherClient'] as const)(
      'is inactive to the %s',
      async (asker) => {
        const parties = await makeParties(stack());
        const { value } = await personal(parties);
        expect(await shownTo(value, parties[asker])).toEqual(inactive);
      },
    );

    test('loses at once what its owner loses with a role, and everything when they are disabled', async () => {
      const parties = await makeParties(stack());
      const { value, accountId } = await personal(parties);
      await stack().domain.accounts.update(serverActor, accountId, { roles: [] });
      expect(await shownTo(value, parties.resourceServer)).toMatchObject({
        active: true,
        roles: [],
        entitlements: [],
      });
      await stack().domain.accounts.disable(serverActor, accountId);
      expect(await shownTo(value, parties.resourceServer)).toEqual(inactive);
      await stack().domain.accounts.enable(serverActor, accountId);
      expect(await shownTo(value, parties.resourceServer)).toEqual(inactive);
    });

    test('can be revoked with its value, as a token of a public client (RFC 7009 §2.1), and by no other client', async () => {
      const parties = await makeParties(stack());
      const { value } = await personal(parties);
      for (const client of [parties.client, parties.resourceServer])
        expect((await stack().revoke(value, client)).status).toBe(200);
      expect(await shownTo(value, parties.resourceServer)).toMatchObject({ active: true });
      const form = { token: value, client_id: personalClientId };
      expect((await stack().post('/connect/revocation', form)).status).toBe(200);
      expect(await shownTo(value, parties.resourceServer)).toEqual(inactive);
    });

    test('cannot be introspected by its holder, because its client is public', async () => {
      const { value } = await personal(await makeParties(stack()));
      const form = { token: value, client_id: personalClientId };
      expect(await stack().post('/connect/introspect', form)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
    });
  });

  describe('an API token', () => {
    test('shows the resource server of its audience its subject, in the words of the backend', async () => {
      const parties = await makeParties(stack());
      const attributes = { plan: 'pro', limits: { seats: 5 }, tags: ['a', 'b'] };
      const rar = [{ type: 'thing', identifier: 'a' }];
      const { value, id } = await apiToken(parties, {
        payload: { attributes, roles: [parties.role], rar },
      });
      const expected = {
        active: true,
        iss: stack().issuer,
        client_id: parties.client.id,
        sub: `${parties.client.id}|user|42`,
        subject,
        name: 'laptop of 42',
        attributes,
        authorization_details: rar,
        aud: parties.resource,
        scope: 'things:read',
        token_type: 'Bearer',
        roles: [parties.role],
        entitlements: ['things.read'],
        iat: expect.any(Number),
        jti: id,
      };
      expect(await shownTo(value, parties.resourceServer)).toEqual(expected);
      expect(await shownTo(value, parties.client)).toEqual(expected);
    });

    test('that was created without scope, roles and attributes has none of its client’s', async () => {
      const parties = await makeParties(stack());
      const { value } = await apiToken(parties, { scope: [], payload: undefined });
      const body = await shownTo(value, parties.resourceServer);
      expect(body).toMatchObject({ active: true, roles: [], entitlements: [] });
      for (const absent of ['scope', 'attributes', 'authorization_details', 'exp', 'app', 'cnf'])
        expect(body).not.toHaveProperty(absent);
    });

    test.each(['otherResourceServer', 'otherClient'] as const)(
      'is inactive to the %s',
      async (asker) => {
        const parties = await makeParties(stack());
        const { value } = await apiToken(parties);
        expect(await shownTo(value, parties[asker])).toEqual(inactive);
      },
    );

    test('has those of its roles that its client still has', async () => {
      const parties = await makeParties(stack());
      const { value } = await apiToken(parties);
      const path = `/clients/${parties.client.id}`;
      await stack().api.call('PATCH', path, { roles: [] });
      expect(await shownTo(value, parties.resourceServer)).toMatchObject({
        active: true,
        roles: [],
        entitlements: [],
      });
      await stack().api.setRole(unique('more'), ['*']);
      await stack().api.call('PATCH', path, { roles: [parties.role] });
      await stack().api.setRole(parties.role, ['things.changed']);
      expect(await shownTo(value, parties.resourceServer)).toMatchObject({
        roles: [parties.role],
        entitlements: ['things.changed'],
      });
    });

    test('does not gain a role that its client got later', async () => {
      const parties = await makeParties(stack());
      const { value } = await apiToken(parties);
      const later = unique('role');
      await stack().api.setRole(later, ['*']);
      await stack().api.call('PATCH', `/clients/${parties.client.id}`, {
        roles: [parties.role, later],
      });
      expect(await shownTo(value, parties.resourceServer)).toMatchObject({
        roles: [parties.role],
        entitlements: ['things.read'],
      });
    });

    test('of an app has the role of its client while the client has it, and is revoked with the app', async () => {
      const app = await makeApp(stack());
      const { resource, resourceServer } = await makeOpenApi(stack());
      const client = await app.addClient({ role: 'Editor' });
      const { value } = await apiToken(
        { client, resource, role: 'Editor' },
        { scope: [], payload: { roles: ['Editor'] } },
      );
      expect(await shownTo(value, resourceServer)).toMatchObject({
        active: true,
        app: app.name,
        roles: ['Editor'],
        entitlements: expect.arrayContaining([expect.any(String)]),
      });
      const name = client.id.split(':')[1] ?? '';
      await stack().domain.appClients.update(operator, app.name, name, { role: 'Reader' });
      expect(await shownTo(value, resourceServer)).toMatchObject({
        active: true,
        app: app.name,
        roles: [],
        entitlements: [],
      });
      await stack().domain.apps.disable(operator, app.name);
      expect(await shownTo(value, resourceServer)).toEqual(inactive);
    });

    test.each([
      ['was disabled', (id: string) => stack().api.call('POST', `/clients/${id}/disable`)],
      ['was deleted', (id: string) => stack().api.call('DELETE', `/clients/${id}`)],
    ])('is inactive at once when its client %s', async (_how, end) => {
      const parties = await makeParties(stack());
      const { value } = await apiToken(parties);
      await end(parties.client.id);
      expect(await shownTo(value, parties.resourceServer)).toEqual(inactive);
    });

    test('is revoked by its client, with its secret, and by no other (RFC 7009 §2.1)', async () => {
      const parties = await makeParties(stack());
      const { value } = await apiToken(parties);
      for (const client of [parties.otherClient, parties.resourceServer])
        expect((await stack().revoke(value, client)).status).toBe(200);
      const wrong = { id: parties.client.id, secret: unique('wrong') };
      expect((await stack().revoke(value, wrong)).status).toBe(401);
      expect(await shownTo(value, parties.resourceServer)).toMatchObject({ active: true });
      expect((await stack().revoke(value, parties.client)).status).toBe(200);
      expect(await shownTo(value, parties.resourceServer)).toEqual(inactive);
    });
  });

  describe.each(['personal_access_token', 'api_token'] as const)('of a %s', (kind) => {
    const make = async (more: Partial<NewNamedToken> = {}) => {
      const parties = await makeParties(stack());
      const made = kind === 'api_token' ? apiToken(parties, more) : personal(parties, more);
      return { ...parties, ...(await made) };
    };
    const lastUsed = async (id: string) =>
      (
        await stack()
          .database.kysely.selectFrom('token')
          .select('last_used_at')
          .where('shelf', '=', 0)
          .where('key', '=', (parsePublicId(id) as TokenId).key)
          .executeTakeFirstOrThrow()
      ).last_used_at;

    /** The fast path accepts the usual content type; all other spellings take the slow path. */
    const ways = [{ 'content-type': formType }, { 'content-type': `${formType};charset="utf-8"` }];
    const answers = (token: string, asker: Credentials): Promise<Answer[]> =>
      Promise.all(
        ways.map((headers) => stack().post('/connect/introspect', { token }, asker, headers)),
      );

    test('that expires, the expiry is in the body and in the header, on both paths', async () => {
      const expiresAt = new Date('2031-03-05T07:08:09.000Z');
      const { value, resourceServer } = await make({ expiresAt });
      for (const { body, headers } of await answers(value, resourceServer)) {
        expect(body).toMatchObject({ active: true, exp: expiresAt.getTime() / 1000 });
        expect(headers.get(tokenExpirationHeader)).toBe('Wed, 05 Mar 2031 07:08:09 GMT');
      }
    });

    test('that never expires, and to clients that do not see it, no expiry is stated', async () => {
      const never = await make();
      const expiring = await make({ expiresAt: new Date('2031-03-05T07:08:09.000Z') });
      const silent = [
        ...(await answers(never.value, never.resourceServer)),
        ...(await answers(expiring.value, expiring.otherResourceServer)),
      ];
      expect(silent.map(({ body }) => body.active)).toEqual([true, true, false, false]);
      for (const { body, headers } of silent) {
        expect(body).not.toHaveProperty('exp');
        expect(headers.has(tokenExpirationHeader)).toBe(false);
      }
    });

    test('that has expired, nothing is stated', async () => {
      const { value, resourceServer } = await make({ expiresAt: new Date(Date.now() - 1000) });
      for (const { text, headers } of await answers(value, resourceServer)) {
        expect(text).toBe('{"active":false}');
        expect(headers.has(tokenExpirationHeader)).toBe(false);
      }
    });

    test('an introspection costs as many statements as one of an access token, and writes nothing', async () => {
      const { value, resourceServer, issue } = await make();
      const accessToken = await issue();
      const sent = (token: string) =>
        statementsOf(stack().database, () => stack().introspect(token, resourceServer));
      expect((await sent(value)).toSorted()).toEqual(['client-lookup', 'token-lookup-0']);
      expect((await sent(accessToken)).toSorted()).toEqual([
        'client-lookup',
        `token-lookup-${parseToken(accessToken)?.id.partition}`,
      ]);
    });

    test('the last use is recorded to the minute when it was found active, and by no other request', async () => {
      const { id, value, resourceServer, otherResourceServer } = await make();
      const { domain, issuer } = stack();
      // A server writes uses once a minute; this one does so on demand.
      const authenticate = createAuthenticate({
        issuer,
        ...domain,
        isFirstUse: async () => true,
        workloads: { identify: () => Promise.reject(new Error('no workload comes here')) },
        remoteKeys: async () => ({ current: () => [], refresh: async () => false }),
        isTrusted: () => false,
      });
      const forms = createClientForms({
        issuer,
        authenticate,
        find: domain.find,
        certificateOf: noCertificates,
      });
      const { fastPath } = createIntrospection({
        issuer,
        trustProxy: 0,
        certificateOf: noCertificates,
        headers: {},
        forms,
        ...domain,
      });
      const server = http.createServer(fastPath((_request, response) => response.destroy()));
      await once(server.listen(0, 'localhost'), 'listening');
      const { port } = server.address() as AddressInfo;
      const ask = (asker: Credentials, type = formType) =>
        createHttp(`http://localhost:${port}`).post(
          '/connect/introspect',
          { token: value },
          asker,
          { 'content-type': type },
        );
      try {
        expect((await ask(otherResourceServer)).body).toEqual(inactive);
        await domain.lastUsed.flush();
        expect(await lastUsed(id)).toBeNull();
        expect((await ask(resourceServer)).body.active).toBe(true);
        // What `fetch` sends takes the fast path, too.
        const byFetch = await ask(resourceServer, `${formType};charset=UTF-8`);
        expect(byFetch.body.active).toBe(true);
        expect(await lastUsed(id)).toBeNull();
        await domain.lastUsed.flush();
        expect((await lastUsed(id))?.getTime()).toBeGreaterThan(Date.now() - 120_000);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  });

  test('an access token of a grant gets no expiry header', async () => {
    const { issue, resourceServer } = await makeParties(stack());
    const { body, headers } = await stack().introspect(await issue(), resourceServer);
    expect(body.exp).toEqual(expect.any(Number));
    expect(headers.has(tokenExpirationHeader)).toBe(false);
  });

  test('an API key is inactive to every client, and its client can revoke it', async () => {
    const { client, resourceServer } = await makeParties(stack());
    const { value } = await makeNamedToken(stack(), {
      kind: 'api_key',
      clientId: client.id,
      name: 'backend',
      scope: ['tokens:read'],
      resource: stack().apiResource,
    });
    for (const asker of [client, resourceServer])
      expect((await stack().introspect(value, asker)).text).toBe('{"active":false}');
    const use = () => stack().get('/api/v1/tokens', { authorization: `Bearer ${value}` });
    expect((await use()).status).not.toBe(401);
    expect((await stack().revoke(value, client)).status).toBe(200);
    expect((await use()).status).toBe(401);
  });
});
