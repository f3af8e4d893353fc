import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { tokenOfPerson } from '../../api/person-token.ts';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { makeParties } from '../../support/parties.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, startStack, unique } from '../../support/stacks.ts';
import { issuerKey } from '../../support/trusted-issuer.ts';
import { allow, ask, loginClientOf } from '../authorization/support.ts';

const endpoint = '/connect/register';

const metadata = {
  client_name: 'Assistant',
  redirect_uris: ['https://assistant.example/back'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
};

onStack(
  (stack) => {
    /** Sends JSON to the registration endpoint, or below it. */
    const send = async (
      method: string,
      path: string,
      body?: unknown,
      token?: string,
      headers: Record<string, string> = {},
    ) => {
      const response = await fetch(new URL(path, stack().issuer), {
        method,
        headers: {
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && {
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      });
      const text = await response.text();
      const parsed = text === '' ? undefined : JSON.parse(text);
      for (const name of ['registration_access_token', 'client_secret'])
        if (parsed?.[name]) keepSecret(name, parsed[name]);
      return { status: response.status, headers: response.headers, body: parsed };
    };

    const register = (given: unknown = metadata, token?: string) =>
      send('POST', endpoint, given, token);

    const pathOf = ({ registration_client_uri: uri }: { registration_client_uri: string }) =>
      new URL(uri).pathname;

    const newToken = async (given: Record<string, unknown> = {}) => {
      const { body } = await stack().api.call('POST', '/initial-access-tokens', {
        name: 'Deployment',
        ...given,
      });
      keepSecret('initial access token', body.initial_access_token);
      return body;
    };

    test('the metadata names the endpoint', async () => {
      expect((await stack().get('/.well-known/oauth-authorization-server')).body).toHaveProperty(
        'registration_endpoint',
        `${stack().issuer}${endpoint}`,
      );
    });

    test('anyone registers a public client where that is open; a person reads that it registered itself', async () => {
      const { resource, resourceServer } = await makeParties(stack());
      await stack().domain.resources.update(resource, { selfRegisteredPolicy: {} });
      const { status, headers, body } = await register();
      expect(status).toBe(201);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toMatchObject({
        ...metadata,
        client_id: expect.any(String),
        client_id_issued_at: expect.any(Number),
        response_types: ['code'],
        application_type: 'web',
        registration_access_token: expect.stringMatching(/^writ_ra_/),
        registration_client_uri: `${stack().issuer}${endpoint}/${body.client_id}`,
      });
      expect(body).not.toHaveProperty('client_secret');
      const app = loginClientOf(stack(), {
        client: { id: body.client_id, secret: '' },
        name: 'Assistant',
        resource,
        resourceServer,
        redirectUri: 'https://assistant.example/back',
      });
      const { visitor } = await signedIn(stack());
      const begun = app.begin({ scope: 'things:read', resource });
      expect((await ask(visitor, begun)).words).toContain('Registered by itself (not verified by');
      const { body: tokens } = await app.redeem(begun, await allow(visitor, begun));
      expect((await app.introspect(tokens.access_token)).body).toMatchObject({
        active: true,
        client_id: body.client_id,
        aud: resource,
      });
      expect((await visitor.get('/account/connected')).words).toContain(
        'Registered by itself (not verified by',
      );
      const closed = await makeParties(stack());
      const { path } = app.begin({ scope: 'things:read', resource: closed.resource });
      // The person has allowed the client before, so the error goes to it.
      expect((await visitor.get(path)).location).toContain('error=invalid_target');
    });

    describe('with an initial access token of an app', () => {
      const arrange = async (given: { role?: string; max_uses?: number } = {}) => {
        const app = await makeApp(stack());
        const { token, value } = await stack().domain.appInitialAccessTokens.create(
          app.actor,
          app.name,
          {
            name: 'Deployment',
            role: given.role ?? 'Reader',
            maxUses: given.max_uses ?? 5,
            expiresAt: new Date(Date.now() + 3_600_000),
          },
        );
        keepSecret('initial access token', value);
        return { app, token, value };
      };

      const { client_name: _name, ...unnamed } = metadata;

      const refused = { status: 401, body: { error: 'invalid_token' } };

      test('a client is registered in the app, with its role, its rules and its APIs, as often as the token allows', async () => {
        const { resource, resourceServer } = await makeOpenApi(stack());
        const closed = await makeParties(stack());
        const { app, value } = await arrange({ max_uses: 2 });
        const given = { client_name: unique('Importer'), grant_types: ['client_credentials'] };
        const { status, body } = await register(given, value);
        expect(status).toBe(201);
        expect(body).toMatchObject({
          ...given,
          client_id: expect.stringMatching(new RegExp(`^${app.name}:registered-`)),
          client_secret: expect.stringMatching(/^writ_cs_/),
        });
        const client = { id: body.client_id, secret: body.client_secret };
        const issued = await stack().token(client, { resource });
        expect(
          (await stack().introspect(issued.body.access_token, resourceServer)).body,
        ).toMatchObject({
          active: true,
          app: app.name,
          roles: ['Reader'],
        });
        expect(await stack().token(client, { resource: closed.resource })).toMatchObject({
          body: { error: 'invalid_target' },
        });
        const [name = ''] = String(body.client_id).split(':').slice(1);
        const { kind, role } = await stack().domain.appClients.find(app.actor, app.name, name);
        expect([kind, role]).toEqual(['server', 'Reader']);

        const website = await register(unnamed, value);
        expect(website).toMatchObject({
          status: 201,
          body: { token_endpoint_auth_method: 'none' },
        });
        expect(await register(given, value)).toMatchObject(refused);
        const [listed] = await stack().domain.appInitialAccessTokens.list(app.actor, app.name);
        expect(listed).toMatchObject({ uses: 2, max_uses: 2, app: app.name, role: 'Reader' });
        const { items } = await stack().domain.appActivity.page(app.actor, app.name, { limit: 20 });
        expect(items.map(({ action }) => action)).toEqual(
          expect.arrayContaining(['initial_access_token.created', 'initial_access_token.used']),
        );
      });

      test('a registration that apps cannot have is refused, and counts nothing', async () => {
        const { app, value } = await arrange({ max_uses: 1 });
        const { displayName: taken } = await makeApp(stack());
        for (const wrong of [
          { ...unnamed, client_name: taken },
          {
            ...unnamed,
            grant_types: ['authorization_code', 'client_credentials'],
            token_endpoint_auth_method: 'client_secret_basic',
          },
          { ...unnamed, redirect_uris: ['http://elsewhere.example/back'] },
          {
            grant_types: ['client_credentials'],
            token_endpoint_auth_method: 'private_key_jwt',
            jwks_uri: 'https://a.example/k',
          },
          {
            ...unnamed,
            token_endpoint_auth_method: 'client_secret_basic',
            tls_client_certificate_bound_access_tokens: true,
          },
        ])
          expect(await register(wrong, value)).toMatchObject({
            status: 400,
            body: { error: expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/) },
          });
        const [listed] = await stack().domain.appInitialAccessTokens.list(app.actor, app.name);
        expect(listed?.uses).toBe(0);
        expect((await register(unnamed, value)).status).toBe(201);
      });

      test('it ends when it is revoked, when the app is disabled, and when its creator is no longer an Owner', async () => {
        const { domain } = stack();
        const revoked = await arrange();
        const { owner: elsewhere } = await makeApp(stack());
        const foreign = { kind: 'account', accountId: elsewhere.accountId } as const;
        await expect(
          domain.appInitialAccessTokens.revoke(foreign, revoked.app.name, revoked.token.id),
        ).rejects.toMatchObject({ code: 'not_found' });
        await domain.appInitialAccessTokens.revoke(
          revoked.app.actor,
          revoked.app.name,
          revoked.token.id,
        );
        expect(await register(unnamed, revoked.value)).toMatchObject(refused);

        const disabled = await arrange();
        await domain.apps.disable(disabled.app.actor, disabled.app.name);
        expect(await register(unnamed, disabled.value)).toMatchObject(refused);
        await domain.apps.enable(disabled.app.actor, disabled.app.name);
        expect((await register(unnamed, disabled.value)).status).toBe(201);

        const { app, value } = await arrange();
        const second = await app.addMember('Owner');
        const { accountId } = app.owner;
        await domain.appMembers.set({ kind: 'operator' }, app.name, accountId, 'Developer');
        expect(await register(unnamed, value)).toMatchObject(refused);
        await domain.appMembers.set({ kind: 'operator' }, app.name, accountId, 'Owner');
        expect((await register(unnamed, value)).status).toBe(201);
        await domain.appMembers.remove({ kind: 'operator' }, app.name, accountId);
        expect(await register(unnamed, value)).toMatchObject(refused);
        expect(second.accountId).not.toBe(accountId);
      });

      test('one of a person who can change every app works for as long as they can', async () => {
        const { api, domain } = stack();
        const role = unique('relations');
        const scopes = { permissions: [], api_scopes: ['apps:write'] };
        expect((await api.call('PUT', `/roles/${role}`, scopes)).status).toBeLessThan(300);
        const { accountId } = await makePerson(stack(), { roles: [role] });
        const person = await tokenOfPerson(stack(), accountId);
        const app = await makeApp(stack());
        const path = `/apps/${app.name}/initial-access-tokens`;
        const given = { name: 'Deployment', role: 'Reader', max_uses: 9 };
        const { status, body } = await person.api.call('POST', path, given);
        expect(status).toBe(201);
        const value = body.initial_access_token;
        keepSecret('initial access token', value);
        const registered = async () => (await register(unnamed, value)).status;
        const update = (changes: { roles: string[] }) =>
          domain.accounts.update(serverActor, accountId, changes);
        expect(await registered()).toBe(201);
        await update({ roles: [] });
        expect(await registered()).toBe(401);
        await update({ roles: [role] });
        expect(await registered()).toBe(201);
        await domain.accounts.disable(serverActor, accountId);
        expect(await registered()).toBe(401);
      });

      test('its client reads and deletes its registration, but only members of the app change it', async () => {
        const { value } = await arrange();
        const { body } = await register(unnamed, value);
        const { registration_access_token: token, client_id } = body;
        expect((await send('GET', pathOf(body), undefined, token)).status).toBe(200);
        expect(await send('PUT', pathOf(body), { ...unnamed, client_id }, token)).toMatchObject({
          status: 403,
          body: { error: 'access_denied' },
        });
        expect((await send('DELETE', pathOf(body), undefined, token)).status).toBe(204);
        expect(await stack().domain.registry.find(client_id)).toBeUndefined();
      });
    });

    test('no one registers a name that looks like that of a client here, and strangers take none from anyone', async () => {
      const taken = unique('Invoices');
      await stack().api.createClient({ client_name: taken });
      const { status, body } = await register({ ...metadata, client_name: `${taken} ✅` });
      expect([status, body.error]).toEqual([400, 'invalid_client_metadata']);
      const name = unique('Helper');
      const [one, other] = await Promise.all([
        register({ ...metadata, client_name: name }),
        register({ ...metadata, client_name: name }),
      ]);
      expect([one.status, other.status]).toEqual([201, 201]);
      const renamed = await send(
        'PUT',
        pathOf(one.body),
        { ...metadata, client_id: one.body.client_id, client_name: taken },
        one.body.registration_access_token,
      );
      expect([renamed.status, renamed.body.error]).toEqual([400, 'invalid_client_metadata']);
      const owner = await stack().api.call('POST', '/accounts', { name: 'Ada' });
      const app = await stack().api.call('POST', '/apps', {
        display_name: name,
        owner: owner.body.id,
      });
      expect(app.status).toBe(201);
    });

    test('without a token, a client gets no secret, no grant for itself, and nothing that this server would fetch', async () => {
      const { body } = await register({
        ...metadata,
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: [
          'client_credentials',
          'authorization_code',
          'implicit',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ],
        jwks_uri: 'https://assistant.example/keys',
        backchannel_logout_uri: 'https://assistant.example/logout',
        first_party: true,
        access_token_ttl: 1e9,
        roles: ['administrator'],
        resources: [stack().apiResource],
      });
      expect(body).toMatchObject({
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
      });
      for (const name of ['client_secret', 'jwks_uri', 'backchannel_logout_uri', 'first_party'])
        expect(body).not.toHaveProperty(name);
      expect(await stack().domain.registry.find(body.client_id)).toMatchObject({
        roles: [],
        resources: [],
        origin: 'registration',
      });
    });

    test('a token registers as many clients as it is for, also at once, and a failed attempt does not count', async () => {
      const { resource } = await makeParties(stack());
      const { id, initial_access_token: token } = await newToken({
        max_uses: 2,
        resources: [resource],
      });
      expect((await register({ ...metadata, redirect_uris: [] }, token)).status).toBe(400);
      const given = {
        client_name: 'Importer',
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
      };
      const answers = await Promise.all(Array.from({ length: 6 }, () => register(given, token)));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 401, 401, 401, 401]);
      const made = answers.find(({ status }) => status === 201)?.body;
      expect(made).toMatchObject({
        client_secret: expect.stringMatching(/^writ_cs_/),
        client_secret_expires_at: 0,
      });
      const issued = await stack().token({ id: made.client_id, secret: made.client_secret });
      expect(issued.status).toBe(200);
      const refused = answers.find(({ status }) => status === 401);
      expect(refused?.body.error).toBe('invalid_token');
      expect(refused?.headers.get('www-authenticate')).toContain('invalid_token');
      const { items } = (await stack().api.call('GET', '/initial-access-tokens')).body;
      expect(items.find((item: { id: string }) => item.id === id)).toMatchObject({
        uses: 2,
        max_uses: 2,
      });
      const events = await stack().domain.audit.page({ limit: 10, target: id });
      expect(events.items.map(({ action }) => action).sort()).toEqual([
        'initial_access_token.created',
        'initial_access_token.used',
        'initial_access_token.used',
      ]);
    });

    test('a token that is revoked, expired or no such token registers nothing', async () => {
      const revoked = await newToken();
      expect(
        (await stack().api.call('DELETE', `/initial-access-tokens/${revoked.id}`)).status,
      ).toBe(204);
      const expired = await newToken();
      await sql`update initial_access_token set expires_at = now() where id = ${expired.id}::uuid`.execute(
        stack().database.kysely,
      );
      for (const token of [
        revoked.initial_access_token,
        expired.initial_access_token,
        'writ_ia_x',
        '',
      ])
        expect((await register(metadata, token)).body.error).toBe('invalid_token');
    });

    test('where registration is not open, a client without a token is refused', async () => {
      // This domain has the default, which is closed.
      await expect(
        stack().domain.registrations.register(async () => metadata, undefined),
      ).rejects.toMatchObject({ code: 'invalid_token' });
    });

    describe('the registration of a client (RFC 7592)', () => {
      test('is read with its token, and with no other', async () => {
        const [{ body }, { body: other }] = [await register(), await register()];
        const read = await send('GET', pathOf(body), undefined, body.registration_access_token);
        expect(read).toMatchObject({ status: 200, body });
        for (const token of [other.registration_access_token, 'writ_ra_x', undefined])
          expect(await send('GET', pathOf(body), undefined, token)).toMatchObject({
            status: 401,
            body: { error: 'invalid_token' },
          });
        expect(
          (await send('GET', `${endpoint}/unknown`, undefined, body.registration_access_token))
            .status,
        ).toBe(401);
      });

      test('is replaced as a whole, with a new token; the old one ends once the new one is used', async () => {
        const { body } = await register({ ...metadata, client_uri: 'https://assistant.example/' });
        const next = {
          ...metadata,
          client_id: body.client_id,
          client_name: 'Assistant 2',
          redirect_uris: ['https://assistant.example/new'],
        };
        const old = body.registration_access_token;
        const put = await send('PUT', pathOf(body), next, old);
        expect([put.status, put.body]).toEqual([200, expect.objectContaining(next)]);
        expect(put.body).not.toHaveProperty('client_uri');
        const current = put.body.registration_access_token;
        expect(current).not.toBe(old);
        // The response may have been lost.
        expect((await send('GET', pathOf(body), undefined, old)).status).toBe(200);
        expect((await send('GET', pathOf(body), undefined, current)).status).toBe(200);
        expect((await send('GET', pathOf(body), undefined, old)).status).toBe(401);
      });

      test('is not replaced with another client, or with what only this server chooses', async () => {
        const { body } = await register();
        const put = (given: Record<string, unknown>) =>
          send(
            'PUT',
            pathOf(body),
            { ...metadata, client_id: body.client_id, ...given },
            body.registration_access_token,
          );
        for (const given of [
          { client_id: 'other' },
          { client_id: undefined },
          { registration_access_token: 'mine' },
          { registration_client_uri: 'https://assistant.example/' },
          { client_secret_expires_at: 1 },
          { client_id_issued_at: 1 },
          { client_secret: 'mine' },
        ])
          expect(await put(given)).toMatchObject({
            status: 400,
            body: { error: expect.stringMatching(/^invalid_(request|client_metadata)$/) },
          });
        expect((await put({ redirect_uris: ['http://evil.example/'] })).body.error).toBe(
          'invalid_redirect_uri',
        );
        expect(await stack().domain.registry.find(body.client_id)).toMatchObject({
          metadata: { client_name: 'Assistant', redirect_uris: metadata.redirect_uris },
        });
      });

      test('cannot be changed once an administrator has changed it', async () => {
        const { body } = await register();
        await stack().api.call('PATCH', `/clients/${body.client_id}`, { client_name: 'Checked' });
        const put = await send(
          'PUT',
          pathOf(body),
          { ...metadata, client_id: body.client_id },
          body.registration_access_token,
        );
        expect([put.status, put.body.error]).toEqual([403, 'access_denied']);
      });

      test('ends with DELETE, and so does its token; a disabled client cannot manage itself', async () => {
        const { body } = await register();
        expect(
          (await send('DELETE', pathOf(body), undefined, body.registration_access_token)).status,
        ).toBe(204);
        expect(
          (await send('GET', pathOf(body), undefined, body.registration_access_token)).status,
        ).toBe(401);
        const { body: disabled } = await register();
        await stack().api.call('POST', `/clients/${disabled.client_id}/disable`);
        expect(
          (await send('GET', pathOf(disabled), undefined, disabled.registration_access_token))
            .status,
        ).toBe(401);
      });
    });

    test('a client that was never used is removed after 30 days, with its row', async () => {
      const { body } = await register();
      await sql`update client set created_at = now() - interval '31 days' where client_id = ${body.client_id}`.execute(
        stack().database.kysely,
      );
      await stack().domain.unusedClients.delete();
      const { rows } = await sql`select from client where client_id = ${body.client_id}`.execute(
        stack().database.kysely,
      );
      expect(rows).toEqual([]);
      expect(
        (await send('GET', pathOf(body), undefined, body.registration_access_token)).status,
      ).toBe(401);
    });

    test('a client is not removed if a person logs in to it at that moment', async () => {
      const { body } = await register();
      const { kysely } = stack().database;
      await sql`update client set created_at = now() - interval '31 days' where client_id = ${body.client_id}`.execute(
        kysely,
      );
      const { accountId } = await makePerson(stack());
      // One connection does everything in the embedded database, so nothing can come between.
      if (stack().name === 'embedded') return;
      let sweep: Promise<number> | undefined;
      await kysely.transaction().execute(async (transaction) => {
        await sql`insert into oauth_grant (id, account_id, client_id, payload, live_until)
          select gen_random_uuid(), ${accountId}::uuid, id, '{}', now() + interval '1 day'
          from client where client_id = ${body.client_id}`.execute(transaction);
        sweep = stack().domain.unusedClients.delete();
        for (let waits = 0; waits === 0; ) {
          const { rows } = await sql<{ waits: number }>`
            select count(*)::integer as waits from pg_locks where not granted
              and pg_backend_pid() = any (pg_blocking_pids(pid))`.execute(transaction);
          waits = rows[0]?.waits ?? 0;
        }
      });
      await sweep;
      expect(
        (await send('GET', pathOf(body), undefined, body.registration_access_token)).status,
      ).toBe(200);
    });

    describe('a software statement', () => {
      test('of a trusted issuer wins over the other metadata; any other is refused', async () => {
        const key = await issuerKey();
        const issuer = `https://${unique('publisher')}.example`;
        await stack().api.call('POST', '/trusted-issuers', {
          id: unique('publisher'),
          issuer,
          jwks: { keys: [key.jwk] },
          uses: ['software_statements'],
        });
        const statement = (claims: Record<string, unknown> = {}) =>
          key.sign({ iss: issuer, sub: 'assistant', client_name: 'Certified', ...claims });
        const ok = await register({ ...metadata, software_statement: await statement() });
        expect([ok.status, ok.body.client_name]).toEqual([201, 'Certified']);
        for (const [software_statement, error] of [
          ['not a JWT', 'invalid_software_statement'],
          [7, 'invalid_software_statement'],
          [await statement({ iss: 'https://other.example' }), 'unapproved_software_statement'],
          [
            await (await issuerKey()).sign({ iss: issuer, sub: 'x' }),
            'unapproved_software_statement',
          ],
        ] as const)
          expect((await register({ ...metadata, software_statement })).body.error).toBe(error);
      });
    });

    const bad: Record<string, [given: unknown, error: string]> = {
      'no redirect URI': [{ ...metadata, redirect_uris: [] }, 'invalid_redirect_uri'],
      'a redirect URI over http': [
        { ...metadata, redirect_uris: ['http://assistant.example/'] },
        'invalid_redirect_uri',
      ],
      'a redirect URI with a fragment': [
        { ...metadata, redirect_uris: ['https://assistant.example/#a'] },
        'invalid_redirect_uri',
      ],
      'a script as redirect URI': [
        { ...metadata, redirect_uris: ['javascript:alert(1)'] },
        'invalid_redirect_uri',
      ],
      'a wildcard': [
        { ...metadata, redirect_uris: ['https://*.example/'] },
        'invalid_redirect_uri',
      ],
      'redirect URIs that are no list': [
        { ...metadata, redirect_uris: 'https://assistant.example/' },
        'invalid_client_metadata',
      ],
      'numbers as redirect URIs': [{ ...metadata, redirect_uris: [1] }, 'invalid_client_metadata'],
      'too many redirect URIs': [
        {
          ...metadata,
          redirect_uris: Array.from({ length: 51 }, (_, at) => `https://assistant.example/${at}`),
        },
        'invalid_client_metadata',
      ],
      'a name that is a number': [{ ...metadata, client_name: 1 }, 'invalid_client_metadata'],
      'a name that is invisible': [
        { ...metadata, client_name: '\u202e' },
        'invalid_client_metadata',
      ],
      'only unsupported grants': [
        { ...metadata, grant_types: ['implicit'] },
        'invalid_client_metadata',
      ],
      'keys without a token': [
        { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } },
        'invalid_client_metadata',
      ],
      'a home page that is a script': [
        { ...metadata, client_uri: 'javascript:alert(1)' },
        'invalid_client_metadata',
      ],
      'a strange type': [{ ...metadata, application_type: 'spaceship' }, 'invalid_client_metadata'],
      'an algorithm that does not exist': [
        { ...metadata, id_token_signed_response_alg: 'none' },
        'invalid_client_metadata',
      ],
      'a list': [[metadata], 'invalid_client_metadata'],
      null: ['null', 'invalid_client_metadata'],
      'no JSON': ['{', 'invalid_request'],
      'a name twice': ['{"client_name":"a","client_name":"b"}', 'invalid_request'],
      'a character that cannot be stored': [{ ...metadata, client_name: 'a\0' }, 'invalid_request'],
    };

    test.each(Object.entries(bad))(
      'a registration with %s is refused, and stores nothing',
      async (_name, [given, error]) => {
        const count = async () =>
          (
            await sql<{ n: number }>`select count(*)::integer as n from client`.execute(
              stack().database.kysely,
            )
          ).rows[0]?.n;
        const before = await count();
        const { status, body } = await register(given);
        expect([status, body.error]).toEqual([400, error]);
        expect(await count()).toBe(before);
      },
    );

    test('another content type and other methods are refused', async () => {
      const form = await send('POST', endpoint, 'client_name=a', undefined, {
        'Content-Type': 'application/x-www-form-urlencoded',
      });
      expect([form.status, form.body.error]).toEqual([415, 'invalid_request']);
      expect((await send('GET', endpoint)).status).toBe(405);
      const { body } = await register();
      const patch = await send('PATCH', pathOf(body), {}, body.registration_access_token);
      expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, DELETE']);
    });
  },
  { CLIENT_REGISTRATION: 'open' },
);

test('registration that is off is absent, from the metadata as well', async () => {
  const stack = await startStack('embedded', { CLIENT_REGISTRATION: 'off' });
  try {
    expect((await stack.get('/.well-known/openid-configuration')).body).not.toHaveProperty(
      'registration_endpoint',
    );
    const { status } = await fetch(new URL(endpoint, stack.issuer), {
      method: 'POST',
      body: JSON.stringify({ ...metadata, software_id: randomUUID() }),
      headers: { 'Content-Type': 'application/json' },
    });
    expect(status).toBe(404);
  } finally {
    await stack.close();
  }
});
